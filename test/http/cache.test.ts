/** The cache as a client of the API sees it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { listAnswer, summaryAnswer } from '../../src/http/schemas.ts'
import { StoreUnavailable, type WithDb } from '../../src/read/store.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { type Fault, openDoor, type UpstashDoor } from '../cache/upstash-door.ts'
import { needs } from '../support/needs.ts'
import { bodyOf, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
beforeAll(async () => {
  model = await ReadModel.create()
}, BOOT_MS)
afterAll(() => model.drop())

/** Stands still: what is told in seconds is the same on a slow machine. */
const began = Date.now()

/** A customer with one purchase, an API with a warm mark, and a count of the queries it made. */
async function warm(
  store = new MemoryStore({ now: () => began }) as MemoryStore | UpstashStore,
  now = () => began,
) {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId)
  const buy = (total: number) => model.purchases([{ businessId, customerId, locationId, total }])
  await buy(100)
  await store.raise(parseLsn('0/1000'), [])
  const state = { queries: 0, down: false }
  const withDb: WithDb = (_request, work) => {
    state.queries += 1
    return state.down ? Promise.reject(new StoreUnavailable('down')) : work(model.sql)
  }
  const api = testApi(model.sql, { store, withDb, now })
  const token = await tokenFor({ business: businessId })
  // A token is looked at once a minute, by a query of its own.
  await api.get('/customers?query=nobody', token)
  state.queries = 0
  const get = async (path = 'purchase-summary', headers = {}) => {
    const response = await api.get(`/customers/${customerId}/${path}`, token, headers)
    await api.settled()
    return response
  }
  return { businessId, customerId, buy, store, state, get, api, token }
}

const cacheStatus = (response: Response) => response.headers.get('Cache-Status')

test('a second question costs no query, and has the same answer', async () => {
  const { get, state } = await warm()
  for (const path of ['purchase-summary', 'spending', 'purchases', 'purchases?limit=1&type=sale']) {
    const before = state.queries
    const first = await get(path)
    const second = await get(path)

    expect(cacheStatus(first)).toBe('purchase-timeline; fwd=miss')
    expect(cacheStatus(second)).toBe('purchase-timeline; hit')
    expect(second.headers.get('Age')).toBe('0')
    expect(second.headers.get('ETag')).toBe(first.headers.get('ETag'))
    expect(second.headers.get('Cache-Control')).toBe('private, no-cache')
    expect(await second.text()).toBe(await first.text())
    expect(state.queries - before).toBe(1)
  }
})

test('that somebody or something is not there is kept for seconds, by its position', async () => {
  let passed = 0
  const now = () => began + passed
  const { api, token, state, store, customerId, businessId } = await warm(
    new MemoryStore({ now }),
    now,
  )
  const [nobody, nothing] = [makeId('cust'), makeId('sale')]
  const paths = [
    `/customers/${nobody}/purchase-summary`,
    `/customers/${nobody}/spending`,
    `/customers/${nobody}/purchases`,
    `/customers/${customerId}/purchases/${nothing}`,
  ]
  const ask = async (path: string) => {
    const before = state.queries
    const response = await api.get(path, token)
    await api.settled()
    const { type } = await bodyOf(response, 404)
    return { type, queries: state.queries - before }
  }
  for (const path of paths) {
    const first = await ask(path)
    expect(first.queries).toBeWithin(1, 3)
    expect(await ask(path)).toEqual({ type: first.type, queries: 0 })
  }
  passed += 10_000
  expect((await ask(paths[0]!)).queries).toBeGreaterThan(0)

  await model.customer(businessId, { id: nobody })
  await model.checkpoint({ lsn: '0/2000' })
  expect((await ask(paths[0]!)).queries).toBe(0)
  await store.raise(parseLsn('0/2000'), [nobody])
  expect((await api.get(paths[0]!, token)).status).toBe(200)
  await model.checkpoint({})
})

test('that a merge leads nowhere is not kept: who is at its end may come unseen', async () => {
  const { api, token, state, businessId } = await warm()
  const merged = await model.customer(businessId, { mergedInto: makeId('cust') })
  for (let again = 0; again < 2; again += 1) {
    const before = state.queries
    expect((await api.get(`/customers/${merged}/purchases`, token)).status).toBe(404)
    await api.settled()
    expect(state.queries).toBeGreaterThan(before)
  }
})

test('parameters in another order and notation are the same question', async () => {
  const { get } = await warm()
  await get('purchases?fromDate=2024-01-01&type=sale')

  const turned = await get('purchases?type=sale&limit=25&fromDate=2024-01-01T01:00:00%2B01:00')

  expect(cacheStatus(turned)).toBe('purchase-timeline; hit')
})

