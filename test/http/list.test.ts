import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { listAnswer } from '../../src/http/schemas.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, type PurchaseInput, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

/** A customer with these purchases at one location, and somebody who may see them. */
async function customerWith(purchases: Partial<PurchaseInput>[]) {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId, 'High Street')
  const at = { businessId, customerId, locationId }
  const ids = await model.purchases(purchases.map((purchase) => ({ ...at, ...purchase })))
  const token = await tokenFor({ business: businessId })
  const list = (query = '', bearer = token) =>
    api.get(`/customers/${customerId}/purchases${query}`, bearer)
  return { ...at, ids, token, list }
}

const idsOf = (body: Body): string[] => body.data.map((purchase: Body) => purchase.id)

test('lists the newest first, and by id where times are equal', async () => {
  const [low, high] = [makeId('purc'), makeId('purc')]
  const { list, ids } = await customerWith([
    { occurredAt: '2024-01-01T10:00:00.000001Z' },
    { occurredAt: '2024-01-01T10:00:00.000002Z' },
    { id: low, occurredAt: '2024-01-02T00:00:00Z' },
    { id: high, occurredAt: '2024-01-02T00:00:00Z' },
  ])

  const body = await bodyOf(await list())

  expect(idsOf(body)).toEqual([high, low, ids[1]!, ids[0]!])
  expect(body.page).toEqual({ next: null })
  expect(body.asOf).toEqual({ lsn: '0/1000', committedAt: '2024-05-01T10:00:00.123456Z' })
  expect(listAnswer.parse(body)).toBeDefined()
})

test('says of a purchase what the staff see at a glance', async () => {
  const parent = makeId('purc')
  const { list, customerId, locationId, ids } = await customerWith([
    {
      type: 'exchange',
      occurredAt: '2024-01-01T10:00:00.5Z',
      receiptNumber: 'R-17',
      total: -1,
      refunded: 500,
      tip: 3,
      discount: 20,
      itemCount: 2,
      topItem: ['Rain jacket', 'Green / M'],
      parentPurchaseId: parent,
    },
  ])

  const body = await bodyOf(await list())

  expect(body.customerId).toBe(customerId)
  expect(body.data).toEqual([
    {
      id: ids[0],
      kind: 'sale',
      type: 'exchange',
      status: 'completed',
      counted: true,
      occurredAt: '2024-01-01T10:00:00.500000Z',
      receiptNumber: 'R-17',
      location: { id: locationId, name: 'High Street' },
      total: { amount: -1, currency: 'EUR' },
      refunded: { amount: 500, currency: 'EUR' },
      tip: { amount: 3, currency: 'EUR' },
      discount: { amount: 20, currency: 'EUR' },
      itemCount: 2,
      parentPurchaseId: parent,
      topItem: { productName: 'Rain jacket', variantName: 'Green / M' },
    },
  ])
})

test('names the product of the largest amount, cut where it is long, and none where nothing counts', async () => {
  const { list } = await customerWith([
    { topItem: ['🧥'.repeat(101), 'x'.repeat(101)], occurredAt: '2024-01-02T00:00:00Z' },
    { occurredAt: '2024-01-01T00:00:00Z' },
  ])

  const { data } = await bodyOf(await list())

  expect(data.map(({ topItem }: Body) => topItem)).toEqual([
    { productName: '🧥'.repeat(100), variantName: 'x'.repeat(100) },
    null,
  ])
})

test('shows what is not counted, but no order that a sale settles', async () => {
  const orderId = makeId('orde')
  const saleId = makeId('purc')
  const { list } = await customerWith([
    { status: 'voided', occurredAt: '2024-01-04T00:00:00Z' },
    { kind: 'order', status: 'open', occurredAt: '2024-01-03T00:00:00Z' },
    { id: orderId, kind: 'order', settledBy: [saleId], occurredAt: '2024-01-02T00:00:00Z' },
    { id: saleId, orderId, occurredAt: '2024-01-01T00:00:00Z' },
  ])

  const body = await bodyOf(await list())

  expect(body.data.map((row: Body) => [row.kind, row.status, row.counted])).toEqual([
    ['sale', 'voided', false],
    ['order', 'open', false],
    ['sale', 'completed', true],
  ])
})

