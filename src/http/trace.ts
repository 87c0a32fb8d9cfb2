/**
 * Which request this is, for whoever follows one through several systems: W3C Trace Context, and the id
 * that the client gave it. Both go out with the answer, into problem bodies and into log lines.
 */
import type { MiddlewareHandler } from 'hono'
import { hexOf } from '../domain/hex.ts'
import type { AppEnv } from './deps.ts'

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
  const [, version, given, flags, rest] = TRACEPARENT.exec(traceparent ?? '') ?? []
  const theirs = version !== '00' || rest === undefined ? given : undefined
  const traceId = theirs ?? randomHex(16)
  return {
    traceId,
    spanId: randomHex(8),
    sampled: theirs !== undefined && (Number.parseInt(flags!, 16) & 1) === 1,
    requestId: requestId && REQUEST_ID.test(requestId) ? requestId : traceId,
  }
}

/** Sets `trace` for all that follows, and says it in the answer. */
export function traced(): MiddlewareHandler<AppEnv> {
  return async function trace(c, next) {
    const trace = traceOf(c.req.header('traceparent'), c.req.header('X-Request-Id'))
    c.set('trace', trace)
    await next()
    const { traceId, spanId, sampled, requestId } = trace
    c.res.headers.set('traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`)
    c.res.headers.set('X-Request-Id', requestId)
  }
}

function randomHex(bytes: number): string {
  return hexOf(crypto.getRandomValues(new Uint8Array(bytes)))
}
