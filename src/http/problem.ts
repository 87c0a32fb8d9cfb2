/**
 * Errors as RFC 9457 problem details. `type` is stable and says what went wrong; `detail` says it for
 * this request, in our own words: never a stack, a driver's message, or a value that was not sent.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const KINDS = {
  'invalid-parameter': [400, 'A parameter is not valid'],
  'invalid-cursor': [400, 'The cursor is not valid for this list'],
  'invalid-token': [401, 'A valid access token is needed'],
  'actor-unknown': [403, 'The source does not know who asks'],
  'not-permitted': [403, 'The role may not do this'],
  'not-found': [404, 'There is nothing at this address'],
  'customer-not-found': [404, 'There is no such customer'],
  'purchase-not-found': [404, 'There is no such purchase'],
  'merge-not-found': [404, 'There is no such merge'],
  'location-not-found': [404, 'There is no such location'],
  'line-not-found': [404, 'The purchase has no such line'],
  'method-not-allowed': [405, 'The method is not allowed here'],
  'already-merged': [409, 'The customer was merged before'],
  'target-merged': [409, 'The customer to merge into was merged before'],
  erased: [409, 'The customer was erased'],
  'others-merged': [409, 'Others were merged into the customer'],
  blocked: [409, 'The customer is blocked'],
  'already-undone': [409, 'The merge was undone before'],
  'stronger-evidence': [409, 'There is stronger evidence for another owner'],
  'not-returnable': [409, 'This can not be returned'],
  'more-than-remains': [409, 'Less is left to be returned'],
  'refund-changed': [409, 'The refund is another than expected'],
  'refund-out-of-range': [409, 'The refund is not within what was paid'],
  'tender-exhausted': [409, 'The original payments can not take the refund'],
  'idempotency-in-progress': [409, 'The first request with this key is still at work'],
  'customer-erased': [410, 'The customer was erased'],
  'body-too-large': [413, 'The body is too large'],
  'uri-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'The body is not JSON'],
  'into-itself': [422, 'A customer can not be merged into itself'],
  'idempotency-key-reused': [422, 'The key was used for another request'],
  'too-many-requests': [429, 'Too much was asked in a short time'],
  'headers-too-large': [431, 'The headers are too large'],
  internal: [500, 'Something went wrong on our side'],
  'changes-not-offered': [501, 'No stream of changes is offered here'],
  'not-yet-consistent': [503, 'The read model has not come to the consistency token yet'],
  'source-busy': [503, 'Others are at work on the same things'],
  'source-unavailable': [503, 'The source can not be reached'],
  'auth-unavailable': [503, 'Access tokens can not be checked now'],
  'read-model-building': [503, 'The read model is being built'],
  'store-unavailable': [503, 'The read store can not be reached'],
  'not-set-up': [503, 'The API is not set up; its log says what is missing'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>

export type ProblemKind = keyof typeof KINDS
export const PROBLEM_KINDS = Object.keys(KINDS) as ProblemKind[]

export function problemType(kind: ProblemKind): string {
  return `urn:purchase-timeline:problem:${kind}`
}

export function problemStatus(kind: ProblemKind): number {
  return KINDS[kind][0]
}

export function problemTitle(kind: ProblemKind): string {
  return KINDS[kind][1]
}

export interface ParameterError {
  parameter: string
  detail: string
}

interface ProblemOptions {
  detail?: string
  errors?: readonly ParameterError[]
  headers?: Record<string, string>
  /** Further members of the body. */
  members?: Record<string, string | number | readonly string[]>
}

/** Thrown anywhere below a route; the app answers with it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly kind: ProblemKind
  readonly options: ProblemOptions

  constructor(kind: ProblemKind, options: ProblemOptions = {}) {
    super(KINDS[kind][1])
    this.kind = kind
    this.options = options
  }

  /** `members` are of this answer, not of the problem. */
  toResponse(members: Record<string, string> = {}): Response {
    const { status, body } = this.toReply(members)
    const headers = {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...this.options.headers,
    }
    return new Response(body, { status, headers })
  }

  /** Status and body alone, to be kept and answered with again. */
  toReply(more: Record<string, string> = {}): { status: number; body: string } {
    const [status, title] = KINDS[this.kind]
    const { detail, errors, members } = this.options
    const body = {
      type: problemType(this.kind),
      title,
      status,
      detail: detail ?? `${title}.`,
      ...(errors && { parameter: errors[0]?.parameter, errors }),
      ...members,
      ...more,
    }
    return { status, body: JSON.stringify(body) }
  }
}

/** A 400 that names each parameter that was refused, in the request's order. */
export function invalidParameters(errors: readonly ParameterError[]): Problem {
  const detail = errors.map((error) => `${error.parameter}: ${error.detail}`).join('; ')
  return new Problem('invalid-parameter', { detail, errors })
}
