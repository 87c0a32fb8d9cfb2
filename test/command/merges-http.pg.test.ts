/** Merges over HTTP: what a dry run and the history tell, and to whom. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { bodyOf } from '../http/support/api.ts'
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

const preview = (from: string, into: string, token = counter.token) =>
  counter.post(`/customers/${into}/merges?dryRun=true`, { fromCustomerId: from }, 200, {
    ...{ key: null, token },
  })
const undo = (customer: string, merge: string, token = counter.token) =>
  counter.send('DELETE', `/customers/${customer}/merges/${merge}`, undefined, { token })

test('a dry run tells all that a merge would be refused for, and needs no key', async () => {
  const [ann, bea, gone] = [await shop.person(), await shop.person(), await shop.person()]
  await shop.sale(ann)
  await shop.order(ann)
  expect(await preview(ann, bea)).toEqual({ moved: { sale: 1, order: 1 }, blockers: [] })

  await shop.merge(ann, bea)
  await shop.erase(gone)
  const { blockers } = await preview(ann, gone)
  expect(
    blockers.map((each: { type: string; culprit: string }) => [kindOf(each), each.culprit]),
  ).toEqual([
    ['already-merged', ann],
    ['erased', gone],
  ])
  expect((await preview(ann, ann)).blockers.map(kindOf)).toEqual(['into-itself'])
  const nobody = crypto.randomUUID()
  expect((await preview(nobody, bea)).blockers.map(kindOf)).toEqual(['customer-not-found'])
  const path = `/customers/${nobody}/merges?dryRun=true`
  expect(kindOf(await counter.post(path, { fromCustomerId: bea }, 404))).toBe('customer-not-found')
})

test('all purchases move, and only those in sight are told of', async () => {
  const [ann, bea] = [await shop.person(), await shop.person()]
  const purchases = [await shop.sale(ann), await shop.sale(ann), await shop.order(ann)]
  const token = await staff({ role: 'store_manager', locations: [BISTRO] })

  expect((await preview(ann, bea, token)).moved).toEqual({ sale: 0, order: 1 })
  const path = `/customers/${bea}/merges`
  const merged = await counter.post(path, { fromCustomerId: ann }, 201, { token })
  expect(merged.moved).toEqual({ sale: 0, order: 1 })
  expect(await shop.owners(...purchases)).toEqual([bea, bea, bea])
  const shops = await staff({ role: 'store_manager', locations: [SHOP] })
  const undone = await bodyOf(await undo(bea, merged.mergeId, shops))
  expect(undone.movedBack).toEqual({ sale: 2, order: 0 })
  expect(await shop.owners(...purchases)).toEqual([ann, ann, ann])
})

test('a merge is undone only under the customers that it was of', async () => {
  const [ann, bea, cleo, dora] = [
    await shop.person(),
    await shop.person(),
    await shop.person(),
    await shop.person(),
  ]
  const merge = await shop.merge(ann, bea)
  await shop.merge(bea, cleo)

  for (const other of [dora, crypto.randomUUID()]) {
    expect(kindOf(await bodyOf(await undo(other, merge), 404))).toBe('merge-not-found')
  }
  // Whom Bea was merged into since has her purchases, and may give them back.
  expect(await bodyOf(await undo(cleo, merge))).toMatchObject({ fromCustomerId: ann })
  for (const one of [ann, bea]) {
    expect(kindOf(await bodyOf(await undo(one, merge), 409))).toBe('already-undone')
  }
})

test('the history has who, when and why, of all the person’s ids, also of what was undone', async () => {
  const [ann, bea, cleo] = [
    await shop.person('Ann'),
    await shop.person('Bea'),
    await shop.person('Cleo'),
  ]
  const first = await shop.merge(ann, bea, 'same telephone')
  const body = { fromCustomerId: bea }
  const service = await staff({ employee: null })
  const second = await counter.post(`/customers/${cleo}/merges`, body, 201, { token: service })

  const history = await counter.get(`/customers/${ann}/merges`)
  expect(history).toEqual({
    customerId: cleo,
    mergedFrom: ann,
    data: [
      {
        mergeId: second.mergeId,
        from: { id: bea, name: 'Bea' },
        into: { id: cleo, name: 'Cleo' },
        ...{ reason: null, mergedAt: expect.any(String), mergedBy: null, undoneAt: null },
      },
      {
        mergeId: first,
        from: { id: ann, name: 'Ann' },
        into: { id: bea, name: 'Bea' },
        reason: 'same telephone',
        mergedAt: expect.any(String),
        mergedBy: { id: KIM, name: 'Kim' },
        undoneAt: null,
      },
    ],
  })
  await undo(cleo, second.mergeId)
  const [undone] = (await counter.get(`/customers/${cleo}/merges`)).data
  expect(undone).toMatchObject({ mergeId: second.mergeId, undoneAt: expect.any(String) })
  expect((await counter.get(`/customers/${await shop.person()}/merges`)).data).toEqual([])
})

test('the history is for those who may merge, and of their own chain', async () => {
  const path = `/customers/${await shop.person()}/merges`
  const cashier = { token: await staff({ role: 'cashier' }) }
  expect(kindOf(await counter.get(path, 403, cashier))).toBe('not-permitted')
  const other = { token: await staff({ business: crypto.randomUUID() }) }
  expect(kindOf(await counter.get(path, 404, other))).toBe('customer-not-found')
})
