import { afterAll, beforeAll, expect, test } from 'bun:test'
import { bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

test('says who a customer is, and of the phone number only how it ends', async () => {
  const businessId = makeId('biz')
  const card = { name: 'Anna Smith', externalRef: 'C-1', phone: '+44 20 7946 (0958)' }
  const customerId = await model.customer(businessId, card)

  const response = await api.get(
    `/customers/${customerId}`,
    await tokenFor({ business: businessId }),
  )

  expect(await bodyOf(response)).toEqual({
    customerId,
    name: 'Anna Smith',
    externalRef: 'C-1',
    phoneEnding: '0958',
    status: 'active',
    asOf: expect.anything(),
  })
  expect(response.headers.get('Cache-Control')).toBe('no-store')
})

test('has no phone ending where there are no four digits', async () => {
  const businessId = makeId('biz')
  const token = await tokenFor({ business: businessId })
  for (const phone of [null, '', '112']) {
    const customerId = await model.customer(businessId, { phone })

    const body = await bodyOf(await api.get(`/customers/${customerId}`, token))

    expect(body.phoneEnding).toBeNull()
  }
})

test('shows the survivor of a merge, and which id was asked for', async () => {
  const businessId = makeId('biz')
  const survivor = await model.customer(businessId, { name: 'Anna' })
  const merged = await model.customer(businessId, {
    name: 'Ana',
    status: 'merged',
    mergedInto: survivor,
  })

  const response = await api.get(`/customers/${merged}`, await tokenFor({ business: businessId }))

  expect(await bodyOf(response)).toMatchObject({
    customerId: survivor,
    mergedFrom: merged,
    name: 'Anna',
    status: 'active',
  })
})

test('says of whom was erased only that', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId, { status: 'erased' })

  const response = await api.get(
    `/customers/${customerId}`,
    await tokenFor({ business: businessId }),
  )

  const { type } = await bodyOf(response, 410)
  expect(type).toBe('urn:purchase-timeline:problem:customer-erased')
})

test("does not know another chain's customer", async () => {
  const customerId = await model.customer(makeId('biz'), { name: 'Anna' })

  const response = await api.get(
    `/customers/${customerId}`,
    await tokenFor({ business: makeId('biz') }),
  )

  const body = await bodyOf(response, 404)
  expect(body.type).toBe('urn:purchase-timeline:problem:customer-not-found')
})

test('lists the locations of the token and no others', async () => {
  const businessId = makeId('biz')
  const [one, two] = [await model.location(businessId), await model.location(businessId)]
  await model.location(makeId('biz'))
  const locations = async (visible: unknown) => {
    const token = await tokenFor({ business: businessId, locations: visible })
    const { data } = await bodyOf(await api.get('/locations', token))
    return data.map(({ id }: { id: string }) => id).sort()
  }

  expect(await locations('*')).toEqual([one, two].sort())
  expect(await locations([two])).toEqual([two])
  expect(await locations([])).toEqual([])
})
