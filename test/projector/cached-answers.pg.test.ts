/**
 * What the projector must raise beside the floor of whose purchase has changed. A receipt shows other
 * purchases, too: where it came from, what was brought back of it, whose order it settled. And that
 * somebody or something is not there is an answer as well.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { NoStore } from '../../src/cache/no-store.ts'
import { formatLsn } from '../../src/domain/lsn.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { Projection } from './support/projection.ts'
import { BUSINESS, openShop, put, ringUp, ringUpIn, serve } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection
let readSql: ReadSql
let cached: TestApi
let uncached: TestApi
let token: string
const store = new MemoryStore()
const customers: Record<string, string> = {}
/** Receipts that were asked for since the test began. */
const receipts = new Set<string>()
let began = '0/0'
const seen = { hits: 0, asked: 0 }

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  for (const name of ['ann', 'bea', 'cleo']) customers[name] = await put(on.source, 'customer')
  await on.live({ floors: store })
  readSql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 2, onnotice() {} }) as ReadSql
  cached = testApi(readSql, { store })
  uncached = testApi(readSql, { store: new NoStore() })
  token = await tokenFor({ business: BUSINESS })
})
afterAll(async () => {
  await readSql.end({ timeout: 1 })
  await on.close()
})

/** The answer without the moment that it is of. */
async function toldBy(api: TestApi, path: string) {
  const response = await api.get(path, token)
  await api.settled()
  const { asOf, traceId, ...told } = (await response.json()) as Record<string, unknown>
  const hit = response.headers.get('Cache-Status')?.includes('hit') ?? false
  return { told, hit, status: response.status }
}

/** Every receipt that anybody has, or had: the cache says what the read store says, twice. */
async function expectTrueReceipts() {
  await on.caughtUp()
  await until(
    async () => (await on.read`select 1 from cache_outbox limit 1`).length === 0,
    'the floors are raised',
  )
  const sales = await on.read<{ customer: string; id: string }[]>`
    select customer_id::text as customer, purchase_id::text as id from purchase_timeline
    where customer_id is not null and lsn > ${began}::text::pg_lsn`
  for (const { customer, id } of sales) receipts.add(`/customers/${customer}/purchases/${id}`)
  for (const path of receipts) {
    const truth = await toldBy(uncached, path)
    for (let again = 0; again < 2; again += 1) {
      const { hit, ...answer } = await toldBy(cached, path)
      expect({ path, ...answer }).toEqual({ path, told: truth.told, status: truth.status })
      seen.asked += 1
      if (hit) seen.hits += 1
    }
  }
}

const lineOf = async (sale: string) =>
  (await on.source<{ id: string }[]>`select id from sale_line where sale_id = ${sale} limit 1`)[0]!
    .id

/** A return of one piece of this sale; a guest's unless `row` says whose. */
async function bringBack(parent: string, row: Record<string, string> = {}): Promise<string> {
  const parentLine = await lineOf(parent)
  return on.source.begin(async (tx) => {
    const id = await put(tx, 'sale', {
      type: 'return',
      parent_sale_id: parent,
      subtotal: -100,
      total: -100,
      ...row,
    })
    await put(tx, 'sale_line', { sale_id: id, qty: '-0.250', parent_line_id: parentLine })
    return id
  }) as Promise<string>
}

