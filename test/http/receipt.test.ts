import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Tuple } from '../../src/domain/receipt.ts'
import { receiptAnswer } from '../../src/http/schemas.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, line, makeId, type PurchaseInput, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

async function shop() {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId, 'High Street')
  const token = await tokenFor({ business: businessId })
  const add = async (purchase: Partial<PurchaseInput>) => {
    const [id] = await model.purchases([{ businessId, customerId, locationId, ...purchase }])
    return id!
  }
  const receipt = (id: string, bearer = token) =>
    api.get(`/customers/${customerId}/purchases/${id}`, bearer)
  return { businessId, customerId, locationId, token, add, receipt }
}

const back = (parentLineId: string, qty: string, fields: object = {}): Tuple =>
  line({ parentLineId, qty, ...fields })

test('shows the whole receipt', async () => {
  const { businessId, customerId, locationId, add, receipt } = await shop()
  const employeeId = await model.employee(businessId, 'Kim')
  const [one, two] = [makeId('line'), makeId('line')]
  const [variant, product] = [makeId('vari'), makeId('prod')]
  const payment = makeId('paym')
  const id = await add({
    employeeId,
    occurredAt: '2024-03-01T09:00:00.000007Z',
    receiptNumber: 'R-1',
    total: 2400,
    discount: 100,
    tip: 50,
    itemCount: 2,
    lines: [
      line({
        id: one,
        productId: product,
        variantId: variant,
        productName: '<script>alert(1)</script>',
        variantName: 'blue, M',
        sku: '=CMD()',
        size: 'M',
        color: 'blue',
        categoryName: 'Shirts',
        qty: '1.500',
        unitPrice: '1000',
        discountTotal: '100',
        taxTotal: '9',
        total: '1400',
        promotionRef: 'SPRING',
        bundleRef: 'B1',
      }),
      line({ id: two, lineNo: '2', unitPrice: '1000', total: '1000', productName: '\u202eabc' }),
    ],
    payments: [
      [payment, 'card', '2450', '**** 1'],
      [makeId('paym'), 'cash', '0'],
    ],
  })

  const response = await receipt(id)

  const body = await bodyOf(response)
  expect(receiptAnswer.parse(body)).toBeDefined()
  expect(response.headers.get('Cache-Control')).toBe('private, no-cache')
  expect(body).toMatchObject({
    customerId,
    id,
    kind: 'sale',
    occurredAt: '2024-03-01T09:00:00.000007Z',
    location: { id: locationId, name: 'High Street' },
    employee: { id: employeeId, name: 'Kim' },
    total: { amount: 2400, currency: 'EUR' },
    discount: { amount: 100, currency: 'EUR' },
    tip: { amount: 50, currency: 'EUR' },
    parent: null,
    orderId: null,
    settledBy: [],
    returns: [],
    asOf: { lsn: '0/1000' },
  })
  expect(body.lines[0]).toEqual({
    id: one,
    lineNo: 1,
    productId: product,
    variantId: variant,
    productName: '<script>alert(1)</script>',
    variantName: 'blue, M',
    sku: '=CMD()',
    size: 'M',
    color: 'blue',
    categoryName: 'Shirts',
    qty: 1.5,
    unitPrice: { amount: 1000, currency: 'EUR' },
    discount: { amount: 100, currency: 'EUR' },
    tax: { amount: 9, currency: 'EUR' },
    total: { amount: 1400, currency: 'EUR' },
    promotionRef: 'SPRING',
    bundleRef: 'B1',
    parentLineId: null,
    seatNo: null,
    voided: false,
    comped: false,
    counted: true,
    remainingQty: 1.5,
  })
  expect(body.payments[0]).toEqual({
    id: payment,
    method: 'card',
    amount: { amount: 2450, currency: 'EUR' },
    reference: '**** 1',
  })
  expect(body.payments[1].reference).toBeNull()
})

test('flags voided and comped lines; the others add up to the total', async () => {
  const { add, receipt } = await shop()
  const id = await add({
    kind: 'order',
    total: 700,
    guestCount: 2,
    lines: [
      line({ total: '500', seatNo: '1' }),
      line({ total: '200', seatNo: '2' }),
      line({ total: '900', voidedAt: '2024-01-01 00:00:00+00' }),
      line({ total: '300', compedAt: '2024-01-01 00:00:00+00' }),
    ],
  })

  const body = await bodyOf(await receipt(id))

  expect(body.lines.map((l: Body) => [l.voided, l.comped, l.counted, l.seatNo])).toEqual([
    [false, false, true, 1],
    [false, false, true, 2],
    [true, false, false, null],
    [false, true, false, null],
  ])
  const counted = body.lines.filter((l: Body) => l.counted)
  expect(counted.reduce((sum: number, l: Body) => sum + l.total.amount, 0)).toBe(body.total.amount)
  expect(body.lines.map((l: Body) => l.remainingQty)).toEqual([null, null, null, null])
})

