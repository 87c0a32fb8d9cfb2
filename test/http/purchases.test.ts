/** Purchases by what is printed on them, and the receipt of one whoever's it is. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { VISIBILITIES, type Visibility } from '../../src/domain/scope.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import type { Log, LogFields } from '../../src/log.ts'
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
  const customerId = await model.customer(businessId, { name: 'Anna' })
  const locationId = await model.location(businessId, 'High Street')
  const token = await tokenFor({ business: businessId })
  const add = async (purchase: Partial<PurchaseInput>) => {
    const [id] = await model.purchases([{ businessId, customerId, locationId, ...purchase }])
    return id!
  }
  const find = async (receiptNumber: string, bearer = token): Promise<Body[]> => {
    const path = `/purchases?receiptNumber=${encodeURIComponent(receiptNumber)}`
    return (await bodyOf(await api.get(path, bearer))).data
  }
  const idsOf = async (receiptNumber: string, bearer = token) =>
    (await find(receiptNumber, bearer)).map(({ id }) => id)
  return { businessId, customerId, locationId, token, add, find, idsOf }
}

const at = (day: number) => `2024-03-${String(day).padStart(2, '0')}T09:00:00.000007Z`

describe('the purchases with a number', () => {
  test('say what was bought, when, where and by whom', async () => {
    const { customerId, locationId, token, add, find } = await shop()
    const sold = { occurredAt: at(1), receiptNumber: 'R-1', total: -250, itemCount: 2 }
    const id = await add({ ...sold, type: 'return' })

    expect(await find('R-1')).toEqual([
      {
        id,
        kind: 'sale',
        type: 'return',
        status: 'completed',
        counted: true,
        occurredAt: at(1),
        receiptNumber: 'R-1',
        location: { id: locationId, name: 'High Street' },
        total: { amount: -250, currency: 'EUR' },
        itemCount: 2,
        customer: { id: customerId, name: 'Anna', status: 'active' },
      },
    ])
    const response = await api.get('/purchases?receiptNumber=none', token)
    expect(await bodyOf(response)).toMatchObject({ data: [], asOf: { lsn: '0/1000' } })
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  test.each([
    ['R-1a', ['r-1A', ' R-1a ', '\tR-1A\u00a0']],
    ['ÄÖ-Жж-7', ['äö-жЖ-7']],
    ['100%', ['100%']],
    ['a_b', ['A_B']],
    ["'; drop table x; --", ["'; DROP TABLE X; --"]],
    ['収-🧾'.repeat(33), ['収-🧾'.repeat(33)]],
  ])('are found by the whole number %s, in any case, and by no other', async (number, typed) => {
    const { add, idsOf } = await shop()
    const id = await add({ receiptNumber: number })
    await add({})

    for (const text of typed) expect([text, await idsOf(text)]).toEqual([text, [id]])
    const others = [
      '%',
      '_'.repeat([...number].length),
      [...number].slice(0, -1).join(''),
      `${number}0`,
    ]
    for (const text of others) expect([text, await idsOf(text)]).toEqual([text, []])
  })

  test('are the newest twenty of them, those of one moment by their ids', async () => {
    const { businessId, customerId, locationId, idsOf } = await shop()
    const ids = await model.purchases(
      Array.from({ length: 30 }, (_, n) => ({
        ...{ businessId, customerId, locationId, receiptNumber: '1001' },
        occurredAt: at(1 + Math.floor(n / 2)),
      })),
    )

    expect(await idsOf('1001')).toEqual(ids.reverse().slice(0, 20))
  })

  test('are those whose details the token sees, and the others take no room', async () => {
    const { businessId, locationId, add, idsOf, find } = await shop()
    const elsewhere = await model.location(businessId)
    const here = await add({ receiptNumber: '1001', occurredAt: at(1) })
    const there = []
    for (let day = 2; day <= 22; day += 1)
      there.unshift(
        await add({ receiptNumber: '1001', locationId: elsewhere, occurredAt: at(day) }),
      )
    const tokenOf = (visibility: Visibility, locations: unknown = [locationId]) =>
      tokenFor({ business: businessId, locations, visibility })

    expect(await idsOf('1001', await tokenOf('own'))).toEqual([here])
    expect(await idsOf('1001', await tokenOf('masked'))).toEqual([here])
    expect(await idsOf('1001', await tokenOf('chain'))).toEqual(there.slice(0, 20))
    expect(await find('1001', await tokenOf('own', []))).toEqual([])
  })

  test('are nobody else’s chain’s', async () => {
    const mine = await shop()
    const theirs = await shop()
    const [one] = [
      await mine.add({ receiptNumber: 'R-1' }),
      await theirs.add({ receiptNumber: 'R-1' }),
    ]

    expect(await mine.idsOf('R-1')).toEqual([one])
    expect(await mine.idsOf('R-1', await tokenFor({ business: makeId('biz') }))).toEqual([])
  })

  test('name the survivor of merges, and neither a guest nor who was erased', async () => {
    const { businessId, customerId, add, find } = await shop()
    const middle = await model.customer(businessId, { name: 'An', mergedInto: customerId })
    const merged = await model.customer(businessId, { name: 'A', mergedInto: middle })
    const blocked = await model.customer(businessId, { status: 'blocked' })
    const erased = await model.customer(businessId, { status: 'erased' })
    const forgotten = await model.customer(businessId, { name: 'B', mergedInto: erased })
    const foreign = await model.customer(makeId('biz'), { name: 'Zoë' })
    const lost = await model.customer(businessId, { mergedInto: foreign })
    const owners = [merged, blocked, null, erased, forgotten, foreign, lost]
    for (const [n, owner] of owners.entries())
      await add({ receiptNumber: 'R-1', customerId: owner, occurredAt: at(28 - n) })

    expect((await find('R-1')).map(({ customer }) => customer)).toEqual([
      { id: customerId, name: 'Anna', status: 'active' },
      { id: blocked, name: null, status: 'blocked' },
      ...[null, null, null, null, null],
    ])
  })

  test('are asked for by a number that could be one', async () => {
    const { token } = await shop()
    const wrong = ['', ' ', '%20%09', 'a%00b', 'x'.repeat(101), '1'.repeat(200)]
    const queries = wrong.map((text) => `?receiptNumber=${text}`)
    queries.push('', '?receiptNumber=1&receiptNumber=1', '?receiptNumber=1&limit=1', '?receipt=1')

    for (const query of queries) {
      const response = await api.get(`/purchases${query}`, token)
      const { type } = await bodyOf(response, 400)
      expect([query, type]).toEqual([query, 'urn:purchase-timeline:problem:invalid-parameter'])
    }
  })

  test('may have a number that fits into no index: it is there, and nobody can ask for it', async () => {
    const { add, idsOf, token } = await shop()
    const digits = Array.from({ length: 9_000 }, (_, n) => ((n * n * 7_919) % 9_973) % 10).join('')
    const id = await add({ receiptNumber: digits })

    expect((await bodyOf(await api.get(`/purchases/${id}`, token))).receiptNumber).toBe(digits)
    expect(await idsOf(digits.slice(0, 100))).toEqual([])
  })

  test('count as a search', async () => {
    const limited = testApi(model.sql, { http: { quotas: parseQuotas('person-search=1/60') } })
    const token = await tokenFor({ business: makeId('biz'), employee: makeId('kim') })
    const ask = async () => (await limited.get('/purchases?receiptNumber=1', token)).status

    expect([await ask(), await ask()]).toEqual([200, 429])
  })
})

describe('the receipt of a purchase', () => {
  test('is the one that its customer’s address gives', async () => {
    const { customerId, token, add } = await shop()
    const sold = makeId('line')
    const sale = await add({ receiptNumber: 'R-1', total: 200, lines: [line({ id: sold })] })
    const parentPurchaseId = sale
    const back = [line({ parentLineId: sold, qty: '-1.000' })]
    await add({ type: 'return', parentPurchaseId, customerId: null, lines: back })

    const response = await api.get(`/purchases/${sale}`, token)

    const byCustomer = await api.get(`/customers/${customerId}/purchases/${sale}`, token)
    const body = await bodyOf(response)
    expect(body).toEqual(await bodyOf(byCustomer))
    expect(body.lines[0].remainingQty).toBe(0)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  test('may be nobody’s, and the survivor’s', async () => {
    const { businessId, customerId, token, add } = await shop()
    const merged = await model.customer(businessId, { mergedInto: customerId })
    const erased = await model.customer(businessId, { status: 'erased' })
    const ownerOf = async (owner: string | null) => {
      const id = await add({ customerId: owner, lines: [line({ qty: '2.000' })] })
      const body = await bodyOf(await api.get(`/purchases/${id}`, token))
      expect(body.lines[0].remainingQty).toBe(2)
      return body.customerId
    }

    expect(await ownerOf(null)).toBeNull()
    expect(await ownerOf(erased)).toBeNull()
    expect(await ownerOf(merged)).toBe(customerId)
  })

  test('is there for who sees its details, in its chain', async () => {
    const { businessId, locationId, add } = await shop()
    const elsewhere = await model.location(businessId)
    const there = await add({ locationId: elsewhere, customerId: null })
    const back = await add({ type: 'return', parentPurchaseId: there, customerId: null })
    const answers = async (id: string, token: string) =>
      (await api.get(`/purchases/${id}`, token)).status
    const tokenOf = (visibility: Visibility) =>
      tokenFor({ business: businessId, locations: [locationId], visibility })

    const seen = []
    for (const mode of VISIBILITIES) seen.push(await answers(there, await tokenOf(mode)))
    expect(seen).toEqual([404, 404, 200])
    const { parent } = await bodyOf(await api.get(`/purchases/${back}`, await tokenOf('masked')))
    expect(parent).toMatchObject({ id: there, masked: true, total: null })
    const foreign = await api.get(
      `/purchases/${there}`,
      await tokenFor({ business: makeId('biz') }),
    )
    expect((await bodyOf(foreign, 404)).type).toEndWith(':purchase-not-found')
    expect(await answers('1', await tokenOf('own'))).toBe(400)
  })
})

test('who is shown was looked at, purchase by purchase; a guest is nobody', async () => {
  const { businessId, customerId, token, add } = await shop()
  const { log, looks } = heard()
  const watched = testApi(model.sql, { log })
  const other = await model.customer(businessId, { mergedInto: customerId })
  const one = await add({ receiptNumber: 'R-1', occurredAt: at(3) })
  const two = await add({ receiptNumber: 'R-1', occurredAt: at(2), customerId: other })
  const guests = await add({ receiptNumber: 'R-1', occurredAt: at(1), customerId: null })

  await watched.get('/purchases?receiptNumber=r-1', token)
  for (const id of [guests, two]) await watched.get(`/purchases/${id}`, token)

  expect(looks()).toEqual([
    { action: 'findPurchases', customerId, purchaseId: one, outcome: 'done' },
    { action: 'findPurchases', customerId, purchaseId: two, outcome: 'done' },
    { action: 'getPurchase', customerId, purchaseId: two, outcome: 'done' },
  ])
})

/** The looks that an API without a source logs. */
function heard() {
  const lines: (LogFields | undefined)[] = []
  const none = () => {}
  const log: Log = {
    info: (message, fields) => void (message === 'looked' && lines.push(fields)),
    warn: none,
    error: none,
  }
  const looks = () =>
    lines.map((fields) => {
      const { action, customerId, purchaseId, outcome } = fields!
      return { action, customerId, purchaseId, outcome }
    })
  return { log, looks }
}
