/** Why there is no answer, by what the person in front of the screen can do about it. */
export type FailureKind =
  | 'offline'
  | 'signed-out'
  | 'forbidden'
  | 'not-found'
  | 'erased'
  | 'refused'
  | 'too-many'
  | 'unavailable'
  | 'broken'

export class Failure extends Error {
  override readonly name = 'Failure'

  constructor(
    readonly kind: FailureKind,
    /** Seconds after which asking again makes sense, as far as the server has said. */
    readonly retryAfter: number | null = null,
    /** Finds the fault in the server's log. */
    readonly instance: string | null = null,
  ) {
    super(kind)
  }
}

const KINDS: Record<number, FailureKind> = {
  400: 'refused',
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  410: 'erased',
  429: 'too-many',
  503: 'unavailable',
}

/** From an answer that is a problem. */
export async function failureOf(response: Response): Promise<Failure> {
  const problem = (await response.json().catch(() => null)) as { instance?: unknown } | null
  const instance = typeof problem?.instance === 'string' ? problem.instance : null
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
  return new Failure(
    KINDS[response.status] ?? 'broken',
    Number.isFinite(seconds) ? Math.max(1, seconds) : null,
    instance,
  )
}
