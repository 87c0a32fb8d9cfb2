/** What is seen of the chain's other locations: nothing, that there was something, or all (3, 4 and 10). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { actsAt, scopeOf, sees, VISIBILITIES, type Visibility } from '../../src/domain/scope.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

let model: ReadModel
let api: TestApi
let businessId: string
let customerId: string
let here: string
let there: string
/** A sale elsewhere, its return here, a sale here, its return elsewhere. */
let saleThere: string
let returnHere: string
let saleHere: string
let returnThere: string

beforeAll(async () => {
  model = await ReadModel.create()
  const store = new MemoryStore()
  await store.raise(parseLsn('0/1000'), [])
  api = testApi(model.sql, { store })
  businessId = makeId('biz')
  customerId = await model.customer(businessId, { name: 'Anna', externalRef: 'A-1' })
  here = await model.location(businessId, 'Here')
  there = await model.location(businessId, 'There')
  const at = (locationId: string, day: number, total: number) => ({
    ...{ businessId, customerId, locationId, total, receiptNumber: `R-${day}` },
    topItem: ['Rain jacket', 'Green / M'] as [string, string],
    occurredAt: `2024-03-0${day}T09:00:00.000000Z`,
  })
  ;[saleThere, saleHere] = (await model.purchases([at(there, 1, 1000), at(here, 2, 200)])) as [
    string,
    string,
  ]
  const back = { type: 'return', refunded: 5 }
  ;[returnHere, returnThere] = (await model.purchases([
    { ...at(here, 3, -5), ...back, parentPurchaseId: saleThere },
    { ...at(there, 4, -5), ...back, parentPurchaseId: saleHere },
  ])) as [string, string]
}, BOOT_MS)
afterAll(() => model.drop())

const tokenOf = (visibility: Visibility) =>
  tokenFor({ business: businessId, locations: [here], visibility })

async function get(path: string, visibility: Visibility): Promise<Body> {
  return bodyOf(await api.get(`/customers/${customerId}${path}`, await tokenOf(visibility)))
}

const MASK = {
  ...{ kind: 'sale', masked: true, type: null, status: null, counted: null, receiptNumber: null },
  ...{ location: null, total: null, refunded: null, tip: null, discount: null, itemCount: null },
  ...{ parentPurchaseId: null, topItem: null },
}

test('attack 3: the list has what is elsewhere not at all, without details, or in full', async () => {
  const idsOf = ({ data }: Body) => data.map(({ id }: Body) => id)

  expect(idsOf(await get('/purchases', 'own'))).toEqual([returnHere, saleHere])
  expect(idsOf(await get('/purchases', 'chain'))).toEqual([
    ...[returnThere, returnHere, saleHere, saleThere],
  ])
  const { data } = await get('/purchases', 'masked')
  expect([data[0], data[3]]).toEqual([
    { id: returnThere, occurredAt: '2024-03-04T09:00:00.000000Z', ...MASK },
    { id: saleThere, occurredAt: '2024-03-01T09:00:00.000000Z', ...MASK },
  ])
  expect(data[1]).toMatchObject({ id: returnHere, type: 'return', location: { name: 'Here' } })
  expect(JSON.stringify(data)).not.toContain(there)
})

test('attack 3: totals are of what is seen in full', async () => {
  const netOf = async (visibility: Visibility) =>
    (await get('/purchase-summary', visibility)).totals.map(({ net }: Body) => net)

  expect(await netOf('own')).toEqual([195])
  expect(await netOf('masked')).toEqual([195])
  expect(await netOf('chain')).toEqual([1190])
})

test('attack 3: a filter by more than time does not tell what the mask hides', async () => {
  const count = async (query: string) => (await get(`/purchases?${query}`, 'masked')).data.length

  expect(await count('fromDate=2024-03-01&toDate=2024-03-04')).toBe(4)
  expect(await count('fromDate=2024-03-04')).toBe(1)
  expect(await count('type=sale')).toBe(2)
  expect(await count('saleType=return')).toBe(1)
  expect(await count(`locationId=${there}`)).toBe(0)
  expect(await count(`locationId=${here}`)).toBe(2)
})

