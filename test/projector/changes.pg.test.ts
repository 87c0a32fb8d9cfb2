/** Every kind of change, through a real slot. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Projection, type PurchaseLine } from './support/projection.ts'
import { openShop, put, ringUp, ringUpMany, SHOP, serve } from './support/till.ts'

let on: Projection
const linesOf = async (id: string) => ((await on.purchase(id))?.lines ?? []) as PurchaseLine[]
/** Text that does not compress below TOAST's limit. */
const longName = () => Buffer.from(crypto.getRandomValues(new Uint8Array(9_000))).toString('base64')

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  await on.live()
})
afterAll(() => on.close())

test('a sale with its lines and payments is there as it was written', async () => {
  const ann = await put(on.source, 'customer')

  const id = await ringUp(on.source, { customer_id: ann, receipt_number: 'R-1' }, 2)

  await on.expectEqual()
  expect(await on.purchase(id)).toMatchObject({
    customer_id: ann,
    location_id: SHOP,
    receipt_number: 'R-1',
    item_count: 2,
    total: '1000',
    at: '2026-01-02 09:01:00.000001+00',
  })
})

test('an update of another column keeps a product name that TOAST does not send again', async () => {
  const id = await ringUp(on.source, {}, 0)
  const name = longName()
  const line = await put(on.source, 'sale_line', { sale_id: id, product_name: name })
  await on.caughtUp()

  await on.source`update sale_line set qty = 3, total = 3000 where id = ${line}`

  await on.expectEqual()
  expect((await linesOf(id)).map((tuple) => [tuple[4], tuple[10]])).toEqual([[name, '3.000']])
})

test('a line moves to another sale, and takes a long name along', async () => {
  const from = await ringUp(on.source, {}, 1)
  const to = await ringUp(on.source, {}, 1)
  const name = longName()
  const line = await put(on.source, 'sale_line', { sale_id: from, line_no: 9, product_name: name })
  await on.caughtUp()

  await on.source`update sale_line set sale_id = ${to} where id = ${line}`

  await on.expectEqual()
  expect(await linesOf(from)).toHaveLength(1)
  expect((await linesOf(to)).at(-1)?.slice(0, 5)).toEqual([line, '9', null, null, name])
})

test('a sale gets another id, alone or with its lines in one statement', async () => {
  const alone = await put(on.source, 'sale')
  const whole = await ringUp(on.source, {}, 2)
  const [next, following] = [crypto.randomUUID(), crypto.randomUUID()]
  await on.caughtUp()

  await on.source`update sale set id = ${next} where id = ${alone}`
  await on.source`
    with s as (update sale set id = ${following} where id = ${whole}),
      p as (update sale_payment set sale_id = ${following} where sale_id = ${whole})
    update sale_line set sale_id = ${following} where sale_id = ${whole}`

  await on.expectEqual()
  expect(await on.purchase(alone)).toBeUndefined()
  expect(await on.purchase(next)).toBeDefined()
  expect(await linesOf(following)).toHaveLength(2)
})

test('a statement that writes lines before their sale is no different', async () => {
  const id = crypto.randomUUID()

  await on.source`
    with s as (
      insert into sale (id, business_id, location_id, type, status, currency, subtotal, total)
      select ${id}, business_id, id, 'sale', 'completed', 'EUR', 1, 1 from location where id = ${SHOP})
    insert into sale_line (business_id, sale_id, line_no, product_name, qty, unit_price, total)
    select business_id, ${id}, 1, 'Shirt', 1, 1, 1 from location where id = ${SHOP}`

  await on.expectEqual()
  expect(await linesOf(id)).toHaveLength(1)
  expect(await on.deadLetters()).toHaveLength(0)
})

test('a deleted line leaves its sale, a deleted sale leaves altogether', async () => {
  const id = await ringUp(on.source, {}, 2)
  const gone = await ringUp(on.source, {}, 2)
  await on.caughtUp()

  await on.source`delete from sale_line where sale_id = ${id} and line_no = 1`
  await on.source`delete from sale where id = ${gone}`

  await on.expectEqual()
  expect(await linesOf(id)).toHaveLength(1)
  expect(await on.purchase(gone)).toBeUndefined()
})

test('an order is one purchase with the sale that settles it, and its voided items do not count', async () => {
  const ann = await put(on.source, 'customer')
  const order = await serve(on.source, { customer_id: ann }, 3)
  await on.caughtUp()

  await on.source`
    update order_item set voided_at = now() where order_id = ${order} and line_no = 1`
  await on.source`
    update order_item set comped_at = now() where order_id = ${order} and line_no = 2`
  await ringUp(on.source, { customer_id: ann, order_id: order })

  await on.expectEqual()
  expect(await on.purchase(order)).toMatchObject({ listed: false, counted: false, item_count: 1 })
})

test('a column added to a source table while the stream runs changes nothing', async () => {
  const before = await ringUp(on.source)

  await on.source`alter table sale add column note text default 'none'`
  const after = await ringUp(on.source, { note: 'gift' })
  await on.source`alter table sale_line drop column bundle_ref, add column bundle_ref text`
    .then(() => expect.unreachable())
    .catch((error) => expect(error.code).toBe('2BP01'))

  await on.expectEqual()
  expect(await on.purchase(before)).toBeDefined()
  expect(await on.purchase(after)).toBeDefined()
})

test('TRUNCATE of the lines empties the receipts, TRUNCATE of the sales takes them away', async () => {
  const ann = await put(on.source, 'customer')
  const order = await serve(on.source, { customer_id: ann })
  const id = await ringUp(on.source, { customer_id: ann, order_id: order, type: 'return' })
  await on.source`update sale_line set qty = -1 where sale_id = ${id}`
  await ringUpMany(on.source, 150, 1, ann)
  await on.expectEqual()

  await on.source`truncate sale_line`
  await on.expectEqual()
  expect(await on.purchase(id)).toMatchObject({ lines: [], item_count: 0, refunded: '0' })

  await on.source.begin(async (tx) => {
    await put(tx, 'sale', { customer_id: ann })
    await tx`truncate sale cascade`
    await put(tx, 'sale', { customer_id: ann })
  })
  await on.expectEqual()
  expect(await on.purchase(order)).toMatchObject({ listed: true, counted: true })
  const [row] = await on.read`select count(*)::int as n from purchase_timeline where kind = 'sale'`
  expect(row?.n).toBe(1)
})
