/**
 * Merges, unmerges, links, moves, deletions and erasures through a real slot: the read model follows for
 * exactly the customers that they touch, and the API and its cache with it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import type { Lsn } from '../../src/domain/lsn.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { Shop } from '../command/support/shop.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { asApi } from '../support/postgres.ts'
import { Projection } from './support/projection.ts'
import { BUSINESS, openShop, put } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection
let shop: Shop
let api: TestApi
let readSql: ReadSql
let token: string

/** The API's cache, and which floors were raised since `watch`. */
class WatchedStore extends MemoryStore {
  raised = new Set<string>()

  override async raise(lsn: Lsn, customerIds: readonly string[]): Promise<void> {
    await super.raise(lsn, customerIds)
    for (const id of customerIds) this.raised.add(id)
  }
}
const store = new WatchedStore()

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  await on.live({ floors: store })
  readSql = postgres(asApi(on.readUrl), {
    ...READ_CLIENT_OPTIONS,
    max: 2,
    onnotice() {},
  }) as ReadSql
  api = testApi(readSql, { store })
  token = await tokenFor({ business: BUSINESS })
})
afterAll(async () => {
  await readSql.end({ timeout: 1 })
  await on.close()
})

/** Waits until what is committed is in the read model, and every floor of it raised. */
async function settled() {
  await on.caughtUp()
  const isRaised = async () => (await on.read`select from cache_outbox`).length === 0
  await until(isRaised, 'the floors are not raised')
}

/** The customers whose floors `work` has raised. */
async function touchedBy(work: () => Promise<unknown>): Promise<string[]> {
  await settled()
  store.raised = new Set()
  await work()
  await settled()
  return [...store.raised].sort()
}

const get = async (path: string): Promise<Body> => bodyOf(await api.get(path, token))
const summaryOf = async (id: string) => {
  const { customerId, totals } = await get(`/customers/${id}/purchase-summary`)
  const [{ orderCount, returnCount, net } = { orderCount: 0, returnCount: 0, net: 0 }] = totals
  return { customerId, orderCount, returnCount, net }
}
const listOf = async (id: string): Promise<string[]> => {
  const { data } = await get(`/customers/${id}/purchases?limit=100`)
  return data.map((purchase: { id: string }) => purchase.id).sort()
}
const receiptOf = (customer: string, purchase: string) =>
  get(`/customers/${customer}/purchases/${purchase}`)

/** A sale of one thing, or more of it. */
async function buy(customer: string | null, variant: string | null = null, qty = '1.000') {
  const id = await shop.sale(customer)
  const line = await put(on.source, 'sale_line', { sale_id: id, variant_id: variant, qty })
  return { id, line }
}

async function takeBack(customer: string, sale: { id: string; line: string }) {
  const totals = { subtotal: -1000, total: -1000 }
  const id = await shop.sale(customer, { type: 'return', parent_sale_id: sale.id, ...totals })
  await put(on.source, 'sale_line', {
    sale_id: id,
    qty: '-1.000',
    total: -1000,
    parent_line_id: sale.line,
  })
  return id
}

async function people(count: number) {
  const ids = await Promise.all(Array.from({ length: count }, () => shop.person()))
  return ids as [string, string, string, ...string[]]
}

describe('a merge', () => {
  test('is followed for exactly the two, in the list, the sums, the statistics and the cache', async () => {
    const [ann, bea, cleo] = await people(3)
    const [shirt, shoe] = [crypto.randomUUID(), crypto.randomUUID()]
    const annes = [(await buy(ann, shirt, '2.000')).id, await shop.order(ann)]
    const beas = [(await buy(bea, shirt)).id, (await buy(bea, shoe)).id]
    const cleos = (await buy(cleo, shirt)).id
    await settled()
    const before = await on.purchase(cleos)
    for (const id of [ann, bea, cleo]) {
      await summaryOf(id)
      await listOf(id)
    }
    await api.settled()

    const touched = await touchedBy(() => shop.merge(ann, bea))

    expect(touched).toEqual([ann, bea].sort())
    expect(await on.purchase(cleos)).toEqual(before!)
    const joint = { customerId: bea, orderCount: 4, returnCount: 0, net: 4000 }
    for (const id of [ann, bea]) {
      expect(await summaryOf(id)).toEqual(joint)
      expect(await listOf(id)).toEqual([...annes, ...beas].sort())
    }
    const stats = await on.read`
      select customer_id, variant_id, times_bought, qty_kept from customer_product_stats
      where customer_id in (${ann}, ${bea}) order by times_bought`
    expect([...stats]).toEqual([
      { customer_id: bea, variant_id: shoe, times_bought: 1, qty_kept: '1.000' },
      { customer_id: bea, variant_id: shirt, times_bought: 2, qty_kept: '3.000' },
    ])
    const metrics = await on.read`select 1 from customer_metrics where customer_id = ${ann}`
    expect(metrics).toHaveLength(0)
    await on.expectEqual()
  })

  test('after a merge: every old id leads to the survivor, and a return finds its original', async () => {
    const [ann, bea, cleo] = await people(3)
    const original = await buy(ann, null, '3.000')
    await shop.merge(ann, bea)
    await shop.merge(bea, cleo)
    // Rung up by a till that has not heard of it.
    const back = await takeBack(ann, original)
    await settled()

    for (const id of [ann, bea, cleo]) {
      const receipt = await receiptOf(id, original.id)
      expect(receipt.customerId).toBe(cleo)
      expect(receipt.returns).toMatchObject([{ id: back }])
      expect(receipt.lines).toMatchObject([{ qty: 3, remainingQty: 2 }])
      expect(await receiptOf(id, back)).toMatchObject({ parent: { id: original.id } })
      expect(await summaryOf(id)).toMatchObject({ customerId: cleo, orderCount: 1, returnCount: 1 })
    }
    await on.expectEqual()
  })
})

