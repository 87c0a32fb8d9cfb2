/** That the hot statements stay on their indexes, and a late page costs what the first one costs. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { type Scope, scopeOf } from '../../src/domain/scope.ts'
import { type ListFilters, type Position, readPage } from '../../src/read/list.ts'
import { searchPurchases } from '../../src/read/purchase-search.ts'
import { readOwnedReceipt, readReceipt } from '../../src/read/receipt.ts'
import { searchCustomers } from '../../src/read/search.ts'
import { readSpending } from '../../src/read/spending.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { readSuggestions } from '../../src/read/suggestions.ts'
import { readSummary } from '../../src/read/summary.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const MANY = 20_000
let model: ReadModel
let sql: ReadSql
let sent: { query: string; parameters: unknown[] }[] = []
let scope: Scope
let narrow: Scope
let customerId: string
let twinId: string
let purchaseId: string
let otherId: string

beforeAll(async () => {
  model = await ReadModel.create()
  sql = postgres(model.url, {
    ...READ_CLIENT_OPTIONS,
    max: 1,
    debug: (_connection, query, parameters) => sent.push({ query, parameters }),
  })
  const businessId = makeId('biz')
  const locationId = await model.location(businessId)
  scope = await scopeOf(businessId, '*')
  narrow = await scopeOf(businessId, [locationId])
  customerId = await model.customer(businessId, { name: 'Anna Zet', externalRef: 'A-1' })
  twinId = await model.customer(businessId, { email: '12345@Example.com' })
  const others = await Promise.all(Array.from({ length: 50 }, () => model.customer(businessId)))
  otherId = others[1]!
  const at = { businessId, locationId }
  const time = (n: number) => new Date(1_500_000_000_000 + n * 60_000).toISOString()
  const ids = await model.purchases(
    Array.from({ length: MANY }, (_, n) => ({
      ...at,
      customerId: n % 2 === 0 ? customerId : others[n % 50]!,
      occurredAt: time(n),
      receiptNumber: `R-${n}`,
    })),
  )
  purchaseId = ids[0]!
  await model.owner`insert into customer_card (customer_id, business_id, external_ref, name, phone, email, status)
    select gen_random_uuid(), ${businessId}, 'R' || n, 'Name' || n || ' Surname', '+44 20 ' || n,
      n || '@example.com', 'active'
    from generate_series(10000, 20000) n`
  await model.owner`vacuum analyze`
}, BOOT_MS)
afterAll(async () => {
  await sql.end()
  await model.drop()
})

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}

/** The generic plan of the statement that `read` sends, which the API's pool asks for. */
async function planOf(read: () => Promise<unknown>): Promise<{ nodes: Node[]; blocks: number }> {
  sent = []
  await read()
  const { query, parameters } = sent.find((one) => one.query.includes('read_model'))!
  const plan = await model.sql.begin(async (begun) => {
    await begun`set local plan_cache_mode = 'force_generic_plan'`
    await begun.unsafe(`prepare statement as ${query}`)
    const values = parameters.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(', ')
    const [row] = await begun.unsafe(
      `explain (analyze, buffers, format json) execute statement(${values})`,
    )
    await begun`deallocate statement`
    return row!['QUERY PLAN'][0].Plan as Node
  })
  const nodes: Node[] = []
  const visit = (node: Node) => {
    nodes.push(node)
    for (const child of node.Plans ?? []) visit(child)
  }
  visit(plan)
  return { nodes, blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] }
}

const none: ListFilters = { from: null, to: null, kind: null, saleType: null, locationId: null }
const page = (filters: Partial<ListFilters> = {}, after: Position | null = null, by = scope) =>
  readPage(sql, by, customerId, { ...none, ...filters }, after, 25)

describe('the list', () => {
  const day = '2017-07-20T00:00:00.000000Z'
  const deep = { occurredAt: day, purchaseId: 'ffffffff-ffff-4fff-bfff-ffffffffffff' }
  test.each([
    ['without filters', () => page()],
    ['on a late page', () => page({}, deep)],
    ['in a period', () => page({ from: day, to: '2017-07-21T00:00:00.000000Z' })],
    ['by kind', () => page({ kind: 'order' })],
    ['by sale type', () => page({ saleType: 'return' }, deep)],
    ['by location', () => page({ locationId: makeId('none') })],
    ['in a scope', () => page({}, null, narrow)],
  ] as [string, () => Promise<unknown>][])('%s walks its index', async (_name, read) => {
    const { nodes } = await planOf(read)

    const timeline = nodes.filter((node) => node['Index Name'] === 'purchase_timeline_list_idx')
    expect(timeline).toHaveLength(1)
    expect(timeline[0]!['Index Cond']).toContain('ROW(occurred_at, purchase_id) < ROW(')
    expect(timeline[0]!['Index Cond']).toContain('occurred_at >= ')
    expect(timeline[0]!['Index Cond']).toContain('customer_id = ')
    expect(scansOf(nodes, 'purchase_timeline')).toEqual([])
  })

  test('reads no more for its last page than for its first', async () => {
    const first = await planOf(() => page())
    const late = { ...deep, occurredAt: '2017-07-14T12:00:00.000000Z' }
    const last = await planOf(() => page({}, late))

    expect(last.blocks).toBeLessThanOrEqual(first.blocks * 1.3)
    expect(first.blocks).toBeLessThan(250)
  })

  test('reads no more for a page in the middle of a period than for its first', async () => {
    const to = '2017-07-25T00:00:00.000000Z'
    const first = await planOf(() => page({ to }))
    const next = await planOf(() => page({ to }, deep))

    expect(next.blocks).toBeLessThanOrEqual(first.blocks * 1.3)
  })
})

