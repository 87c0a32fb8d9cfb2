/** The quick return, from the request to the receipt: what is given back, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { type Body, bodyOf, testApi } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BISTRO, KIM, openShop, put, SHOP } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { Counter, kindOf, staff } from './support/counter.ts'
import { Shop } from './support/shop.ts'

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
  await readSql.end({ timeout: 1 })
  await on.close()
})

interface LineRow {
  qty?: string
  total?: number | bigint
  discount_total?: number
  tax_total?: number
}
interface SaleRow {
  customer?: string | null
  lines?: LineRow[]
  payments?: { method: string; amount: number | bigint; reference?: string | null }[]
  row?: Record<string, string | number | bigint | null>
}

/** A sale of lines of 10.00 each, and its lines; paid by card unless said otherwise. */
async function sell({ customer = null, lines = [{}], payments, row = {} }: SaleRow = {}) {
  const total = lines.reduce((sum, line) => sum + BigInt(line.total ?? 1000), 0n)
  const sale = await shop.sale(customer, {
    ...{ subtotal: total, total, receipt_number: 'R-7' },
    ...row,
  })
  const ids: string[] = []
  for (const [at, line] of lines.entries()) {
    ids.push(await put(on.source, 'sale_line', { sale_id: sale, line_no: at + 1, ...line }))
  }
  for (const payment of payments ?? [{ method: 'card', amount: total, reference: 'AUTH 1' }]) {
    await put(on.source, 'sale_payment', { sale_id: sale, ...payment })
  }
  return { sale, lines: ids as [string, ...string[]] }
}

const some = (lineId: string, qty = 1) => [{ lineId, qty }]
const body = (lines: Body[], more: Body = {}) => ({
  ...{ locationId: SHOP, reason: 'unwanted', refund: 'original', lines },
  ...more,
})

async function takeBack(sale: string, lines: Body[], more: Body = {}, status = 201) {
  return counter.post(`/purchases/${sale}/returns`, body(lines, more), status)
}
const refused = async (...args: Parameters<typeof takeBack>) => kindOf(await takeBack(...args))

test('is a completed return: negative, of the same customer, and read on its token', async () => {
  const ann = await shop.person()
  const { sale, lines } = await sell({
    customer: ann,
    lines: [{ qty: '3.000', total: 1000, tax_total: 160, discount_total: 50 }, {}],
    payments: [
      { method: 'gift_card', amount: 500, reference: 'GC-1' },
      { method: 'card', amount: 1500, reference: 'AUTH 1' },
    ],
  })

  const response = await counter.send('POST', `/purchases/${sale}/returns`, body(some(lines[0])))
  const done = await bodyOf(response, 201)
  const headers = { 'Consistency-Token': response.headers.get('Consistency-Token')! }
  const receipt = await counter.get(`/customers/${ann}/purchases/${done.purchaseId}`, 200, {
    headers,
  })
  const original = await counter.get(`/customers/${ann}/purchases/${sale}`, 200, { headers })

  expect(done).toEqual({
    purchaseId: expect.any(String),
    receiptNumber: 'R-7-R1',
    customerId: ann,
    refund: { amount: 333, currency: 'EUR' },
    payments: [
      { method: 'card', reference: 'AUTH 1', amount: { amount: 250, currency: 'EUR' } },
      { method: 'gift_card', reference: 'GC-1', amount: { amount: 83, currency: 'EUR' } },
    ],
    lines: [
      { lineId: lines[0], qty: 1, refund: { amount: 333, currency: 'EUR' }, remainingQty: 2 },
      { lineId: lines[1], qty: 0, refund: { amount: 0, currency: 'EUR' }, remainingQty: 1 },
    ],
  })
  expect(receipt).toMatchObject({
    ...{ type: 'return', status: 'completed', counted: true, parentPurchaseId: sale },
    total: { amount: -333 },
    tax: { amount: -53 },
    discount: { amount: -17 },
    subtotal: { amount: -297 },
    employee: { id: KIM },
    location: { id: SHOP },
    lines: [{ parentLineId: lines[0], qty: -1, productName: 'Shirt', total: { amount: -333 } }],
  })
  const paid = receipt.payments.map(({ method, amount }: Body) => `${method} ${amount.amount}`)
  expect(paid.sort()).toEqual(['card -250', 'gift_card -83'])
  expect(original.lines.map(({ remainingQty }: Body) => remainingQty)).toEqual([2, 1])
  const [note] = await shop.sql`
    select reason, refund from sale_return where sale_id = ${done.purchaseId}`
  expect(note).toEqual({ reason: 'unwanted', refund: 'original' })
  await on.expectEqual()
})

