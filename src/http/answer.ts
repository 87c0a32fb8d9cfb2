/** From an answer about a customer to a response: cached, validated by ETag, and its age told. */
import type { Answered, AnswerKey, Computed } from '../cache/answer-cache.ts'
import { type Lsn, parseLsn } from '../domain/lsn.ts'
import type { Answer } from '../read/customer.ts'
import type { ReadSql } from '../read/store.ts'
import { awaitToken, notYetConsistent } from './consistency.ts'
import { type AppContext, requestScope, type Services } from './deps.ts'
import { exactJson } from './json.ts'
import { Problem } from './problem.ts'

/** Customers' data is for the one who asked, and is asked for again each time. */
const PRIVATE = { 'Cache-Control': 'private, no-cache', Vary: 'Authorization' }
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** How one endpoint about a customer reads and says its answer. */
export interface CustomerEndpoint<T> {
  key: Omit<AnswerKey, 'scope'>
  read: (sql: ReadSql) => Promise<Answer<T> | null>
  /** The members of the body between `customerId` and `asOf`. */
  members: (answer: Answer<T>) => object | Promise<object>
  /** Headers that come of the body, which may be one from the cache. */
  headers?: (body: string) => Record<string, string>
}

/** Answers from the cache or the read store; 404 when the tenant has no such customer. */
export async function cachedAnswer<T>(
  c: AppContext,
  services: Services,
  endpoint: CustomerEndpoint<T>,
): Promise<Response> {
  const key = { ...endpoint.key, scope: c.var.principal.scope }
  const scope = requestScope(c)
  const atLeast = await awaitToken(c, services)
  const compute = () => computed(services, scope, endpoint, atLeast)
  const answered = await services.cache.answer(key, compute, scope.waitUntil, atLeast)
  const headers = { ...PRIVATE, ...ageHeaders(answered), ...etagHeaders(answered) }
  if (answered.from !== 'stale' && matches(c.req.header('If-None-Match'), answered.etag)) {
    return new Response(null, { status: 304, headers })
  }
  const { body } = answered
  return new Response(body, { headers: { ...JSON_TYPE, ...headers, ...endpoint.headers?.(body) } })
}

/** Answers from the read store alone. */
export async function uncachedAnswer<T>(
  c: AppContext,
  services: Services,
  endpoint: Omit<CustomerEndpoint<T>, 'key'>,
): Promise<Response> {
  const atLeast = await awaitToken(c, services)
  const { body } = await computed(services, requestScope(c), endpoint, atLeast)
  return jsonResponse(body)
}

/** Answers from the read store with what is about no one customer. */
export async function searchedAnswer(
  c: AppContext,
  services: Services,
  read: (sql: ReadSql) => Promise<object>,
): Promise<Response> {
  await awaitToken(c, services)
  return jsonResponse(exactJson(await services.withDb(requestScope(c), read)))
}

/** A JSON answer that no cache keeps. */
export function jsonResponse(body: string, status = 200): Response {
  return new Response(body, { status, headers: { ...JSON_TYPE, 'Cache-Control': 'no-store' } })
}

async function computed<T>(
  services: Services,
  scope: ReturnType<typeof requestScope>,
  { read, members }: Omit<CustomerEndpoint<T>, 'key'>,
  atLeast: Lsn | null,
): Promise<Computed> {
  const answer = await services.withDb(scope, read)
  if (!answer) throw new Problem('customer-not-found')
  const { customerId, mergedFrom, asOf, position } = answer
  // Another replica, which has not come as far as the one that was asked before.
  if (atLeast !== null && parseLsn(position) < atLeast) throw notYetConsistent()
  const body = exactJson({
    customerId,
    ...(mergedFrom && { mergedFrom }),
    ...(await members(answer)),
    asOf,
  })
  return { body, lsn: parseLsn(position), storable: mergedFrom === null }
}

/** RFC 9211 for those who watch; `Warning` and `Age` on what is stale, which the body says too. */
function ageHeaders({ from, ageMs }: Answered): Record<string, string> {
  const cache = 'purchase-timeline'
  if (from === 'miss') return { 'Cache-Status': `${cache}; fwd=miss` }
  const age = { Age: String(Math.floor(ageMs / 1000)) }
  if (from === 'hit') return { ...age, 'Cache-Status': `${cache}; hit` }
  return {
    ...age,
    'Cache-Status': `${cache}; hit; detail=stale`,
    Warning: '110 purchase-timeline "Response is stale"',
  }
}

function etagHeaders({ from, etag }: Answered): Record<string, string> {
  return from === 'stale' ? {} : { ETag: etag }
}

/** If-None-Match compares weakly: a `W/` that something on the way put there does not matter. */
export function matches(header: string | undefined, etag: string): boolean {
  if (!header) return false
  return header.split(',').some((given) => {
    const tag = given.trim()
    return tag === '*' || tag.replace(/^W\//, '') === etag
  })
}
