/** Types and statuses that nobody here knows, and values that are missing: in the copy and in the stream. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { Projection } from './support/projection.ts'
import { openShop, put, ringUp, SHOP, serve } from './support/till.ts'

let on: Projection

beforeEach(async () => {
  on = await Projection.open()
  // A POS of other words: nothing there checks what ours checks.
  await on.source.unsafe(`
    alter table sale drop constraint sale_type, drop constraint sale_status, alter currency drop not null;
    alter table "order" drop constraint order_type, drop constraint order_status;
    alter table customer drop constraint customer_status, drop constraint customer_merged_into;
    alter table location drop constraint location_kind`)
  await openShop(on.source)
})
afterEach(() => on.close())

/** One of each, and how to put it right. */
async function writeUnknowns(): Promise<{ purchases: string[]; mend(): Promise<void> }> {
  const customer = await put(on.source, 'customer', { name: 'Nora Normal', status: 'vip' })
  await on.source`update location set kind = 'kiosk' where id = ${SHOP}`
  const purchases = [
    await ringUp(on.source, { type: 'gift_card', customer_id: customer }, 2),
    await ringUp(on.source, { status: 'refunded', customer_id: customer }, 2),
    await ringUp(on.source, { currency: null, customer_id: customer }, 2),
    await serve(on.source, { type: 'drive_in', customer_id: customer }, 2),
    await serve(on.source, { status: 'paid', customer_id: customer }, 2),
  ]
  return {
    purchases,
    async mend() {
      await on.source`update sale set type = 'sale' where type = 'gift_card'`
      await on.source`update sale set status = 'completed', currency = 'EUR'`
      await on.source`update "order" set type = 'dine_in', status = 'closed'`
      await on.source`update customer set status = 'active'`
      await on.source`update location set kind = 'retail' where id = ${SHOP}`
    },
  }
}

const REASONS = [
  'customer.status is "vip", which is none of active, merged, blocked, erased',
  'location.kind is "kiosk", which is none of retail, restaurant',
  'order.status is "paid", which is none of open, closed, cancelled',
  'order.type is "drive_in", which is none of dine_in, takeaway, delivery',
  'sale.currency has no value',
  'sale.status is "refunded", which is none of draft, parked, completed, voided',
  'sale.type is "gift_card", which is none of sale, return, exchange, layaway_completion',
]

test('TRUNCATE of the sales makes no order countable that was not', async () => {
  await on.live()
  const order = await serve(on.source, { type: 'drive_in' })
  await ringUp(on.source, { order_id: order })

  await on.source`truncate sale cascade`

  await on.expectEqual()
  expect(await on.purchase(order)).toMatchObject({ listed: false, counted: false })
})

for (const when of ['before the first copy', 'while the stream runs'])
  test(`unknown values written ${when} are dead letters, and heal when the source puts them right`, async () => {
    if (when !== 'before the first copy') await on.live()
    const { purchases, mend } = await writeUnknowns()
    if (when === 'before the first copy') await on.live()

    await on.expectEqual()
    const letters = await on.deadLetters()
    expect(letters.map(({ reason }) => reason).sort()).toEqual(REASONS)
    for (const id of purchases)
      expect(await on.purchase(id)).toMatchObject({ listed: false, counted: false })
    expect(await on.read`select 1 from customer_metrics`).toHaveLength(0)
    expect(await on.read`select 1 from customer_card`).toHaveLength(0)

    await mend()

    await on.expectEqual()
    for (const id of purchases)
      expect(await on.purchase(id)).toMatchObject({ listed: true, counted: true, item_count: 2 })
    expect(await on.read`select 1 from customer_card`).toHaveLength(1)
    expect(await on.read`select 1 from location_card`).toHaveLength(2)
    const [sums] =
      await on.read`select order_count, net from customer_metrics where location_id = ${SHOP}`
    expect(sums).toEqual({ order_count: 3, net: '3000' })
    expect(await on.deadLetters()).toHaveLength(REASONS.length)
  })