const steps: [name: string, work: (sale: string, other: string) => Promise<unknown>][] = [
  ['a guest brings something back', (sale) => bringBack(sale)],
  ['another customer does', (sale) => bringBack(sale, { customer_id: customers.bea! })],
  [
    'a return is voided, and counts again',
    async (sale) => {
      const back = await bringBack(sale)
      await expectTrueReceipts()
      await on.source`update sale set status = 'voided' where id = ${back}`
      await expectTrueReceipts()
      await on.source`update sale set status = 'completed' where id = ${back}`
    },
  ],
  [
    'a line of a return changes',
    async (sale) => {
      const back = await bringBack(sale)
      await expectTrueReceipts()
      await on.source`update sale_line set qty = -0.5 where sale_id = ${back}`
    },
  ],
  [
    'a return turns out to be of another sale, in the transaction that made that one',
    async (sale) => {
      const back = await bringBack(sale)
      await expectTrueReceipts()
      await on.source.begin(async (tx) => {
        const fresh = await ringUpIn(tx, { customer_id: customers.cleo! })
        await tx`update sale set parent_sale_id = ${fresh} where id = ${back}`
      })
    },
  ],
  [
    'a return moves from one sale to another',
    async (sale, other) => {
      const back = await bringBack(sale)
      await expectTrueReceipts()
      await on.source`update sale set parent_sale_id = ${other} where id = ${back}`
    },
  ],
  [
    'a return is deleted',
    async (sale) => {
      const back = await bringBack(sale)
      await expectTrueReceipts()
      await on.source.begin(async (tx) => {
        await tx`delete from sale_line where sale_id = ${back}`
        await tx`delete from sale where id = ${back}`
      })
    },
  ],
  [
    'the sale is voided that a return of another is of',
    async (sale) => {
      await bringBack(sale, { customer_id: customers.bea! })
      await expectTrueReceipts()
      await on.source`update sale set status = 'voided' where id = ${sale}`
    },
  ],
  [
    'the sale has moved to another customer before a guest brings something back',
    async (sale) => {
      await on.source`update sale set customer_id = ${customers.cleo!} where id = ${sale}`
      await expectTrueReceipts()
      await bringBack(sale)
    },
  ],
  [
    'the sale moves in the transaction that brings something back',
    async (sale) => {
      await expectTrueReceipts()
      const parentLine = await lineOf(sale)
      await on.source.begin(async (tx) => {
        const back = await put(tx, 'sale', { type: 'return', parent_sale_id: sale, total: -100 })
        await put(tx, 'sale_line', { sale_id: back, qty: '-0.125', parent_line_id: parentLine })
        await tx`update sale set customer_id = ${customers.bea!} where id = ${sale}`
      })
    },
  ],
  [
    'a sale is shown at last that nobody could place, when a return of it is long there',
    async (sale) => {
      await on.source`update sale set completed_at = 'infinity' where id = ${sale}`
      await bringBack(sale, { customer_id: customers.bea! })
      await expectTrueReceipts()
      await on.source`update sale set completed_at = '2026-03-01 12:00:00+00' where id = ${sale}`
    },
  ],
  [
    'the guests of an order are counted anew that a sale of another customer settled',
    async () => {
      const order = await serve(on.source, { customer_id: customers.bea!, guest_count: 2 })
      await ringUp(on.source, { customer_id: customers.ann!, order_id: order })
      await expectTrueReceipts()
      await on.source`update "order" set guest_count = 3 where id = ${order}`
    },
  ],
  [
    'a customer is deleted, whose purchases become guests’',
    async (sale) => {
      const gone = await put(on.source, 'customer')
      await on.source`update sale set customer_id = ${gone} where id = ${sale}`
      await bringBack(sale, { customer_id: customers.bea! })
      await expectTrueReceipts()
      await on.source`delete from customer where id = ${gone}`
    },
  ],
]

for (const [name, work] of steps) {
  test(`no receipt is old when ${name}`, async () => {
    began = formatLsn(await emitMark(on.source))
    receipts.clear()
    const [sale, other] = [
      await ringUp(on.source, { customer_id: customers.ann! }),
      await ringUp(on.source, { customer_id: customers.cleo! }),
    ]
    await expectTrueReceipts()

    await work(sale, other)

    await expectTrueReceipts()
  })
}

test('nobody is told for long that a customer is not there, or a purchase, who has come', async () => {
  const [stranger, unknown] = [crypto.randomUUID(), crypto.randomUUID()]
  const summary = `/customers/${stranger}/purchase-summary`
  const receipt = `/customers/${customers.ann}/purchases/${unknown}`
  for (const path of [summary, receipt]) receipts.add(path)
  await expectTrueReceipts()
  expect((await toldBy(cached, summary)).status).toBe(404)
  expect((await toldBy(cached, receipt)).status).toBe(404)

  await put(on.source, 'customer', { id: stranger })
  await ringUp(on.source, { id: unknown, customer_id: customers.ann! })

  await expectTrueReceipts()
  expect((await toldBy(cached, summary)).status).toBe(200)
  expect((await toldBy(cached, receipt)).status).toBe(200)
})

test('and most of them came from the cache', () => {
  expect(seen.hits).toBeGreaterThan(seen.asked / 2)
})
