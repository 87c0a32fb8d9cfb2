/** From an answer about a customer to a response: cached, validated by ETag, and its age told. */
import type { Answered, AnswerKey, Computed } from '../cache/answer-cache.ts'
import { type Lsn, parseLsn } from '../domain/lsn.ts'
import type { Scope } from '../domain/scope.ts'
import { readAbsence } from '../read/absence.ts'
import type { Answer } from '../read/customer.ts'
import type { ReadSql, RequestScope } from '../read/store.ts'
import { awaitToken, notYetConsistent } from './consistency.ts'
import { type AppContext, requestScope, type Services } from './deps.ts'
import { exactJson } from './json.ts'
import { Problem } from './problem.ts'

const JSON_TYPE = 'application/json'

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
  const request = requestScope(c)
  const atLeast = await awaitToken(c, services)
  const answered = await answerOf(services, request, c.get('principal').scope, endpoint, atLeast)
  const headers = headersOf(answered)
  if (answered.from !== 'stale' && matches(c.req.header('If-None-Match'), answered.etag)) {
    return new Response(null, { status: 304, headers })
  }
  const { body } = answered
  headers['Content-Type'] = JSON_TYPE
  if (endpoint.headers) Object.assign(headers, endpoint.headers(body))
  return new Response(body, { headers })
}

/** The answer by itself, from the cache or the read store. Throws a 404 when what was asked for is not there. */
export async function answerOf<T>(
  services: Services,
  request: RequestScope,
  scope: Scope,
  endpoint: CustomerEndpoint<T>,
  atLeast: Lsn | null = null,
): Promise<Answered> {
  const key = { ...endpoint.key, scope }
  const compute = () => computed(services, request, key, endpoint, atLeast)
  const answered = await services.cache.answer(key, compute, request.waitUntil, atLeast)
  if (!answered.found) throw new Problem(absenceOf(answered.body))
  return answered
}

/** Answers from the read store alone: with what changes without a change of the customer asked for. */
export async function readAnswer(
  c: AppContext,
  services: Services,
  read: (sql: ReadSql) => Promise<{ position: string; body: object }>,
): Promise<Response> {
  const atLeast = await awaitToken(c, services)
  const answer = await services.withDb(requestScope(c), read)
  positionOf(answer, atLeast)
  return jsonResponse(exactJson(answer.body))
}

/** A JSON answer that no cache keeps. */
export function jsonResponse(body: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: { 'Content-Type': JSON_TYPE, 'Cache-Control': 'no-store' },
  })
}

async function computed<T>(
  services: Services,
  request: RequestScope,
  key: AnswerKey,
  { read, members }: CustomerEndpoint<T>,
  atLeast: Lsn | null,
): Promise<Computed> {
  const answer = await services.withDb(request, read)
  if (!answer) return absentCustomer(services, request, key, atLeast)
  const { customerId, mergedFrom, asOf } = answer
  const lsn = positionOf(answer, atLeast)
  const storable = mergedFrom === null
  try {
    const told = { customerId, ...(mergedFrom && { mergedFrom }), ...(await members(answer)), asOf }
    return { body: exactJson(told), found: true, lsn, storable }
  } catch (error) {
    if (!(error instanceof Problem) || !isAbsence(error.kind)) throw error
    return { body: absenceBody(error.kind), found: false, lsn, storable }
  }
}

/** Whose id leads nowhere by way of a merge may appear without a change of that id: this is not stored. */
async function absentCustomer(
  { withDb }: Services,
  request: RequestScope,
  { scope, customerId }: AnswerKey,
  atLeast: Lsn | null,
): Promise<Computed> {
  const absence = await withDb(request, (sql) => readAbsence(sql, scope, customerId))
  const kind: Absence = 'customer-not-found'
  if (!absence) throw new Problem(kind)
  const lsn = positionOf(absence, atLeast)
  return { body: absenceBody(kind), found: false, lsn, storable: true }
}

function positionOf({ position }: { position: string }, atLeast: Lsn | null): Lsn {
  const lsn = parseLsn(position)
  // Another replica, which has not come as far as the one that was asked before.
  if (atLeast !== null && lsn < atLeast) throw notYetConsistent()
  return lsn
}

/** Problems that are answers: what was asked for is not there, as of a position. */
const ABSENCES = ['customer-not-found', 'purchase-not-found'] as const
type Absence = (typeof ABSENCES)[number]

const isAbsence = (kind: string): kind is Absence => ABSENCES.some((absence) => absence === kind)
const absenceBody = (kind: Absence) => `{"absent":"${kind}"}`

function absenceOf(body: string): Absence {
  return ABSENCES.find((kind) => body === absenceBody(kind)) ?? 'customer-not-found'
}

/**
 * Customers' data is for the one who asked, and is asked for again each time. RFC 9211 for those who watch;
 * `Warning` and `Age` on what is stale, which the body says too.
 */
function headersOf({ from, ageMs, etag }: Answered): Record<string, string> {
  const headers: Record<string, string> = {
    'Cache-Control': 'private, no-cache',
    Vary: 'Authorization',
    'Cache-Status': CACHE_STATUS[from],
  }
  if (from !== 'miss') headers.Age = String(Math.floor(ageMs / 1000))
  if (from === 'stale') headers.Warning = '110 purchase-timeline "Response is stale"'
  else headers.ETag = etag
  return headers
}

const CACHE_STATUS = {
  hit: 'purchase-timeline; hit',
  miss: 'purchase-timeline; fwd=miss',
  stale: 'purchase-timeline; hit; detail=stale',
} as const satisfies Record<Answered['from'], string>

/** If-None-Match compares weakly: a `W/` that something on the way put there does not matter. */
export function matches(header: string | undefined, etag: string): boolean {
  if (!header) return false
  return header.split(',').some((given) => {
    const tag = given.trim()
    return tag === '*' || tag.replace(/^W\//, '') === etag
  })
}