test('takes off what counted returns and exchanges took back, line by line', async () => {
  const { add, receipt } = await shop()
  const [one, two, three] = [makeId('line'), makeId('line'), makeId('line')]
  const sale = await add({
    lines: [
      line({ id: one, qty: '3.000' }),
      line({ id: two, qty: '0.750' }),
      line({ id: three, qty: '1.000' }),
    ],
  })
  const first = await add({
    type: 'return',
    parentPurchaseId: sale,
    occurredAt: '2024-06-01T00:00:00Z',
    total: -10,
    receiptNumber: 'RET-1',
    lines: [back(one, '-1.000'), back(two, '-0.250')],
  })
  const second = await add({
    type: 'exchange',
    parentPurchaseId: sale,
    occurredAt: '2024-06-02T00:00:00Z',
    lines: [back(one, '-1.000'), line({ qty: '5.000' }), back(three, '-1.000')],
  })
  const voided = await add({
    type: 'return',
    status: 'voided',
    parentPurchaseId: sale,
    occurredAt: '2024-06-03T00:00:00Z',
    lines: [back(one, '-1.000')],
  })

  const body = await bodyOf(await receipt(sale))
  const ofReturn = await bodyOf(await receipt(first))

  expect(body.lines.map((l: Body) => l.remainingQty)).toEqual([1, 0.5, 0])
  expect(body.returns.map((r: Body) => [r.id, r.type, r.counted])).toEqual([
    [first, 'return', true],
    [second, 'exchange', true],
    [voided, 'return', false],
  ])
  expect(body.returns[0]).toMatchObject({
    occurredAt: '2024-06-01T00:00:00.000000Z',
    receiptNumber: 'RET-1',
    location: { name: 'High Street' },
    total: { amount: -10, currency: 'EUR' },
  })
  expect(ofReturn.parent).toMatchObject({ id: sale, type: 'sale' })
  expect(ofReturn.lines.map((l: Body) => l.remainingQty)).toEqual([null, null])
})

test('counts a return by a guest or at a store out of sight, which it does not show', async () => {
  const { businessId, locationId, add, receipt } = await shop()
  const elsewhere = await model.location(businessId, 'Elsewhere')
  const sold = makeId('line')
  const sale = await add({ lines: [line({ id: sold, qty: '2.000' })] })
  await add({
    type: 'return',
    customerId: null,
    locationId: elsewhere,
    parentPurchaseId: sale,
    lines: [back(sold, '-2.000')],
  })
  const narrow = await tokenFor({ business: businessId, locations: [locationId] })

  const all = await bodyOf(await receipt(sale))
  const own = await bodyOf(await receipt(sale, narrow))

  expect(all.returns).toHaveLength(1)
  expect(own.returns).toHaveLength(0)
  expect(all.lines[0].remainingQty).toBe(0)
  expect(own.lines[0].remainingQty).toBe(0)
})

test('never says that less than nothing remains', async () => {
  const { add, receipt } = await shop()
  const sold = makeId('line')
  const sale = await add({ lines: [line({ id: sold, qty: '1.000' })] })
  const lines = [back(sold, '-1.000')]
  await add({ type: 'return', parentPurchaseId: sale, lines })
  await add({ type: 'return', parentPurchaseId: sale, lines })

  expect((await bodyOf(await receipt(sale))).lines[0].remainingQty).toBe(0)
})

test('joins an order and the sale that settles it', async () => {
  const { add, receipt } = await shop()
  const [orderId, saleId] = [makeId('orde'), makeId('purc')]
  await add({ id: orderId, kind: 'order', guestCount: 4, settledBy: [saleId] })
  await add({ id: saleId, orderId, lines: [line({})] })

  const sale = await bodyOf(await receipt(saleId))
  const order = await bodyOf(await receipt(orderId))

  expect(sale).toMatchObject({ orderId, guestCount: 4, settledBy: [] })
  expect(order).toMatchObject({ orderId: null, guestCount: 4, settledBy: [saleId], counted: false })
})

test('shows a parent only to those who see its store', async () => {
  const { businessId, locationId, add, receipt } = await shop()
  const elsewhere = await model.location(businessId)
  const sale = await add({ locationId: elsewhere })
  const returned = await add({ type: 'return', parentPurchaseId: sale })
  const narrow = await tokenFor({ business: businessId, locations: [locationId] })

  const body = await bodyOf(await receipt(returned, narrow))

  expect(body.parentPurchaseId).toBe(sale)
  expect(body.parent).toBeNull()
})

test('is there under the ids that were merged into the customer, and under no other', async () => {
  const { businessId, customerId, token, add } = await shop()
  const id = await add({})
  const old = await model.customer(businessId, { mergedInto: customerId })
  const other = await model.customer(businessId)

  const merged = await bodyOf(await api.get(`/customers/${old}/purchases/${id}`, token))
  const foreign = await api.get(`/customers/${other}/purchases/${id}`, token)

  expect([merged.customerId, merged.mergedFrom]).toEqual([customerId, old])
  expect((await bodyOf(foreign, 404)).type).toEndWith(':purchase-not-found')
})
