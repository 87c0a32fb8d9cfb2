import { afterAll, beforeAll, expect, test } from 'bun:test'
import { summaryAnswer } from '../../src/http/schemas.ts'
import { bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

test('sums a customer over all locations, one total per currency', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const [one, two] = [await model.location(businessId), await model.location(businessId)]
  const at = { businessId, customerId, locationId: one }
  await model.purchases([
    { ...at, total: 1000, occurredAt: '2024-01-01T00:00:00.000001Z' },
    { ...at, locationId: two, total: 501, occurredAt: '2024-01-03T00:00:00.000002Z' },
    { ...at, type: 'return', total: -250, refunded: 250, occurredAt: '2024-01-09T00:00:00Z' },
    { ...at, type: 'exchange', total: 100, refunded: 300, occurredAt: '2024-01-02T00:00:00Z' },
    { ...at, status: 'voided', total: 9999 },
    { ...at, currency: 'JPY', total: 7, tip: 3 },
  ])

  const response = await api.get(
    `/customers/${customerId}/purchase-summary`,
    await tokenFor({ business: businessId }),
  )

  const body = await bodyOf(response)
  expect(summaryAnswer.parse(body)).toBeDefined()
  expect(body).toEqual({
    customerId,
    totals: [
      {
        currency: 'EUR',
        gross: 1901,
        refunded: 550,
        net: 1351,
        orderCount: 3,
        returnCount: 1,
        exchangeCount: 1,
        averageTicket: 634,
        firstPurchaseAt: '2024-01-01T00:00:00.000001Z',
        lastPurchaseAt: '2024-01-03T00:00:00.000002Z',
        daysBetweenPurchases: 1,
      },
      {
        currency: 'JPY',
        gross: 7,
        refunded: 0,
        net: 7,
        orderCount: 1,
        returnCount: 0,
        exchangeCount: 0,
        averageTicket: 7,
        firstPurchaseAt: '2024-05-01T10:00:00.000000Z',
        lastPurchaseAt: '2024-05-01T10:00:00.000000Z',
        daysBetweenPurchases: null,
      },
    ],
    asOf: { lsn: '0/1000', committedAt: '2024-05-01T10:00:00.123456Z' },
  })
})

test('has no totals for a customer without counted purchases', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const token = await tokenFor({ business: businessId })

  const body = await bodyOf(await api.get(`/customers/${customerId}/purchase-summary`, token))

  expect(body.totals).toEqual([])
})

test('shows no currency in which nothing counts any more, and nothing of another chain', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const cell = (business: string, orders: number) => model.owner`
    insert into customer_metrics
    values (${business}, ${customerId}, ${makeId('loca')}, 'EUR', ${orders}, 0, 0, 5, 0, null, null)`
  await cell(businessId, 0)
  await cell(makeId('biz'), 1)
  const token = await tokenFor({ business: businessId })

  const body = await bodyOf(await api.get(`/customers/${customerId}/purchase-summary`, token))

  expect(body.totals).toEqual([])
})

test('keeps every digit of sums beyond 64 bits', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId)
  const total = 9223372036854775807n
  await model.purchases([
    { businessId, customerId, locationId, total },
    { businessId, customerId, locationId, total },
  ])
  const token = await tokenFor({ business: businessId })

  const response = await api.get(`/customers/${customerId}/purchase-summary`, token)

  const text = await response.text()
  expect(text).toContain('"net":18446744073709551614,')
  expect(text).toContain('"averageTicket":9223372036854775807,')
})