test('a dry run says the same, and changes nothing', async () => {
  const { sale, lines } = await sell({ lines: [{ qty: '2.000' }] })
  const path = `/purchases/${sale}/returns?dryRun=true`

  const preview = await counter.post(path, body(some(lines[0])), 200, { key: null })
  const done = await takeBack(sale, some(lines[0]), { expectedRefund: preview.refund })

  expect(preview).toEqual({ ...done, purchaseId: null, receiptNumber: null })
  expect(kindOf(await counter.post(path, body(some(lines[0], 2)), 409))).toBe('more-than-remains')
  const returns = await shop.sql`select from sale where parent_sale_id = ${sale}`
  expect(returns).toHaveLength(1)
})

test('never more than remains, and whatever a till took back counts', async () => {
  const { sale, lines } = await sell({ lines: [{ qty: '2.500' }] })
  expect(await refused(sale, some(lines[0], 2.501), {}, 409)).toBe('more-than-remains')
  await takeBack(sale, some(lines[0], 0.5))
  const till = await shop.sale(null, { type: 'return', parent_sale_id: sale, total: -400 })
  const row = { sale_id: till, qty: '-1.000', total: -400, parent_line_id: lines[0] }
  await put(on.source, 'sale_line', row)

  expect(await refused(sale, some(lines[0], 1.001), {}, 409)).toBe('more-than-remains')
  const last = await takeBack(sale, some(lines[0], 1))

  expect(last).toMatchObject({ refund: { amount: 400 }, lines: [{ remainingQty: 0 }] })
  expect(await refused(sale, some(lines[0], 0.001), {}, 409)).toBe('more-than-remains')
  // Voided, a return takes nothing back any more.
  await shop.sql`update sale set status = 'voided' where id = ${last.purchaseId}`
  expect(await takeBack(sale, some(lines[0], 1))).toMatchObject({ receiptNumber: 'R-7-R4' })
})

test('of what was never sold at a till, or does not count, nothing comes back', async () => {
  const { sale, lines } = await sell({ row: { status: 'parked' } })
  expect(await refused(sale, some(lines[0]), {}, 409)).toBe('not-returnable')
  await shop.sql`update sale set status = 'completed', type = 'layaway_completion' where id = ${sale}`
  const back = await takeBack(sale, some(lines[0]))

  const [line] = await shop.sql`select id from sale_line where sale_id = ${back.purchaseId}`
  expect(await refused(back.purchaseId, some(line!.id), {}, 409)).toBe('not-returnable')
  const order = await shop.order(null)
  expect(await refused(order, some(lines[0]), {}, 409)).toBe('not-returnable')
})

test('of an exchange its new goods come back, and not what it took back itself', async () => {
  const { sale, lines } = await sell({
    lines: [{ qty: '-1.000', total: -1000 }, { total: 1000 }],
    payments: [],
    row: { type: 'exchange' },
  })

  expect(await refused(sale, some(lines[0]), {}, 409)).toBe('not-returnable')
  expect(await refused(sale, some(lines[1]!), {}, 409)).toBe('tender-exhausted')
  expect(await takeBack(sale, some(lines[1]!), { refund: 'cash' })).toMatchObject({
    refund: { amount: 1000 },
    payments: [{ method: 'cash', amount: { amount: 1000 } }],
  })
})