test('summary and receipt find their rows by key', async () => {
  const summary = await planOf(() => readSummary(sql, scope, customerId))
  const receipt = await planOf(() => readReceipt(sql, scope, customerId, purchaseId))
  const owned = await planOf(() => readOwnedReceipt(sql, scope, purchaseId))

  for (const { nodes, blocks } of [receipt, owned]) {
    expect(scansOf(nodes, 'purchase_timeline')).toEqual([])
    expect(blocks).toBeLessThan(30)
  }
  expect(summary.blocks).toBeLessThan(30)
})

test('spending is summed from the customer’s own rows, which the index of the list finds', async () => {
  const { nodes } = await planOf(() => readSpending(sql, scope, otherId))

  expect(scansOf(nodes, 'purchase_timeline')).toEqual([])
  const indexes = nodes.flatMap((node) => node['Index Name'] ?? [])
  expect(indexes).toContain('purchase_timeline_list_idx')
})

const search = (query: string) => (begun: ReadSql) => searchCustomers(begun, scope, query)
type LookUp = (begun: ReadSql) => Promise<{ value: unknown[] } | null>
const LOOK_UPS: [what: string, table: string, index: string, lookUp: LookUp][] = [
  ['a name', 'customer_card', 'customer_card_to_tsvector_idx', search('name12345 sur')],
  ['a phone number', 'customer_card', 'customer_card_business_id_reverse_idx', search('20 12345')],
  ['a reference', 'customer_card', 'customer_card_business_id_lower_idx', search('r12345')],
  [
    'who has the same e-mail address',
    'customer_card',
    'customer_card_business_id_lower_idx1',
    (begun) => readSuggestions(begun, scope, twinId),
  ],
  [
    'a receipt number',
    'purchase_timeline',
    'purchase_timeline_receipt_idx',
    (begun) => searchPurchases(begun, scope, 'r-12345'),
  ],
  [
    'a receipt number in a scope',
    'purchase_timeline',
    'purchase_timeline_receipt_idx',
    (begun) => searchPurchases(begun, narrow, 'r-12345'),
  ],
]
test.each(LOOK_UPS)('looks for %s in its index', async (_what, table, index, lookUp) => {
  const relations = await model.owner<{ name: string; oid: string }[]>`
    select relname as name, oid from pg_class
    where relnamespace = (select max(oid) from pg_namespace where nspname like 'generation%')
      and relname in (${table}, ${index})`
  const scansIn = async (begun: ReadSql) => {
    const counts = await begun<{ oid: string; scans: number }[]>`
      select oid, pg_stat_get_xact_numscans(oid)::int as scans
      from unnest(${`{${relations.map(({ oid }) => oid).join()}}`}::oid[]) oid`
    return Object.fromEntries(
      relations.map(({ name, oid }) => [name, counts.find((one) => one.oid === oid)!.scans]),
    )
  }

  const [found, scans] = await model.sql.begin(async (begun) => {
    const found = await lookUp(begun as never)
    return [found!.value.length, await scansIn(begun as never)] as const
  })

  expect(found).toBe(1)
  expect(scans[index]).toBeGreaterThan(0)
  // Of a table, its sequential scans alone are counted.
  expect(scans[table]).toBe(0)
})

test.each([
  ['the summary', () => readSummary(sql, scope, customerId)],
  ['the spending', () => readSpending(sql, scope, customerId)],
  ['a page', () => page()],
  ['a receipt', () => readReceipt(sql, scope, customerId, purchaseId)],
  ['a receipt whoever’s it is', () => readOwnedReceipt(sql, scope, purchaseId)],
  ['the purchases of a number', () => searchPurchases(sql, scope, 'R-1')],
] as [string, () => Promise<unknown>][])('%s is one statement', async (_what, read) => {
  sent = []
  await read()

  expect(sent).toHaveLength(1)
  expect(sent[0]!.query).toContain(`set_config('pt.business_id', $1, true)`)
})

function scansOf(nodes: Node[], table: string): string[] {
  return nodes
    .filter((node) => node['Relation Name'] === table && node['Node Type'] === 'Seq Scan')
    .map((node) => `${node['Node Type']} on ${table}`)
}
