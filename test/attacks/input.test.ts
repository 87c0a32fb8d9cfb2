/** Input that is made to break something (5 and 12 to 16 of the list). */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { problem } from '../../src/http/schemas.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, line, makeId, ReadModel } from '../http/support/read-model.ts'

const businessId = makeId('biz')
let model: ReadModel
let api: TestApi
let token: string
let locationId: string
let customerId: string
let list: string

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
  token = await tokenFor({ business: businessId, role: 'admin' })
  locationId = await model.location(businessId)
  customerId = await model.customer(businessId, { name: 'Anna Smith', externalRef: 'C-1' })
  const at = { businessId, customerId, locationId }
  await model.purchases([
    { ...at, occurredAt: '2024-05-01T10:00:00Z', receiptNumber: 'R-1' },
    { ...at, occurredAt: '2024-05-02T10:00:00Z' },
  ])
  list = `/customers/${customerId}/purchases`
}, BOOT_MS)
afterAll(() => model.drop())

async function refusal(path: string): Promise<Body> {
  const response = await api.get(path, token)
  const body = await bodyOf(response, 400)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  return problem.parse(body)
}

/** The cursor of the list's second page. */
async function cursor(): Promise<string> {
  return (await bodyOf(await api.get(`${list}?limit=1`, token))).page.next
}

describe('attack 5: a cursor', () => {
  test('with any character changed, cut off or added is refused', async () => {
    const good = await cursor()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom(...alphabet))
      .map(([at, char]) => good.slice(0, at) + char + good.slice(at + 1))
    const cut = fc.nat(good.length - 1).map((length) => good.slice(0, length))
    const added = fc.string({ minLength: 1, maxLength: 50 }).map((more) => good + more)

    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, cut, added), async (text) => {
        fc.pre(text !== good)
        const body = await refusal(`${list}?limit=1&cursor=${encodeURIComponent(text)}`)
        expect(body.type).toEndWith(':invalid-cursor')
      }),
    )
    expect((await api.get(`${list}?limit=1&cursor=${good}`, token)).status).toBe(200)
  })

  test.each([
    '../../etc/passwd',
    'A'.repeat(7_000),
    btoa(`${'['.repeat(2_000)}${']'.repeat(2_000)}`),
    btoa('{"__proto__":{"admin":true}}'),
    '\u0000',
    '%00',
    "'||(select 1)||'",
  ])('such as %p is refused', async (text) => {
    const body = await refusal(`${list}?cursor=${encodeURIComponent(text)}`)

    expect(body.type).toEndWith(':invalid-cursor')
  })
})

const INJECTIONS = [
  "'",
  "');drop table purchase_timeline;--",
  '%_',
  "' or 1=1 --",
  '\\',
  '$1',
  '{a,b}',
  'a\u0000b',
  "x'; select pg_sleep(10); --",
]

describe('attack 12: SQL in', () => {
  test.each(['fromDate', 'toDate', 'type', 'saleType', 'locationId', 'limit', 'cursor'])(
    '%s is a value that is refused',
    async (name) => {
      for (const text of INJECTIONS) {
        const body = await refusal(`${list}?${name}=${encodeURIComponent(text)}`)
        expect(body.parameter).toBe(name)
      }
      await refusal(`${list}?${name}[]=1`)
      await refusal(`${list}?${name}=1&${name}=2`)
    },
  )

  test('an id of a path is a value that is refused', async () => {
    for (const text of INJECTIONS) {
      await refusal(`/customers/${encodeURIComponent(text)}/purchases`)
      await refusal(`${list}/${encodeURIComponent(text)}`)
    }
  })

  test('a search is text: its wildcards are characters, and it finds nothing', async () => {
    for (const text of [...INJECTIONS, '%%', '_nna', "anna' or ''='", '*:*', 'anna | bob']) {
      for (const search of ['/customers?query=', '/purchases?receiptNumber=']) {
        const response = await api.get(search + encodeURIComponent(text), token)
        expect([200, 400]).toContain(response.status)
        if (response.status === 200) expect((await bodyOf(response)).data).toEqual([])
      }
    }
    const found = await bodyOf(await api.get('/customers?query=anna', token))
    expect(found.data).toHaveLength(1)
  })

  test('ten thousand bytes of it are too much, or refused', async () => {
    const text = encodeURIComponent("'".repeat(10_000))

    expect((await api.get(`${list}?locationId=${text}`, token)).status).toBe(414)
    expect((await refusal(`/customers?query=${"'".repeat(2_000)}`)).parameter).toBe('query')
  })
})