test('keeps every digit of an int64', async () => {
  const { list } = await customerWith([
    { total: 9223372036854775807n, tip: -9223372036854775808n, currency: 'BHD' },
  ])

  const text = await (await list()).text()

  expect(text).toContain('"total":{"amount":9223372036854775807,"currency":"BHD"}')
  expect(text).toContain('"tip":{"amount":-9223372036854775808,"currency":"BHD"}')
})

describe('filters', () => {
  const days = ['2024-01-01T00:00:00Z', '2024-01-01T23:59:59.999999Z', '2024-01-02T00:00:00Z']

  test.each([
    ['?fromDate=2024-01-01&toDate=2024-01-01', [1, 0]],
    ['?fromDate=2024-01-02', [2]],
    ['?toDate=2024-01-01', [1, 0]],
    ['?toDate=2024-01-01T00:00:00Z', [0]],
    ['?fromDate=2024-01-01T23:59:59.999999Z&toDate=2024-01-01T23:59:59.999999Z', [1]],
    ['?fromDate=2024-01-02T14:00:00%2B14:00', [2]],
    ['?fromDate=2024-01-02t00:00:00.000000z', [2]],
    ['?fromDate=0001-01-01&toDate=9999-12-31', [2, 1, 0]],
    ['?fromDate=2024-02-29', []],
  ] as [string, number[]][])('%s includes both ends', async (query, expected) => {
    const { list, ids } = await customerWith(days.map((occurredAt) => ({ occurredAt })))

    const body = await bodyOf(await list(query))

    expect(idsOf(body)).toEqual(expected.map((at) => ids[at]!))
  })

  test('by kind, sale type and location, alone and together', async () => {
    const { list, ids, businessId, customerId, locationId } = await customerWith([
      { occurredAt: '2024-01-05T00:00:00Z' },
      { kind: 'order', occurredAt: '2024-01-04T00:00:00Z' },
      { type: 'return', occurredAt: '2024-01-03T00:00:00Z' },
    ])
    const other = await model.location(businessId)
    const [elsewhere] = await model.purchases([
      { businessId, customerId, locationId: other, occurredAt: '2024-01-02T00:00:00Z' },
    ])
    const found = async (query: string) => idsOf(await bodyOf(await list(query)))

    expect(await found('?type=order')).toEqual([ids[1]!])
    expect(await found('?type=sale')).toEqual([ids[0]!, ids[2]!, elsewhere!])
    expect(await found('?saleType=return')).toEqual([ids[2]!])
    expect(await found(`?locationId=${other.toUpperCase()}`)).toEqual([elsewhere!])
    expect(await found(`?saleType=sale&locationId=${locationId}`)).toEqual([ids[0]!])
    expect(await found('?type=order&saleType=sale')).toEqual([])
  })
})

