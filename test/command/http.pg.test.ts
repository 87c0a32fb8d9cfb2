/** Commands over HTTP, from the request to the read model: one source, one projector, one API. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BUSINESS, KIM, openShop } from '../projector/support/till.ts'
import { Shop } from './support/shop.ts'

let on: Projection
let shop: Shop
let api: TestApi
let readSql: ReadSql
let token: string

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  await on.live()
  readSql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 2, onnotice() {} }) as ReadSql
  api = testApi(readSql, { sourceUrl: on.sourceUrl })
  token = await tokenFor({ business: BUSINESS, role: 'store_manager', employee: KIM })
})
afterAll(async () => {
  await readSql.end({ timeout: 1 })
  await on.close()
})

function send(method: string, path: string, body?: Body, headers: Record<string, string> = {}) {
  return api.request(path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': crypto.randomUUID(),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

test('a merge is read by who made it, on the token that it answered with', async () => {
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  await shop.sale(ann)

  const merged = await send('POST', `/customers/${bea}/merges`, { fromCustomerId: ann })
  const read = await api.get(`/customers/${bea}/purchases`, token, {
    'Consistency-Token': merged.headers.get('Consistency-Token')!,
  })

  expect(await bodyOf(merged, 201)).toMatchObject({ moved: { sale: 1, order: 0 } })
  expect((await bodyOf(read)).data).toHaveLength(1)
})

test('asked for again under its key a command is answered as the first time, and not done again', async () => {
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  const key = { 'Idempotency-Key': '"again"' }

  const first = await send('POST', `/customers/${bea}/merges`, { fromCustomerId: ann }, key)
  const second = await send('POST', `/customers/${bea}/merges`, { fromCustomerId: ann }, key)
  const other = await send('POST', `/customers/${ann}/merges`, { fromCustomerId: bea }, key)

  expect(second.headers.get('Idempotency-Replayed')).toBe('true')
  expect(await bodyOf(second, 201)).toEqual(await bodyOf(first, 201))
  expect(await bodyOf(other, 422)).toMatchObject({
    type: 'urn:purchase-timeline:problem:idempotency-key-reused',
  })
})
