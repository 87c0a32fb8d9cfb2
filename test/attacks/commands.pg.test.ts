/** Attacks 17 to 20 of the list in security.md, with money: replayed, doubled, misdirected and forged returns. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { Counter, kindOf, staff } from '../command/support/counter.ts'
import { Shop } from '../command/support/shop.ts'
import { type Body, bodyOf, testApi } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BISTRO, openShop, put, SHOP } from '../projector/support/till.ts'

let on: Projection
let shop: Shop
let counter: Counter
let readSql: ReadSql

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  await on.live()
  readSql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 2, onnotice() {} }) as ReadSql
  counter = await Counter.open(shop, testApi(readSql, { sourceUrl: on.sourceUrl }))
})
afterAll(async () => {
  await on.expectEqual()
  await readSql.end({ timeout: 1 })
  await on.close()
})

/** A sale of one line, and the request that takes some of it back. */
async function sell(customer: string | null = null, qty = '1.000') {
  const sale = await shop.sale(customer)
  const line = await put(on.source, 'sale_line', { sale_id: sale, qty })
  await put(on.source, 'sale_payment', { sale_id: sale })
  const path = `/purchases/${sale}/returns`
  const body = (more: Body = {}) => ({
    ...{ locationId: SHOP, reason: 'unwanted', refund: 'cash', lines: [{ lineId: line, qty: 1 }] },
    ...more,
  })
  return { sale, line, path, body }
}

async function refundedOf(sale: string): Promise<number> {
  const [row] = await shop.sql<{ refunded: number }[]>`
    select coalesce(-sum(total), 0)::int as refunded from sale where parent_sale_id = ${sale}`
  return row!.refunded
}
const totalsOf = async (customer: string, token: string) => {
  const headers = { 'Consistency-Token': token }
  return (await counter.get(`/customers/${customer}/purchase-summary`, 200, { headers })).totals
}

test('attack 17: a key replayed in any way gives money back once', async () => {
  const { sale, path, body } = await sell(null, '4.000')
  const key = 'x'.repeat(255)
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => counter.send('POST', path, body(), { key })),
  )
  // Where so many wait for one another, some may be told to come again.
  for (const { status } of answers) expect([201, 409, 503]).toContain(status)
  expect(await refundedOf(sale)).toBe(250)
  const first = await counter.post(path, body(), 201, { key })

  const more = { lines: [{ ...body().lines[0]!, qty: 3 }] }
  expect(kindOf(await counter.post(path, body(more), 422, { key }))).toBe('idempotency-key-reused')
  expect(await counter.post(path, body(), 400, { key: null })).toMatchObject({ status: 400 })
  expect(await counter.post(path, body(), 400, { key: `${key}x` })).toMatchObject({ status: 400 })
  await shop.sql`update idempotency_key set created_at = now() - interval '29 days' where key = ${key}`
  expect(await counter.post(path, body(), 201, { key })).toEqual(first)
  expect(await refundedOf(sale)).toBe(250)

  // Who has seen a colleague's key learns nothing by it.
  const lee = await put(shop.sql, 'employee', { display_name: 'Lee', role: 'cashier' })
  const token = await staff({ employee: lee, role: 'cashier', locations: [BISTRO] })
  const stolen = await counter.send('POST', path, body(), { key, token })
  expect(kindOf(await bodyOf(stolen, 404))).toBe('purchase-not-found')
  expect(stolen.headers.has('Idempotency-Replayed')).toBe(false)
})

test('attack 18: of two devices that took the same shirt back offline one needs attention', async () => {
  const ann = await shop.person()
  const { sale, line, path, body } = await sell(ann)

  const answers = await Promise.all(
    ['device-1', 'device-2'].map((key) => counter.send('POST', path, body(), { key })),
  )

  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  const refused = answers.find(({ status }) => status === 409)!
  expect(await bodyOf(refused, 409)).toMatchObject({
    ...{ type: expect.stringMatching(/more-than-remains$/), culprit: line },
  })
  expect(await refundedOf(sale)).toBe(1000)
  const headers = { 'Consistency-Token': refused.headers.get('Consistency-Token')! }
  const receipt = await counter.get(`/customers/${ann}/purchases/${sale}`, 200, { headers })
  expect(receipt.lines[0].remainingQty).toBe(0)
})