describe('an unmerge', () => {
  test('is followed for exactly the two: what came after stays', async () => {
    const [ann, bea, cleo] = await people(3)
    const annes = await buy(ann)
    const beas = await buy(bea)
    const merge = await shop.merge(ann, bea)
    const back = await takeBack(bea, annes)
    const cleos = await buy(cleo)
    await settled()
    const before = await on.purchase(cleos.id)
    await summaryOf(ann)
    await api.settled()

    const touched = await touchedBy(() => shop.unmerge(merge))

    expect(touched).toEqual([ann, bea].sort())
    expect(await on.purchase(cleos.id)).toEqual(before!)
    expect(await listOf(ann)).toEqual([annes.id])
    expect(await listOf(bea)).toEqual([beas.id, back].sort())
    expect(await summaryOf(ann)).toMatchObject({ customerId: ann, orderCount: 1, returnCount: 0 })
    expect(await receiptOf(ann, annes.id)).toMatchObject({ returns: [{ id: back }] })
    await on.expectEqual()
  })

  test('out of the middle of a chain touches the first and the last', async () => {
    const [ann, bea, cleo] = await people(3)
    const [annes, beas] = [await buy(ann), await buy(bea)]
    const merge = await shop.merge(ann, bea)
    await shop.merge(bea, cleo)

    const touched = await touchedBy(() => shop.unmerge(merge))

    expect(touched).toEqual([ann, cleo].sort())
    expect(await listOf(ann)).toEqual([annes.id])
    expect(await listOf(bea)).toEqual([beas.id])
    await on.expectEqual()
  })
})

describe('an attribution', () => {
  test('of a guest’s receipt touches its customer; a move, both', async () => {
    const [ann, bea] = await people(2)
    const sale = await buy(null)

    expect(await touchedBy(() => shop.attribute(sale.id, ann))).toEqual([ann])
    expect(await summaryOf(ann)).toMatchObject({ orderCount: 1, net: 1000 })
    await api.settled()
    expect(await touchedBy(() => shop.attribute(sale.id, bea))).toEqual([ann, bea].sort())
    expect([await listOf(ann), await listOf(bea)]).toEqual([[], [sale.id]])
    expect(await touchedBy(() => shop.attribute(sale.id, null))).toEqual([bea])
    expect(await summaryOf(bea)).toMatchObject({ orderCount: 0 })
    await on.expectEqual()
  })
})

describe('a customer who is gone', () => {
  test('deleted: the purchases are a guest’s, and nobody else is touched', async () => {
    const [ann] = await people(1)
    const sale = await buy(ann)
    await settled()
    await summaryOf(ann)
    await api.settled()

    const touched = await touchedBy(() => on.source`delete from customer where id = ${ann}`)

    expect(touched).toEqual([ann])
    expect(await on.purchase(sale.id)).toMatchObject({ customer_id: null })
    const answer = await api.get(`/customers/${ann}/purchase-summary`, token)
    expect(answer.status).toBe(404)
    await on.expectEqual()
  })

  test('erased with all predecessors: nothing names or sums them, nor after a rebuild', async () => {
    const [ann, bea, cleo] = await people(3)
    const [annes, beas, cleos] = [await buy(ann), await shop.order(bea), await buy(cleo)]
    await shop.merge(ann, bea, 'Ann called')
    await settled()
    const before = await on.purchase(cleos.id)

    const touched = await touchedBy(() => shop.erase(bea))
    const late = await buy(ann)
    await on.expectEqual()

    expect(touched).toEqual([ann, bea].sort())
    expect(await on.purchase(cleos.id)).toEqual(before!)
    const expectGone = async () => {
      for (const id of [annes.id, beas, late.id])
        expect(await on.purchase(id)).toMatchObject({ customer_id: null, total: '1000' })
      for (const id of [ann, bea])
        expect((await api.get(`/customers/${id}/purchase-summary`, token)).status).toBe(410)
      const cards = await on.read`
        select status, name, phone, email, external_ref, merged_into from customer_card
        where customer_id in (${ann}, ${bea})`
      const nobody = { status: 'erased', name: null, phone: null, email: null }
      expect([...cards]).toEqual(
        Array(2).fill({ ...nobody, external_ref: null, merged_into: null }),
      )
    }
    await expectGone()

    await on.rebuild()
    await on.expectEqual()
    await expectGone()
  })
})