test('nobody is given more than was paid: a discount in a line of its own goes along', async () => {
  const { sale, lines } = await sell({ lines: [{}, { total: -300 }] })
  expect(await refused(sale, some(lines[0]), {}, 409)).toBe('refund-out-of-range')
  expect(await refused(sale, some(lines[1]!), {}, 409)).toBe('refund-out-of-range')
  const both = [...some(lines[0]), ...some(lines[1]!)]
  expect(await takeBack(sale, both)).toMatchObject({ refund: { amount: 700 } })
})

test('the refund is computed here: an amount that was expected is only compared', async () => {
  const { sale, lines } = await sell()
  for (const expectedRefund of [
    { amount: 999, currency: 'EUR' },
    { amount: '1001', currency: 'EUR' },
    { amount: 1000, currency: 'USD' },
  ]) {
    expect(await refused(sale, some(lines[0]), { expectedRefund }, 409)).toBe('refund-changed')
  }
  const expectedRefund = { amount: '1000', currency: 'EUR' }
  expect((await takeBack(sale, some(lines[0]), { expectedRefund })).refund.amount).toBe(1000)
})

test('to the original payments no more than each has left; the rest of the money in cash', async () => {
  const { sale, lines } = await sell({
    lines: [{ qty: '4.000', total: 1000 }],
    payments: [
      { method: 'cash', amount: 700, reference: null },
      { method: 'cash', amount: -100, reference: null },
      { method: 'card', amount: 400, reference: 'AUTH 1' },
    ],
  })
  const paid = async (qty: number, refund: string) =>
    (await takeBack(sale, some(lines[0], qty), { refund })).payments.map(
      ({ method, amount }: Body) => `${method} ${amount.amount}`,
    )

  expect(await paid(1, 'original')).toEqual(['card 100', 'cash 150'])
  expect(await paid(2, 'cash')).toEqual(['cash 500'])
  expect(await paid(1, 'original')).toEqual(['card 250'])
})

describe('money of any size and kind', () => {
  const MAX = 2n ** 63n - 1n
  test.each([
    ['JPY', 1000n, '3.000', 1, 333n],
    ['BHD', 1999n, '2.000', 1, 1000n],
    ['EUR', MAX, '3.000', 1, 3074457345618258602n],
    ['EUR', MAX, '1.000', 1, MAX],
    ['EUR', 0n, '2.000', 1, 0n],
  ])('%s %d of which %s were sold', async (currency, total, qty, back, refund) => {
    const { sale, lines } = await sell({ lines: [{ total, qty }], row: { currency } })
    const answer = await counter.send(
      'POST',
      `/purchases/${sale}/returns`,
      body(some(lines[0], back)),
    )

    const text = await answer.text()
    expect(text).toContain(`"refund":{"amount":${refund},"currency":"${currency}"}`)
    const [row] = await shop.sql`
      select total::text, (select coalesce(sum(amount), 0) from sale_payment where sale_id = sale.id)::text as paid
      from sale where parent_sale_id = ${sale}`
    expect(row).toEqual({ total: String(-refund), paid: String(-refund) })
  })
})

describe('at the same moment', () => {
  test('of many counters that take back the same shirts as many succeed as there are shirts', async () => {
    const { sale, lines } = await sell({ lines: [{ qty: '3.000', total: 1000 }] })

    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        counter.send('POST', `/purchases/${sale}/returns`, body(some(lines[0]))),
      ),
    )

    const done = answers.filter(({ status }) => status === 201)
    const refunds = await Promise.all(
      done.map(async (answer) => (await bodyOf(answer, 201)).refund.amount),
    )
    expect(refunds.sort()).toEqual([333, 333, 334])
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(kindOf(await bodyOf(answer, 409))).toBe('more-than-remains')
    }
  })

  test('a till that is writing its return is waited for, and its return seen', async () => {
    for (const byParent of [true, false]) {
      const { sale, lines } = await sell()
      const [isWritten, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const till = on.source.begin(async (tx) => {
        const row = { type: 'return', total: -1000, ...(byParent && { parent_sale_id: sale }) }
        const id = await put(tx, 'sale', row)
        const line = { sale_id: id, qty: '-1.000', total: -1000, parent_line_id: lines[0] }
        await put(tx, 'sale_line', line)
        isWritten.resolve()
        await mayEnd.promise
      })
      await isWritten.promise
      const answer = takeBack(sale, some(lines[0]), {}, 409)
      await untilSomeoneWaits()
      mayEnd.resolve()
      await till

      expect(kindOf(await answer)).toBe('more-than-remains')
    }
  })

  test('a merge and a return wait for each other, and the return is the survivor’s', async () => {
    for (let round = 0; round < 5; round++) {
      const [ann, bea] = [await shop.person(), await shop.person()]
      const { sale, lines } = await sell({ customer: ann })

      const [done] = await Promise.all([takeBack(sale, some(lines[0])), shop.merge(ann, bea)])

      expect(await shop.owners(sale, done.purchaseId)).toEqual([bea, bea])
    }
  })
})

