/**
 * Errors as RFC 9457 problem details. `type` is stable and says what went wrong; `detail` says it for
 * this request, in our own words: never a stack, a driver's message, or a value that was not sent.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const KINDS = {
  'invalid-parameter': [400, 'A parameter is not valid'],
  'invalid-cursor': [400, 'The cursor is not valid for this list'],
  'invalid-token': [401, 'A valid access token is needed'],
  'not-found': [404, 'There is nothing at this address'],
  'customer-not-found': [404, 'There is no such customer'],
  'purchase-not-found': [404, 'There is no such purchase'],
  'method-not-allowed': [405, 'The method is not allowed here'],
  internal: [500, 'Something went wrong on our side'],
  'read-model-building': [503, 'The read model is being built'],
  'store-unavailable': [503, 'The read store can not be reached'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>

export type ProblemKind = keyof typeof KINDS
export const PROBLEM_KINDS = Object.keys(KINDS) as ProblemKind[]

export function problemType(kind: ProblemKind): string {
  return `urn:purchase-timeline:problem:${kind}`
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
  members?: Record<string, string | number>
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

  toResponse(): Response {
    const [status, title] = KINDS[this.kind]
    const { detail, errors, headers, members } = this.options
    const body = {
      type: problemType(this.kind),
      title,
      status,
      detail: detail ?? `${title}.`,
      ...(errors && { parameter: errors[0]?.parameter, errors }),
      ...members,
    }
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        ...headers,
      },
    })
  }
}

/** A 400 that names each parameter that was refused, in the request's order. */
export function invalidParameters(errors: readonly ParameterError[]): Problem {
  const detail = errors.map((error) => `${error.parameter}: ${error.detail}`).join('; ')
  return new Problem('invalid-parameter', { detail, errors })
}
