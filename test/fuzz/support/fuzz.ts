/** Sends requests of the document's making, and holds every answer against what must never be. */
import fc from 'fast-check'
import { openApiDocument } from '../../../src/http/openapi.ts'
import { OPERATIONS } from '../../../src/http/operations.ts'
import { type Plan, plans, type SentRequest, sentOf } from './requests.ts'
import type { Tenant, World } from './world.ts'

interface FuzzOptions {
  requests: number
  /** The same seed makes the same requests, up to the ids that answers tell. */
  seed: number
  /** Requests under way at once. */
  lanes?: number
}

interface FuzzReport {
  sent: number
  /** How many answers each operation gave of each status, as `getReceipt 200`. */
  answers: Map<string, number>
  /** What must never be, with the request that brought it about; the first few. */
  violations: string[]
}

/** What everybody may see is nobody's. */
const PUBLIC = new Set(OPERATIONS.filter(({ spec }) => !spec.permission).map(({ spec }) => spec.id))
const BATCH = 500
const MOST_VIOLATIONS = 5
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const INSIDES =
  /node_modules|\.ts:\d|\bat \S+ \(\S+:\d|postgres|PostgresError|syntax error|violates|relation "/i

export async function fuzz(world: World, options: FuzzOptions): Promise<FuzzReport> {
  const { requests, seed, lanes = 6 } = options
  const arbitrary = plans(openApiDocument(OPERATIONS.map(({ spec }) => spec)))
  const report: FuzzReport = { sent: 0, answers: new Map(), violations: [] }
  for (let from = 0; from < requests && report.violations.length < MOST_VIOLATIONS; from += BATCH) {
    const batch = fc.sample(arbitrary, {
      seed: seed + from,
      numRuns: Math.min(BATCH, requests - from),
    })
    const lane = async () => {
      for (let plan = batch.pop(); plan; plan = batch.pop()) await one(world, plan, report)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }
  return report
}

async function one({ api, tenants, faults }: World, plan: Plan, report: FuzzReport): Promise<void> {
  const nth = report.sent++
  const [tenant, foreign] = nth % 2 === 0 ? tenants : [tenants[1], tenants[0]]
  const request = sentOf(plan, tenant.tokens[plan.sender], tenant.known, foreign.known)
  const { path, ...init } = request
  try {
    const response = await api.request(path, init)
    const text = await response.text()
    const key = `${plan.operationId} ${response.status}`
    report.answers.set(key, (report.answers.get(key) ?? 0) + 1)
    for (const violation of violationsOf(request, response, text, tenant, foreign))
      throw new Error(violation)
    if (faults.length > 0) throw new Error(`logged as a fault: ${faults.splice(0).join(' ')}`)
    if (response.ok && !PUBLIC.has(plan.operationId)) learn(tenant, path, response, text)
  } catch (error) {
    const { message, cause } = error as Error
    const what = `${message.slice(0, 1_000)} ${cause ?? ''}`
    report.violations.push(`${what}\n  ${JSON.stringify(request).slice(0, 1_500)}`)
  }
}

/** That an answer matches its schema, the API of the tests has seen to already. */
function* violationsOf(
  request: SentRequest,
  { status, headers }: Response,
  text: string,
  tenant: Tenant,
  foreign: Tenant,
): Generator<string> {
  const given = JSON.stringify(request).toLowerCase()
  for (const [id] of given.matchAll(UUID)) tenant.said.add(id)
  const answer = `${text}\n${JSON.stringify([...headers])}`.toLowerCase()
  if (status === 500) yield `a 500: ${text}`
  if (status === 503 && !headers.has('Retry-After')) yield `a 503 without Retry-After: ${text}`
  if (status >= 400 && INSIDES.test(text)) yield `tells of its insides: ${text}`
  if (status >= 400 && headers.get('Content-Type') !== 'application/problem+json')
    yield `no problem: ${headers.get('Content-Type')} ${text}`
  if (answer.includes(foreign.marker) && !given.includes(foreign.marker))
    yield `shows a text of the other chain: ${text}`
  const strange = Object.values(foreign.known.ids)
    .flat()
    .find((id) => answer.includes(id) && !tenant.said.has(id))
  if (strange) yield `shows the other chain's ${strange}: ${text}`
}

const MOST_KNOWN = 3_000

/** What later requests may use. */
function learn({ known }: Tenant, path: string, { headers }: Response, text: string): void {
  const note = (list: string[], value: string | null | undefined) => {
    if (value && list.length < MOST_KNOWN && !list.includes(value)) list.push(value)
  }
  const [, into] = /^\/customers\/([0-9a-f-]{36})\/merges/i.exec(path) ?? []
  const [, mergeId] = /"mergeId":"([0-9a-f-]{36})"/.exec(text) ?? []
  const nth = into ? known.ids.customer.indexOf(into.toLowerCase()) : -1
  if (mergeId && nth >= 0) known.ids.merge[nth] = mergeId
  note(known.cursors, /"next":"([\w-]+)"/.exec(text)?.[1])
  note(known.etags, headers.get('ETag'))
  note(known.tokens, headers.get('Consistency-Token'))
}