describe('attack 13: a date', () => {
  test.each([
    '0000-01-01',
    '10000-01-01',
    '-0001-01-01',
    '2023-02-29',
    '2024-13-01',
    '2016-12-31T23:59:60Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00%2B14:60',
    '2024-03-31T02:30:00 Europe/Berlin',
    '0001-01-01T00:00:00%2B14:00',
    '9999-12-31T23:59:59-14:00',
  ])('%s is refused by name', async (text) => {
    expect((await refusal(`${list}?fromDate=${text}`)).parameter).toBe('fromDate')
  })

  test('before the first is refused; all of time is a page as any other', async () => {
    const body = await refusal(`${list}?fromDate=2024-05-02&toDate=2024-05-01`)
    const all = await api.get(`${list}?fromDate=0001-01-01&toDate=9999-12-31&limit=1`, token)

    expect(body.parameter).toBe('fromDate')
    expect((await bodyOf(all)).data).toHaveLength(1)
  })

  test('with the largest offset is the same moment', async () => {
    const from = encodeURIComponent('2024-05-02T00:00:00+14:00')

    expect((await bodyOf(await api.get(`${list}?fromDate=${from}`, token))).data).toHaveLength(2)
  })
})

test.each(['0', '-1', '1e9', 'NaN', '1000000000', '1.5', '0x10', ' 5', '５', ''])(
  'attack 14: a limit of %p is refused',
  async (text) => {
    expect((await refusal(`${list}?limit=${encodeURIComponent(text)}`)).parameter).toBe('limit')
  },
)

test('attack 14: what is given twice or unknown is refused, never ignored', async () => {
  expect((await refusal(`${list}?limit=1&limit=2`)).parameter).toBe('limit')
  expect((await refusal(`${list}?page=2`)).parameter).toBe('page')
  expect((await refusal(`${list}?__proto__=1`)).parameter).toBe('__proto__')
})

test('attack 15: text of any kind in a name comes as it was, as data that no browser renders', async () => {
  const names = [
    'Shirt \u202egnp.exe',
    'zero\u200bwidth\u2060',
    '👩‍👩‍👧‍👦 Family',
    `Z${'\u0301'.repeat(500)}`,
    '<script>alert(1)</script>',
    '=CMD("calc")',
    '</textarea>"\'&<',
    'a\\u0000b"}],"data":[{',
  ]
  const [id] = await model.purchases([
    {
      businessId,
      customerId,
      locationId,
      lines: names.map((productName) => line({ productName })),
    },
  ])

  const response = await api.get(`${list}/${id}`, token)

  expect(response.headers.get('Content-Type')).toBe('application/json')
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(response.headers.get('Content-Security-Policy')).toStartWith("default-src 'none'")
  const { lines } = await bodyOf(response)
  expect(lines.map((each: Body) => each.productName)).toEqual(names)
})

test('attack 15: half a surrogate pair and bytes that are no UTF-8 in a request are harmless', async () => {
  for (const text of ['%ED%A0%80', '%FF%FE', '%C0%AF', 'a%', '%E2%80%AEanna'])
    expect([200, 400]).toContain((await api.get(`/customers?query=aa${text}`, token)).status)
})

test('attack 16: sums of any size and currency keep every digit, and are never mixed', async () => {
  const someone = await model.customer(businessId)
  const at = { businessId, customerId: someone, locationId }
  const most = 9_223_372_036_854_775_807n
  await model.purchases([
    { ...at, currency: 'EUR', total: most },
    { ...at, currency: 'USD', total: -most, type: 'return', refunded: most },
    { ...at, currency: 'JPY', total: 1 },
    { ...at, currency: 'BHD', total: 1_001 },
    { ...at, currency: 'BHD', total: 0 },
  ])

  const text = await (await api.get(`/customers/${someone}/purchase-summary`, token)).text()
  const page = await (await api.get(`/customers/${someone}/purchases`, token)).text()

  expect(text).toMatch(/"currency":"EUR","gross":9223372036854775807,/)
  expect(text).toMatch(/"currency":"USD",.*"net":-9223372036854775807/)
  expect(JSON.parse(text).totals.map((sum: Body) => sum.currency)).toEqual([
    'BHD',
    'EUR',
    'JPY',
    'USD',
  ])
  expect(JSON.parse(text).totals[0]).toMatchObject({ net: 1_001, orderCount: 2 })
  expect(page).toContain('{"amount":9223372036854775807,"currency":"EUR"}')
  expect(page).toContain('{"amount":-9223372036854775807,"currency":"USD"}')
})