test('attack 19: a return follows its sale: to the survivor, to nobody once erased, to a guest’s new owner', async () => {
  const [ann, bea, gone] = [await shop.person(), await shop.person(), await shop.person()]
  const [merged, erased, guests] = [await sell(ann), await sell(gone), await sell(null, '2.000')]
  await shop.merge(ann, bea)
  await shop.erase(gone)

  expect(await counter.post(merged.path, merged.body())).toMatchObject({ customerId: bea })
  const ofNobody = await counter.post(erased.path, erased.body())
  expect(ofNobody.customerId).toBeNull()
  const early = await counter.post(guests.path, guests.body())
  expect(early.customerId).toBeNull()
  await shop.attribute(guests.sale, bea)
  const response = await counter.send('POST', guests.path, guests.body())
  expect(await bodyOf(response, 201)).toMatchObject({ customerId: bea, refund: { amount: 500 } })

  expect(await shop.owners(ofNobody.purchaseId, early.purchaseId)).toEqual([null, null])
  const token = response.headers.get('Consistency-Token')!
  const [totals] = await totalsOf(ann, token)
  expect(totals).toMatchObject({ orderCount: 2, returnCount: 2, net: 500, refunded: 1500 })
  const left = await shop.sql`
    select from access_audit a join sale s on s.id = a.purchase_id
    where a.customer_id = ${gone} and a.action = 'returnPurchase'`
  expect(left).toHaveLength(0)
})

test('attack 20: what a device has tampered with is computed anew here, or refused', async () => {
  const { sale, line, path, body } = await sell()
  const lines = (more: Body) => ({ lines: [{ lineId: line, qty: 1, ...more }] })
  const refused = async (more: Body, status: number) =>
    kindOf(await counter.post(path, body(more), status))

  expect(await refused({ expectedRefund: { amount: 5000, currency: 'EUR' } }, 409)).toBe(
    'refund-changed',
  )
  expect(await refused(lines({ qty: 2 }), 409)).toBe('more-than-remains')
  expect(await refused({ locationId: crypto.randomUUID() }, 404)).toBe('location-not-found')
  expect(await refused(lines({ lineId: crypto.randomUUID() }), 404)).toBe('line-not-found')
  for (const more of [
    lines({ total: 5000 }),
    lines({ unitPrice: { amount: 5000, currency: 'EUR' } }),
    { refundAmount: 5000 },
    { businessId: crypto.randomUUID() },
    { customerId: crypto.randomUUID() },
    { employeeId: crypto.randomUUID() },
    { completedAt: '2020-01-01T00:00:00Z' },
  ]) {
    expect(await refused(more, 400)).toBe('invalid-parameter')
  }
  const token = await staff({ business: crypto.randomUUID(), employee: null })
  expect(kindOf(await counter.post(path, body(), 403, { token }))).toBe('actor-unknown')
  expect(await refundedOf(sale)).toBe(0)

  // A device's clock decides nothing.
  const headers = { Date: new Date(Date.now() - 2 * 86_400_000).toUTCString() }
  const done = await counter.post(path, body(), 201, { headers })
  const [row] = await shop.sql`
    select completed_at between now() - interval '1 minute' and now() as now from sale
    where id = ${done.purchaseId}`
  expect(row).toEqual({ now: true })
})

test('attack 20: another chain’s purchase, line and location are not there', async () => {
  const theirs = crypto.randomUUID()
  await shop.sql`insert into business (id, name, default_currency, timezone)
    values (${theirs}, 'Others', 'EUR', 'UTC')`
  const place = { business_id: theirs, name: 'There', region: 'N', timezone: 'UTC', kind: 'retail' }
  const there = await put(shop.sql, 'location', place)
  const row = { business_id: theirs, location_id: there, employee_id: null }
  const sale = await put(shop.sql, 'sale', row)
  const line = await put(shop.sql, 'sale_line', { business_id: theirs, sale_id: sale })
  const ours = await sell()

  const foreign = { lines: [{ lineId: line, qty: 1 }] }
  const path = `/purchases/${sale}/returns`
  expect(kindOf(await counter.post(path, ours.body(foreign), 404))).toBe('purchase-not-found')
  expect(kindOf(await counter.post(ours.path, ours.body(foreign), 404))).toBe('line-not-found')
  expect(kindOf(await counter.post(ours.path, ours.body({ locationId: there }), 404))).toBe(
    'location-not-found',
  )
  const attribution = { customerId: await shop.person(), evidence: 'proven' }
  const answer = await counter.post(`/purchases/${sale}/attribution`, attribution, 404)
  expect(kindOf(answer)).toBe('purchase-not-found')
})