describe('pages', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({
    occurredAt: `2024-01-${String(at + 1).padStart(2, '0')}T00:00:00Z`,
  }))

  test('have 25 purchases unless asked otherwise', async () => {
    const { list } = await customerWith(many)

    const first = await bodyOf(await list())
    const second = await bodyOf(await list(`?cursor=${first.page.next}`))

    expect(first.data).toHaveLength(25)
    expect(second.data).toHaveLength(5)
    expect(second.page.next).toBeNull()
  })

  test('end without a cursor when the last one is exactly full', async () => {
    const { list } = await customerWith(many)

    expect((await bodyOf(await list('?limit=30'))).page.next).toBeNull()
    expect((await bodyOf(await list('?limit=29'))).page.next).not.toBeNull()
  })

  test('may change their size on the way, but not their filters', async () => {
    const { list, ids } = await customerWith(many)
    const first = await bodyOf(await list('?limit=1&toDate=2024-01-20'))
    const cursor = first.page.next

    const second = await bodyOf(await list(`?limit=2&toDate=2024-01-20&cursor=${cursor}`))
    const sameInstant = await list(`?cursor=${cursor}&toDate=2024-01-20T23:59:59.999999Z`)
    const other = await list(`?cursor=${cursor}&toDate=2024-01-19`)

    expect(idsOf(second)).toEqual([ids[18]!, ids[17]!])
    expect(sameInstant.status).toBe(200)
    expect((await bodyOf(other, 400)).type).toEndWith(':invalid-cursor')
  })

  test('attack 4: bind their cursor to customer, tenant and scope', async () => {
    const { list, locationId, businessId, token } = await customerWith(many)
    const other = await customerWith(many)
    const sibling = await model.customer(businessId)
    const { next } = (await bodyOf(await list())).page
    const narrow = await tokenFor({ business: businessId, locations: [locationId] })

    const answers = await Promise.all([
      other.list(`?cursor=${next}`),
      api.get(`/customers/${sibling}/purchases?cursor=${next}`, token),
      list(`?cursor=${next}`, narrow),
    ])

    for (const answer of answers) {
      const body = await bodyOf(answer, 400)
      expect(body.type).toEndWith(':invalid-cursor')
      expect(body.parameter).toBe('cursor')
    }
  })

  test('attack 5: refuse a cursor that was not signed here, in any shape', async () => {
    const { list } = await customerWith(many)
    const { next } = (await bodyOf(await list())).page
    const flipped = Array.from({ length: next.length }, (_, at) => {
      const char = next[at] === 'A' ? 'B' : 'A'
      return next.slice(0, at) + char + next.slice(at + 1)
    })
    const shapes = [
      ...flipped,
      next.slice(0, -1),
      `${next}A`,
      `${next}%3D`,
      '',
      '../../etc/passwd',
      'x'.repeat(8_000),
      `${'['.repeat(500)}`,
      '%00',
      'null',
    ]

    const answers = await Promise.all(shapes.map((shape) => list(`?cursor=${shape}`)))

    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([400]))
    for (const answer of answers) {
      expect((await bodyOf(answer, 400)).type).toEndWith(':invalid-cursor')
    }
  })
})

test('answers an id that was merged with the list of the survivor, page after page', async () => {
  const survivor = await customerWith([
    { occurredAt: '2024-01-02T00:00:00Z' },
    { occurredAt: '2024-01-01T00:00:00Z' },
  ])
  const { businessId, customerId, token } = survivor
  const middle = await model.customer(businessId, { mergedInto: customerId })
  const old = await model.customer(businessId, { mergedInto: middle })

  const first = await bodyOf(await api.get(`/customers/${old}/purchases?limit=1`, token))
  const path = `/customers/${old}/purchases?limit=1&cursor=${first.page.next}`
  const second = await bodyOf(await api.get(path, token))
  const asSurvivor = await bodyOf(await survivor.list(`?limit=1&cursor=${first.page.next}`))

  expect(first.customerId).toBe(customerId)
  expect(first.mergedFrom).toBe(old)
  expect([...idsOf(first), ...idsOf(second)]).toEqual(survivor.ids)
  expect(idsOf(asSurvivor)).toEqual(idsOf(second))
  expect('mergedFrom' in asSurvivor).toBe(false)
})

test('takes a merge that goes in a circle for no customer', async () => {
  const businessId = makeId('biz')
  const [one, two] = [makeId('cust'), makeId('cust')]
  await model.customer(businessId, { id: one, mergedInto: two })
  await model.customer(businessId, { id: two, mergedInto: one })

  const response = await api.get(
    `/customers/${one}/purchases`,
    await tokenFor({ business: businessId }),
  )

  expect((await bodyOf(response, 404)).type).toEndWith(':customer-not-found')
})
