import type { ProblemKind } from '../../../client/index.ts'

/** Why there is no answer, by what the person in front of the screen can do about it. */
export type FailureKind =
  | 'offline'
  | 'signed-out'
  | 'forbidden'
  | 'not-found'
  | 'erased'
  | 'refused'
  /** A command that what is there now does not allow: `problem` says why. */
  | 'conflict'
  | 'too-many'
  | 'unavailable'
  /** An act that the device had no way to keep: it was not sent. */
  | 'not-kept'
  | 'broken'

/** What the server said of it; a problem after RFC 9457. */
export interface Problem {
  /** The last word of its `type`: `more-than-remains`. */
  kind: ProblemKind | null
  detail: string | null
  /** The id of what is in the way. */
  culprit: string | null
  /** Finds the fault in the server's log. */
  instance: string | null
}

export class Failure extends Error {
  override readonly name = 'Failure'

  constructor(
    readonly kind: FailureKind,
    /** Seconds after which asking again makes sense, as far as the server has said. */
    readonly retryAfter: number | null = null,
    /** Null where the server did not answer. */
    readonly problem: Problem | null = null,
  ) {
    super(kind)
  }

  /** Whether what was asked for is not, or no longer, to be seen: what one has of it must go. */
  get isLoss(): boolean {
    return this.kind === 'erased' || this.kind === 'not-found' || this.kind === 'forbidden'
  }
}

const KINDS: Record<number, FailureKind> = {
  400: 'refused',
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'erased',
  422: 'conflict',
  429: 'too-many',
  503: 'unavailable',
}

const TYPE_PREFIX = 'urn:purchase-timeline:problem:'

/** From an answer that is a problem. */
export async function failureOf(response: Response): Promise<Failure> {
  const body = (await response.json().catch(() => null)) as Record<string, unknown> | null
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
  return new Failure(
    KINDS[response.status] ?? 'broken',
    Number.isFinite(seconds) ? Math.max(1, seconds) : null,
    problemOf(body ?? {}),
  )
}

function problemOf({ type, detail, culprit, instance }: Record<string, unknown>): Problem {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const kind = text(type)?.startsWith(TYPE_PREFIX) ? text(type)!.slice(TYPE_PREFIX.length) : null
  return {
    kind: kind as ProblemKind | null,
    detail: text(detail),
    culprit: text(culprit),
    instance: text(instance),
  }
}