test('attack 3: a receipt elsewhere is not there, and what points at it says no more than the list', async () => {
  const statusOf = async (id: string, visibility: Visibility) =>
    (await api.get(`/customers/${customerId}/purchases/${id}`, await tokenOf(visibility))).status
  expect(await Promise.all(VISIBILITIES.map((mode) => statusOf(saleThere, mode)))).toEqual([
    ...[404, 404, 200],
  ])

  const related = async (visibility: Visibility) => ({
    parent: (await get(`/purchases/${returnHere}`, visibility)).parent,
    returns: (await get(`/purchases/${saleHere}`, visibility)).returns,
  })
  const mask = { masked: true, type: null, status: null, counted: null, receiptNumber: null }
  const hidden = { ...mask, location: null, total: null }
  expect(await related('own')).toEqual({ parent: null, returns: [] })
  expect(await related('masked')).toEqual({
    parent: { id: saleThere, occurredAt: '2024-03-01T09:00:00.000000Z', ...hidden },
    returns: [{ id: returnThere, occurredAt: '2024-03-04T09:00:00.000000Z', ...hidden }],
  })
  expect(await related('chain')).toMatchObject({
    parent: { id: saleThere, location: { name: 'There' } },
    returns: [{ id: returnThere, type: 'return' }],
  })
})

test('attack 4: a cursor is good for the visibility that it was made for', async () => {
  for (const maker of VISIBILITIES) {
    const { page } = await get('/purchases?limit=1', maker)
    for (const user of VISIBILITIES) {
      const path = `/customers/${customerId}/purchases?limit=1&cursor=${page.next}`
      const response = await api.get(path, await tokenOf(user))
      expect([maker, user, response.status]).toEqual([maker, user, maker === user ? 200 : 400])
    }
  }
})

test('attack 10: caches keep the three apart, in whatever order they ask', async () => {
  for (const order of [VISIBILITIES, [...VISIBILITIES].reverse()]) {
    const store = new MemoryStore()
    await store.raise(parseLsn('0/1000'), [])
    const warm = testApi(model.sql, { store })
    const rows: Record<string, number[]> = { own: [], masked: [], chain: [] }
    for (const mode of [...order, ...order]) {
      const path = `/customers/${customerId}/purchases`
      rows[mode]!.push((await bodyOf(await warm.get(path, await tokenOf(mode)))).data.length)
      await warm.settled()
    }
    expect(rows).toEqual({ own: [2, 2], masked: [4, 4], chain: [4, 4] })
  }
})

test('the directory is the chain’s, whatever the visibility: who, and nothing of what she bought', async () => {
  for (const mode of VISIBILITIES) {
    const { data } = await bodyOf(await api.get('/customers?query=anna', await tokenOf(mode)))
    const who = { id: customerId, name: 'Anna', externalRef: 'A-1', phoneEnding: null }
    expect(data).toEqual([{ ...who, status: 'active', mergedInto: null, survivor: null }])
  }
})

test('nobody acts elsewhere, however much is seen', async () => {
  for (const mode of VISIBILITIES) {
    const scope = await scopeOf(businessId, [here], mode)
    expect([actsAt(scope, here), actsAt(scope, there)]).toEqual([true, false])
    expect([sees(scope, here), sees(scope, there)]).toEqual([true, mode === 'chain'])
  }
  expect(actsAt(await scopeOf(businessId, '*', 'masked'), there)).toBe(true)
})

test('refuses a token whose visibility nobody knows', async () => {
  for (const visibility of ['all', null, ['chain']]) {
    const token = await tokenFor({ business: businessId, locations: [here], visibility })
    const path = `/customers/${customerId}/purchase-summary`
    expect((await api.get(path, token)).status).toBe(401)
  }
})
