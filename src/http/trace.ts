/**
 * Which request this is, for whoever follows one through several systems: W3C Trace Context, and the id
 * that the client gave it. Both go out with the answer, into problem bodies and into log lines.
 */
import { hexOf } from '../domain/hex.ts'

export interface Trace {
  /** 32 hex digits: the client's trace, or a new one. */
  traceId: string
  /** 16 hex digits: this request's part in it. */
  spanId: string
  /** Whether the client records the trace. A trace that starts here is not recorded. */
  sampled: boolean
  requestId: string
}

/** Version 00, or a later one that starts alike; neither id may be all zeros, nor the version ff. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/
/** What can go into a header and a log line as it is. */
const REQUEST_ID = /^[\w.:/+=-]{1,64}$/

/** The trace that these headers stand for; what is malformed counts as not sent. */
export function traceOf(traceparent: string | undefined, requestId: string | undefined): Trace {
  const theirs = traceparent === undefined ? null : contextOf(traceparent)
  const random = hexOf(crypto.getRandomValues(new Uint8Array(24)))
  const traceId = theirs?.traceId ?? random.slice(16)
  return {
    traceId,
    spanId: random.slice(0, 16),
    sampled: theirs?.sampled ?? false,
    requestId: requestId && REQUEST_ID.test(requestId) ? requestId : traceId,
  }
}

function contextOf(traceparent: string): Pick<Trace, 'traceId' | 'sampled'> | null {
  const [, version, traceId, flags, rest] = TRACEPARENT.exec(traceparent) ?? []
  if (!traceId || (version === '00' && rest !== undefined)) return null
  return { traceId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 }
}

/** Says it in the answer. */
export function sayTrace(headers: Headers, { traceId, spanId, sampled, requestId }: Trace): void {
  headers.set('traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`)
  headers.set('X-Request-Id', requestId)
}
