/** Whose a purchase is, over HTTP: who may say so, how sure it is, and what is kept of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Body } from '../http/support/api.ts'
import { BISTRO, KIM, SHOP } from '../projector/support/till.ts'
import { Counter, kindOf, staff } from './support/counter.ts'
import { Shop } from './support/shop.ts'

let shop: Shop
let counter: Counter

beforeAll(async () => {
  shop = await Shop.open()
  counter = await Counter.open(shop)
})
afterAll(() => shop.close())

async function say(purchase: string, customerId: string | null, more: Body = {}, status = 200) {
  const { token, ...rest } = more
  const body = { customerId, evidence: 'confirmed', ...rest }
  return counter.post(`/purchases/${purchase}/attribution`, body, status, token && { token })
}
const recordsOf = (purchase: string) => shop.sql`
  select purchase_kind as kind, from_customer_id as "from", to_customer_id as "to", evidence, note,
    attributed_by as by
  from purchase_attribution where purchase_id = ${purchase} order by id`

test('a guest’s receipt finds its customer, and who said so is kept', async () => {
  const ann = await shop.person()
  const sale = await shop.sale(null)

  expect(await say(sale, ann, { evidence: 'suggested', note: ' Same card ' })).toEqual({
    ...{ purchaseId: sale, kind: 'sale', formerCustomerId: null, formerEvidence: null },
    ...{ customerId: ann, evidence: 'suggested' },
  })
  expect(await say(sale, ann, { evidence: 'proven' })).toMatchObject({
    ...{ formerCustomerId: ann, formerEvidence: 'suggested', evidence: 'proven' },
  })

  expect(await shop.owner(sale)).toBe(ann)
  expect([...(await recordsOf(sale))]).toEqual([
    { kind: 'sale', from: null, to: ann, evidence: 'suggested', note: 'Same card', by: KIM },
    { kind: 'sale', from: ann, to: ann, evidence: 'proven', note: null, by: KIM },
  ])
})

test('an order and the sales that settle it are put down together', async () => {
  const ann = await shop.person()
  const order = await shop.order(null)
  const sale = await shop.sale(null, { order_id: order })

  await say(sale, ann)

  expect(await shop.owners(order, sale)).toEqual([ann, ann])
  expect((await recordsOf(order))[0]).toMatchObject({ kind: 'order', to: ann })
})

describe('weaker evidence', () => {
  test('does not stand against stronger, unless it says so', async () => {
    const [ann, bea] = [await shop.person(), await shop.person()]
    const sale = await shop.sale(null)
    await say(sale, ann, { evidence: 'proven' })

    for (const to of [bea, ann, null]) {
      expect(kindOf(await say(sale, to, {}, 409))).toBe('stronger-evidence')
    }
    expect(await shop.owner(sale)).toBe(ann)
    expect(await say(sale, bea, { overrule: true })).toMatchObject({
      ...{ formerEvidence: 'proven', evidence: 'confirmed', customerId: bea },
    })
    expect(await say(sale, ann, { evidence: 'confirmed' })).toMatchObject({ customerId: ann })
  })

  test('is compared through merges, and not with what a till has changed since', async () => {
    const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
    const sale = await shop.sale(null)
    await say(sale, ann, { evidence: 'proven' })
    await shop.merge(ann, bea)
    expect(kindOf(await say(sale, cleo, {}, 409))).toBe('stronger-evidence')

    await shop.sql`update sale set customer_id = ${cleo} where id = ${sale}`
    expect(await say(sale, bea)).toMatchObject({ formerCustomerId: cleo, formerEvidence: null })
  })
})

test('who may only link takes nothing from a customer', async () => {
  const [ann, bea] = [await shop.person(), await shop.person()]
  const [guests, anns] = [await shop.sale(null), await shop.sale(ann)]
  const token = await staff({ role: 'sales_associate' })

  expect(await say(guests, ann, { token })).toMatchObject({ customerId: ann })
  expect(await say(anns, ann, { token, evidence: 'proven' })).toMatchObject({ customerId: ann })
  for (const to of [bea, null]) {
    expect(kindOf(await say(anns, to, { token, evidence: 'proven' }, 403))).toBe('not-permitted')
  }
  expect(await shop.owner(anns)).toBe(ann)
  const manager = await staff({ role: 'store_manager' })
  expect(await say(anns, bea, { token: manager, overrule: true })).toMatchObject({
    customerId: bea,
  })
  const cashier = await staff({ role: 'cashier' })
  expect(kindOf(await say(guests, null, { token: cashier }, 403))).toBe('not-permitted')
})

test('acts only where the token may: a purchase elsewhere is not there', async () => {
  const ann = await shop.person()
  const [sale, order] = [await shop.sale(null), await shop.order(null)]
  const token = await staff({ locations: [BISTRO] })

  const unknown = await say(crypto.randomUUID(), ann, { token }, 404)
  const elsewhere = await say(sale, ann, { token }, 404)

  expect({ ...elsewhere, detail: '', culprit: '', traceId: '' }).toEqual({
    ...{ ...unknown, detail: '', culprit: '', traceId: '' },
  })
  expect(await say(order, ann, { token })).toMatchObject({ kind: 'order' })
  expect(await say(sale, ann, { token: await staff({ locations: [SHOP] }) })).toMatchObject({
    customerId: ann,
  })
})

test('is not given to nobody, the erased or the blocked; a merged one stands for the survivor', async () => {
  const [ann, bea, gone, blocked] = await Promise.all(
    Array.from({ length: 4 }, () => shop.person()),
  )
  const sale = await shop.sale(null)
  await shop.merge(ann!, bea!)
  await shop.erase(gone!)
  await shop.sql`update customer set status = 'blocked' where id = ${blocked!}`

  expect(kindOf(await say(sale, crypto.randomUUID(), {}, 404))).toBe('customer-not-found')
  expect(kindOf(await say(sale, gone!, {}, 409))).toBe('erased')
  expect(kindOf(await say(sale, blocked!, {}, 409))).toBe('blocked')
  expect(await say(sale, ann!)).toMatchObject({ customerId: bea })
})

test('who is erased or deleted goes out of the records, and what was noted with them', async () => {
  const [ann, bea] = [await shop.person(), await shop.person()]
  const [one, two] = [await shop.sale(ann), await shop.sale(null)]
  await say(one, bea, { note: 'Ann said it was Bea’s' })
  await say(two, bea, { note: 'Bea has the receipt' })
  await shop.erase(ann)

  expect([...(await recordsOf(one))]).toMatchObject([{ from: null, to: bea, note: null, by: KIM }])
  await shop.sql`delete from customer where id = ${bea}`
  expect([...(await recordsOf(one))]).toMatchObject([{ from: null, to: null, note: null }])
  expect([...(await recordsOf(two))]).toMatchObject([{ from: null, to: null, note: null, by: KIM }])
  // Its evidence was for somebody who is not there any more.
  const cleo = await shop.person()
  expect(await say(two, cleo, { evidence: 'suggested' })).toMatchObject({ formerEvidence: null })
})

test.each([
  ['evidence', { evidence: 'certain' }],
  ['customerId', { customerId: 'Ann' }],
  ['note', { note: '   ' }],
  ['note', { note: 'x'.repeat(501) }],
  ['overrule', { overrule: 'yes' }],
  ['attributedBy', { attributedBy: KIM }],
])('a fault in %s is refused', async (parameter, more) => {
  const body = { customerId: null, evidence: 'confirmed', ...more }
  const path = `/purchases/${SHOP}/attribution`
  expect(await counter.post(path, body, 400)).toMatchObject({ parameter })
})