const untilSomeoneWaits = () =>
  until(async () => {
    const rows = await shop.sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    return rows.length > 0
  }, 'nobody waits for a lock')

test('acts only where the token may: a sale or a counter elsewhere is not there', async () => {
  const { sale, lines } = await sell()
  const post = async (locationId: string, purchase: string, locations: unknown) => {
    const sending = { token: await staff({ role: 'cashier', locations }) }
    const path = `/purchases/${purchase}/returns`
    return kindOf(await counter.post(path, body(some(lines[0]), { locationId }), 404, sending))
  }

  expect(await post(BISTRO, sale, [BISTRO])).toBe('purchase-not-found')
  expect(await post(SHOP, crypto.randomUUID(), [SHOP])).toBe('purchase-not-found')
  expect(await post(BISTRO, sale, [SHOP])).toBe('location-not-found')
  expect(await post(crypto.randomUUID(), sale, '*')).toBe('location-not-found')
  expect(await refused(sale, some(crypto.randomUUID()), {}, 404)).toBe('line-not-found')
})

test('goods of a sale that the token sees come back at the counter it acts at', async () => {
  const { sale, lines } = await sell()
  const post = async (visibility: 'chain' | 'masked', locationId: string, status: number) => {
    const sending = { token: await staff({ role: 'cashier', locations: [BISTRO], visibility }) }
    const path = `/purchases/${sale}/returns`
    return counter.post(path, body(some(lines[0]), { locationId }), status, sending)
  }

  expect(kindOf(await post('masked', BISTRO, 404))).toBe('purchase-not-found')
  expect(kindOf(await post('chain', SHOP, 404))).toBe('location-not-found')
  const { purchaseId } = await post('chain', BISTRO, 201)
  const [row] = await shop.sql`select location_id from sale where id = ${purchaseId}`
  expect(row).toEqual({ location_id: BISTRO })
})

test.each([
  ['lines', []],
  ['lines', [some(SHOP)[0], some(SHOP)[0]]],
  ['lines.0.qty', some(SHOP, 0)],
  ['lines.0.qty', some(SHOP, -1)],
  ['lines.0.qty', some(SHOP, 0.0001)],
  ['lines.0.qty', some(SHOP, 1e9)],
  ['lines.0.qty', [{ lineId: SHOP, qty: '1' }]],
  ['lines.0.total', [{ lineId: SHOP, qty: 1, total: 1 }]],
])('a fault in %s is refused', async (parameter, lines) => {
  expect(await takeBack(SHOP, lines, {}, 400)).toMatchObject({ parameter })
})

test.each([
  ['reason', { reason: 'Ann did not like it' }],
  ['refund', { refund: 'voucher' }],
  ['locationId', { locationId: 'here' }],
  ['expectedRefund.amount', { expectedRefund: { amount: 2 ** 53, currency: 'EUR' } }],
  ['expectedRefund.amount', { expectedRefund: { amount: 0.5, currency: 'EUR' } }],
  ['customerId', { customerId: SHOP }],
  ['completedAt', { completedAt: '2020-01-01T00:00:00Z' }],
])('a fault in %s is refused', async (parameter, more) => {
  expect(await takeBack(SHOP, some(SHOP), more, 400)).toMatchObject({ parameter })
})
