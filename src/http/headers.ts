/**
 * What every answer says to a browser, which origins' pages may read one, and how much a request may
 * bring before anything looks at it.
 */
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './deps.ts'
import { Problem } from './problem.ts'

const MAX_URL_LENGTH = 8_192
/** Names and values together. A token with two hundred locations has about ten thousand. */
const MAX_HEADERS_LENGTH = 32_768

/** An answer here is data for programs: a browser may not render, frame, sniff or embed it. */
const SECURITY = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
})
/** What a route, the staff app's page, or the page of an origin that is let in, may have otherwise. */
const UNLESS_OTHERWISE = Object.entries({
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
})
const HSTS = 'max-age=63072000; includeSubDomains'

/** Puts the security headers on the answer to a request for this address. */
export function secure(headers: Headers, url: string): void {
  for (const [name, value] of SECURITY) headers.set(name, value)
  for (const [name, value] of UNLESS_OTHERWISE) if (!headers.has(name)) headers.set(name, value)
  if (url.startsWith('https:')) headers.set('Strict-Transport-Security', HSTS)
}

/** Refuses an address or headers that no client of this API has a reason to send. */
export function sized(): MiddlewareHandler<AppEnv> {
  return async function size(c, next) {
    if (c.req.url.length > MAX_URL_LENGTH) throw new Problem('uri-too-long')
    let length = 0
    c.req.raw.headers.forEach((value, name) => {
      length += name.length + value.length
    })
    if (length > MAX_HEADERS_LENGTH) throw new Problem('headers-too-large')
    await next()
  }
}

const ALLOWED_METHODS = 'GET, HEAD, POST, DELETE'
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, Consistency-Token, If-None-Match, traceparent, X-Request-Id'
const EXPOSED_HEADERS =
  'Age, Cache-Status, Consistency-Token, ETag, Idempotency-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, traceparent'
const PREFLIGHT_SECONDS = '600'

/**
 * CORS for the pages of these origins, compared as whole texts. Any other origin gets what a request
 * without one gets: its browser then keeps the answer from the page. There are no cookies here, so no
 * page can act for its visitor.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler<AppEnv> {
  const allowed = new Set(origins)
  return async function cors(c, next) {
    const origin = c.req.header('Origin')
    if (origin === undefined || !allowed.has(origin)) return next()
    if (c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method')) {
      c.res = new Response(null, { status: 204 })
      c.res.headers.set('Access-Control-Allow-Methods', ALLOWED_METHODS)
      c.res.headers.set('Access-Control-Allow-Headers', ALLOWED_HEADERS)
      c.res.headers.set('Access-Control-Max-Age', PREFLIGHT_SECONDS)
    } else {
      await next()
      c.res.headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS)
    }
    c.res.headers.set('Access-Control-Allow-Origin', origin)
    c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
    c.res.headers.append('Vary', 'Origin')
  }
}
