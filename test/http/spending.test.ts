import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, type PurchaseInput, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

async function shop(timezone = 'Europe/London') {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId, 'Store', undefined, timezone)
  const token = await tokenFor({ business: businessId })
  const add = (purchases: Partial<PurchaseInput>[]) =>
    model.purchases(purchases.map((one) => ({ businessId, customerId, locationId, ...one })))
  const spending = async (id = customerId, bearer = token) =>
    bodyOf(await api.get(`/customers/${id}/spending`, bearer))
  return { businessId, customerId, locationId, token, add, spending }
}

test('sums what counts of each month and currency, oldest first', async () => {
  const { customerId, add, spending } = await shop()
  await add([
    { occurredAt: '2011-12-08T12:00:00Z', total: 1000, tip: 9 },
    { occurredAt: '2011-12-09T12:00:00Z', total: 500, currency: 'EUR' },
    { occurredAt: '2011-12-09T12:00:00Z', total: 70, currency: 'CHF' },
    { occurredAt: '2011-12-10T12:00:00Z', total: -300, refunded: 300, type: 'return' },
    { occurredAt: '2011-12-11T12:00:00Z', total: 50, refunded: 100, type: 'exchange' },
    { occurredAt: '2011-12-12T12:00:00Z', total: 7777, status: 'voided' },
    { occurredAt: '2011-12-12T12:00:00Z', total: 7777, kind: 'order', settledBy: [makeId('s')] },
    { occurredAt: '2011-12-12T12:00:00Z', total: 5, kind: 'order' },
    { occurredAt: '2011-02-12T12:00:00Z', total: -10, refunded: 10, type: 'return' },
  ])

  expect(await spending()).toEqual({
    customerId,
    months: [
      ...[{ month: '2011-02', currency: 'EUR', gross: 0, refunded: 10, net: -10, orderCount: 0 }],
      ...[{ month: '2011-12', currency: 'CHF', gross: 70, refunded: 0, net: 70, orderCount: 1 }],
      {
        ...{ month: '2011-12', currency: 'EUR', gross: 1655, refunded: 400, net: 1255 },
        orderCount: 4,
      },
    ],
    asOf: { lsn: '0/1000', committedAt: '2024-05-01T10:00:00.123456Z' },
  })
})

test.each([
  ['Europe/London', { '2024-03': 1, '2024-04': 2 }],
  ['America/New_York', { '2024-03': 3 }],
  ['Asia/Tokyo', { '2024-04': 3 }],
  // What is no zone's name, as far as this server knows.
  ['Europe/Londinium', { '2024-03': 2, '2024-04': 1 }],
  ["'; select 1 --", { '2024-03': 2, '2024-04': 1 }],
])('a month is one by the clock of the location, such as %s', async (timezone, expected) => {
  const { add, spending } = await shop(timezone)
  const times = ['2024-03-31T22:59:59.999999Z', '2024-03-31T23:00:00Z', '2024-04-01T00:00:00Z']
  await add(times.map((occurredAt) => ({ occurredAt, total: 1 })))

  const { months } = await spending()

  const sums = months.map(({ month, net }: Body) => [month, net])
  expect(Object.fromEntries(sums)).toEqual(expected)
})

test('a location that nobody has told of is one by UTC', async () => {
  const { add, spending } = await shop()
  await add([{ occurredAt: '2024-03-31T23:59:59Z', locationId: makeId('gone'), total: 1 }])

  expect((await spending()).months).toMatchObject([{ month: '2024-03' }])
})

test('keeps every digit', async () => {
  const { customerId, token, add } = await shop()
  const total = 9223372036854775807n
  await add([{ total }, { total }])

  const response = await api.get(`/customers/${customerId}/spending`, token)

  expect(await response.text()).toContain('"net":18446744073709551614,')
})

test('is of what the token sees in full, empty where it sees nothing', async () => {
  const { businessId, customerId, locationId, add, spending } = await shop()
  const elsewhere = await model.location(businessId)
  await add([{ total: 1 }, { total: 10, locationId: elsewhere }])
  const netOf = async (locations: unknown, visibility = 'own') => {
    const token = await tokenFor({ business: businessId, locations, visibility })
    return (await spending(customerId, token)).months.map(({ net }: Body) => net)
  }

  expect(await netOf('*')).toEqual([11])
  expect(await netOf([locationId])).toEqual([1])
  expect(await netOf([locationId], 'masked')).toEqual([1])
  expect(await netOf([locationId], 'chain')).toEqual([11])
  expect(await netOf([])).toEqual([])
})

test('is the survivor’s under a merged id, and nothing of who was erased, or of another chain', async () => {
  const { businessId, customerId, token, add, spending } = await shop()
  await add([{ total: 1 }])
  const merged = await model.customer(businessId, { mergedInto: customerId })
  const erased = await model.customer(businessId, { status: 'erased' })

  expect(await spending(merged)).toMatchObject({ customerId, mergedFrom: merged, months: [{}] })
  const gone = await bodyOf(await api.get(`/customers/${erased}/spending`, token), 410)
  expect(gone.type).toEndWith(':customer-erased')
  const foreign = await tokenFor({ business: makeId('biz') })
  await bodyOf(await api.get(`/customers/${customerId}/spending`, foreign), 404)
})
