/** Tenants and locations (1, 2, 3 and 10 of the list in security.md). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Visibility } from '../../src/domain/scope.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

async function chain() {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const north = await model.location(businessId, 'North')
  const south = await model.location(businessId, 'South')
  const at = { businessId, customerId, locationId: north }
  const [inNorth, inSouth] = await model.purchases([
    { ...at, total: 100, occurredAt: '2024-01-01T00:00:00Z' },
    { ...at, total: 10, locationId: south, occurredAt: '2024-01-02T00:00:00Z' },
  ])
  const tokenOf = (locations: unknown, visibility?: Visibility) =>
    tokenFor({ business: businessId, locations, visibility })
  return { businessId, customerId, north, south, inNorth: inNorth!, inSouth: inSouth!, tokenOf }
}

const pathsOf = (customerId: string, purchaseId: string) => [
  `/customers/${customerId}/purchase-summary`,
  `/customers/${customerId}/purchases`,
  `/customers/${customerId}/purchases/${purchaseId}`,
  `/customers/${customerId}/spending`,
]

test('attack 1: answers for a customer of another tenant exactly as for one who does not exist', async () => {
  const { customerId, inNorth } = await chain()
  const foreign = await tokenFor({ business: makeId('biz') })
  const unknown = pathsOf(makeId('none'), inNorth)

  for (const [at, path] of pathsOf(customerId, inNorth).entries()) {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const mine = await api.get(path, foreign, { traceparent })
    const nobodys = await api.get(unknown[at]!, foreign, { traceparent })

    expect(mine.status).toBe(404)
    expect(await mine.text()).toBe(await nobodys.text())
    // Of the request itself, whatever it asked for.
    for (const { headers } of [mine, nobodys])
      for (const own of ['traceparent', 'Server-Timing']) headers.delete(own)
    expect([...mine.headers]).toEqual([...nobodys.headers])
  }
})

test('attack 2: finds no purchase of another tenant under a customer of its own', async () => {
  const mine = await chain()
  const theirs = await chain()

  const path = `/customers/${mine.customerId}/purchases/${theirs.inNorth}`
  const response = await api.get(path, await mine.tokenOf('*'))

  expect((await bodyOf(response, 404)).type).toEndWith(':purchase-not-found')
})

test('attack 2: follows no merge into another tenant', async () => {
  const mine = await chain()
  const theirs = await chain()
  const old = await model.customer(mine.businessId, { mergedInto: theirs.customerId })

  const response = await api.get(`/customers/${old}/purchase-summary`, await mine.tokenOf('*'))

  expect((await bodyOf(response, 404)).type).toEndWith(':customer-not-found')
})

test('attack 3: shows only what happened in the locations of the token, and sums only that', async () => {
  const { customerId, north, south, inNorth, inSouth, tokenOf } = await chain()
  const seen = async (locations: unknown) => {
    const token = await tokenOf(locations)
    const [summary, list] = pathsOf(customerId, inNorth)
    const { totals } = await bodyOf(await api.get(summary!, token))
    const { data } = await bodyOf(await api.get(list!, token))
    const receipts = await Promise.all(
      [inNorth, inSouth].map((id) => api.get(`/customers/${customerId}/purchases/${id}`, token)),
    )
    return {
      net: totals.map((total: Body) => total.net),
      ids: data.map((purchase: Body) => purchase.id),
      receipts: receipts.map((receipt) => receipt.status),
    }
  }

  expect(await seen('*')).toEqual({ net: [110], ids: [inSouth, inNorth], receipts: [200, 200] })
  expect(await seen([north])).toEqual({ net: [100], ids: [inNorth], receipts: [200, 404] })
  expect(await seen([south])).toEqual({ net: [10], ids: [inSouth], receipts: [404, 200] })
  expect(await seen([south, north])).toMatchObject({ net: [110], receipts: [200, 200] })
  expect(await seen([])).toEqual({ net: [], ids: [], receipts: [404, 404] })
})

test('attack 3: a filter by location opens no location', async () => {
  const { customerId, north, south, tokenOf } = await chain()

  const path = `/customers/${customerId}/purchases?locationId=${south}`
  const body = await bodyOf(await api.get(path, await tokenOf([north])))

  expect(body.data).toEqual([])
})

test('attack 10: never shares a cached answer between scopes or tenants, in whatever order they ask', async () => {
  for (const order of ['narrow first', 'wide first']) {
    const { customerId, north, tokenOf } = await chain()
    const warm = testApi(model.sql)
    const [summary] = pathsOf(customerId, north)
    const wide = await tokenOf('*')
    const narrow = await tokenOf([north])
    const masked = await tokenOf([north], 'masked')
    const chained = await tokenOf([north], 'chain')
    const foreign = await tokenFor({ business: makeId('biz') })
    const tokens = [wide, chained, masked, narrow, foreign]
    if (order === 'narrow first') tokens.reverse()

    const seen = new Map<string, unknown>()
    for (const round of [1, 2]) {
      for (const token of tokens) {
        const response = await warm.get(summary!, token)
        await warm.settled()
        if (response.ok) expect(response.headers.get('Vary')).toBe('Authorization')
        const body = await response.json()
        const net = response.ok ? (body as Body).totals[0].net : response.status
        if (round === 2) expect(net as number).toBe(seen.get(token) as number)
        seen.set(token, net)
      }
    }

    expect([wide, chained, masked, narrow, foreign].map((token) => seen.get(token))).toEqual([
      ...[110, 110, 100, 100, 404],
    ])
  }
})