test('every parameter makes another question', async () => {
  const { get, buy } = await warm()
  await buy(7)
  const { page } = await bodyOf(await get('purchases?limit=1'))
  const questions = [
    'purchases',
    'purchases?limit=2',
    `purchases?limit=1&cursor=${page.next}`,
    'purchases?fromDate=2024-01-01',
    'purchases?toDate=2024-12-31',
    'purchases?type=sale',
    'purchases?saleType=sale',
    `purchases?locationId=${makeId('loca')}`,
  ]

  for (const question of questions) {
    expect([question, cacheStatus(await get(question))]).toEqual([
      question,
      'purchase-timeline; fwd=miss',
    ])
  }
})

test('a sale is in the next answer once its floor is raised', async () => {
  const { get, buy, store, customerId } = await warm()
  await get()
  await get('spending')
  await buy(11)
  await model.checkpoint({ lsn: '0/2000' })
  await store.raise(parseLsn('0/2000'), [customerId])

  const body = await bodyOf(await get())

  expect(body.totals[0].net).toBe(111)
  expect((await bodyOf(await get('spending'))).months[0].net).toBe(111)
  expect(body.asOf.lsn).toBe('0/2000')
  await model.checkpoint({ lsn: '0/1000' })
})

test('what has not changed is not sent again', async () => {
  const { get } = await warm()
  const etag = (await get()).headers.get('ETag')!

  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await get('purchase-summary', { 'If-None-Match': header })
    expect(response.status).toBe(304)
    expect(await response.text()).toBe('')
    expect(response.headers.get('ETag')).toBe(etag)
  }
  const spending = (await get('spending')).headers.get('ETag')!
  expect((await get('spending', { 'If-None-Match': spending })).status).toBe(304)
  const changed = await get('purchase-summary', { 'If-None-Match': '"other"' })
  expect(changed.status).toBe(200)
})

test('the answer for a merged id follows its survivor at once', async () => {
  const { businessId, customerId, api, token, buy } = await warm()
  const old = await model.customer(businessId, { mergedInto: customerId })
  const get = () => api.get(`/customers/${old}/purchase-summary`, token)
  await get()
  await api.settled()
  await buy(5)

  expect((await bodyOf(await get())).totals[0].net).toBe(105)
})

test('while the read store is down, the last answer goes out and says that it is stale', async () => {
  const { get, state, store, customerId } = await warm()
  const fresh = await bodyOf(await get())
  const months = await bodyOf(await get('spending'))
  await bodyOf(await get('purchases'))
  state.down = true
  await store.raise(parseLsn('0/2000'), [customerId])

  const summary = await get('purchase-summary', { 'If-None-Match': '*' })
  const list = await get('purchases')

  expect(summary.headers.get('Warning')).toBe('110 purchase-timeline "Response is stale"')
  expect(summary.headers.get('Age')).toBe('0')
  expect(cacheStatus(summary)).toContain('detail=stale')
  expect(summary.headers.get('ETag')).toBeNull()
  const body = await bodyOf(summary)
  expect(summaryAnswer.parse(body)).toBeDefined()
  expect(body).toEqual({ stale: true, ...fresh })
  expect(await bodyOf(await get('spending'))).toEqual({ stale: true, ...months })
  expect(listAnswer.parse(await bodyOf(list)).stale).toBe(true)
  expect((await get('purchases?limit=3')).status).toBe(503)
  state.down = false
  expect(await bodyOf(await get())).toEqual(fresh)
})

describe('whatever Redis does', () => {
  const check = needs('redis-server', hasRedis)
  let redis: RedisServer
  let door: UpstashDoor
  beforeAll(async () => {
    if (!hasRedis) return
    redis = await startRedis()
    door = await openDoor(redis)
  })
  afterAll(async () => {
    if (!hasRedis) return
    await door.stop()
    await redis.stop()
  })

  check('the answer is right, and cached when it works', async () => {
    const patient = { ...door, readTimeoutMs: 30_000, raiseTimeoutMs: 30_000 }
    const { get, buy, store, customerId } = await warm(new UpstashStore(patient))
    expect(cacheStatus(await get())).toContain('fwd=miss')
    expect(cacheStatus(await get())).toContain('hit')
    await buy(1)
    await model.checkpoint({ lsn: '0/3000' })
    await store.raise(parseLsn('0/3000'), [customerId])

    expect((await bodyOf(await get())).totals[0].net).toBe(101)
    await model.checkpoint({ lsn: '0/1000' })
  })

  const faults: Fault[] = ['hang', 'half', 'html-500', 'garbage', 'oom', 'wrong-shape']
  for (const fault of faults) {
    check(`the answer is right (${fault}), and few requests wait for Redis`, async () => {
      door.fault = null
      const { get } = await warm(new UpstashStore(door))
      door.fault = fault
      const before = door.requests

      for (let n = 0; n < 10; n += 1) {
        expect((await bodyOf(await get())).totals[0].net).toBe(100)
      }

      expect(door.requests - before).toBeLessThanOrEqual(5)
      door.fault = null
    })
  }
})
