import { afterAll, beforeAll, expect, test } from 'bun:test'
import { searchAnswer } from '../../src/http/schemas.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
}, BOOT_MS)
afterAll(() => model.drop())

async function directory(cards: Parameters<ReadModel['customer']>[1][]) {
  const businessId = makeId('biz')
  const ids: string[] = []
  for (const card of cards) ids.push(await model.customer(businessId, card))
  const token = await tokenFor({ business: businessId })
  const search = (query: string) => api.get(`/customers?query=${encodeURIComponent(query)}`, token)
  const found = async (query: string) =>
    (await bodyOf(await search(query))).data.map((customer: Body) => ids.indexOf(customer.id))
  return { ids, businessId, search, found }
}

test('finds by the starts of words of a name, in any order and case', async () => {
  const { found } = await directory([
    { name: 'Maria José García-López' },
    { name: 'Mariana Lopez' },
    { name: "Sean O'Brien" },
    { name: null },
    { name: '黃 佳怡' },
  ])

  expect(await found('mar')).toEqual([0, 1])
  expect(await found('GARCÍA mar')).toEqual([0])
  expect(await found('lópez')).toEqual([0])
  expect(await found("o'bri")).toEqual([2])
  expect(await found('jose\u0301')).toEqual([0])
  expect(await found('aria')).toEqual([])
  expect(await found('黃')).toEqual([4])
})

test('finds by the end of a phone number, however either is written', async () => {
  const { found } = await directory([
    { phone: '+44 20 7946 0958' },
    { phone: '(020) 7946-0958' },
    { phone: '555 0000' },
  ])

  expect((await found('7946 0958')).sort()).toEqual([0, 1])
  expect((await found('020 7946.0958')).sort()).toEqual([0, 1])
  expect((await found('+44 (20) 7946 0958')).sort()).toEqual([0, 1])
  expect((await found('0044 20 7946 0958')).sort()).toEqual([0, 1])
  expect(await found('+49 20 7946 0959')).toEqual([])
  expect(await found('0958')).toHaveLength(2)
  expect(await found('958')).toEqual([])
  expect(await found('5550000')).toEqual([2])
})

test('finds by external ref, the exact one first', async () => {
  const { found } = await directory([
    { externalRef: 'C-1234', name: 'a' },
    { externalRef: 'c-123', name: 'z' },
    { externalRef: 'X-123', name: 'c' },
    { externalRef: '12346', phone: '0012346' },
    { name: '12346' },
  ])

  expect(await found('C-123')).toEqual([1, 0])
  expect(await found('12346')).toEqual([3, 4])
})

test('answers with what the directory says, and whom a customer was merged into', async () => {
  const { ids, businessId, search } = await directory([
    { name: 'Anna', externalRef: 'A1', phone: '+44 20 7946 0958' },
  ])
  const older = await model.customer(businessId, { name: 'Anna Older', mergedInto: ids[0]! })
  const oldest = await model.customer(businessId, { name: 'Anna Oldest', mergedInto: older })

  const body = await bodyOf(await search('anna'))

  const survivor = { id: ids[0], name: 'Anna', externalRef: 'A1' }
  const merged = { externalRef: null, phoneEnding: null, status: 'merged', survivor }
  expect(searchAnswer.parse(body)).toBeDefined()
  expect(body).toEqual({
    data: [
      {
        id: ids[0],
        name: 'Anna',
        externalRef: 'A1',
        phoneEnding: null,
        status: 'active',
        mergedInto: null,
        survivor: null,
      },
      { ...merged, id: older, name: 'Anna Older', mergedInto: ids[0] },
      { ...merged, id: oldest, name: 'Anna Oldest', mergedInto: older },
    ],
    asOf: { lsn: '0/1000', committedAt: '2024-05-01T10:00:00.123456Z' },
  })
})

test('tells people of one name apart by the end of their phone number, and shows nobody else’s', async () => {
  const { ids, search } = await directory([
    { name: 'Joelle Grant', phone: '+44 20 7946 0958' },
    { name: 'JOELLE GRANT', phone: '+44 20 7946 0123' },
    { name: 'Joelle Grantham', phone: '+44 20 7946 0777' },
  ])

  const { data } = await bodyOf(await search('joelle'))

  const endings = Object.fromEntries(
    (data as { id: string; phoneEnding: string | null }[]).map((hit) => [hit.id, hit.phoneEnding]),
  )
  expect(endings).toEqual({ [ids[0]!]: '0958', [ids[1]!]: '0123', [ids[2]!]: null })
})

test('lists names as people do, not as bytes', async () => {
  const { found } = await directory([
    { name: 'Joelle Grant', externalRef: 'B' },
    { name: 'JOSEPHINE' },
    { name: 'Joaquín' },
    { name: 'joan' },
    { name: 'Joelle Grant', externalRef: 'a' },
    { name: 'Jóa' },
  ])

  expect(await found('jo')).toEqual([3, 2, 4, 0, 1])
})

test('finds nobody of another tenant', async () => {
  await directory([{ name: 'Zebedee', phone: '99887766', externalRef: 'Z-9' }])
  const { found } = await directory([])

  expect(await found('zebedee')).toEqual([])
  expect(await found('99887766')).toEqual([])
  expect(await found('z-9')).toEqual([])
})

test('answers with at most twenty', async () => {
  const { found } = await directory(
    Array.from({ length: 25 }, (_, at) => ({ name: `Twin ${String.fromCharCode(97 + at)}` })),
  )

  expect(await found('twin')).toEqual(Array.from({ length: 20 }, (_, at) => at))
})

test.each([
  "'; drop table customer_card; --",
  "') or 1=1 --",
  'a & b',
  'a | !b',
  'a:*',
  "a <-> 'b",
  '(((',
  '\\\\',
  '%_',
  '__',
  '&|!()<>:*',
  '“quoted” – dash',
  '\u202eevil\u200b',
  '😀😀',
  'a\u0301\u0301\u0301\u0301',
  '-- /* */',
  '$1',
  '1e5 0x1F 12:30',
  'x'.repeat(100),
])('takes %p for words and nothing else', async (query) => {
  const { found } = await directory([{ name: 'Quite Other', externalRef: 'Q', phone: '1111111' }])

  expect(await found(query)).toEqual([])
})

test.each([
  ['/customers', 'is required'],
  ['/customers?query=', '2 to 100'],
  ['/customers?query=%20a%20', '2 to 100'],
  [`/customers?query=${'x'.repeat(101)}`, '2 to 100'],
  ['/customers?query=ab%00cd', 'NUL'],
  ['/customers?query=ab&query=cd', 'once'],
  ['/customers?query=ab&limit=5', 'not a parameter'],
])('refuses %s', async (path, reason) => {
  const { businessId } = await directory([])

  const response = await api.get(path, await tokenFor({ business: businessId }))

  expect((await bodyOf(response, 400)).detail).toContain(reason)
})
