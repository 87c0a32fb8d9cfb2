/** Bad input (12 to 14 of the list in security.md), and what is answered when something is missing. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { problem, readyAnswer } from '../../src/http/schemas.ts'
import type { Log, LogFields } from '../../src/log.ts'
import { READ_CLIENT_OPTIONS } from '../../src/read/store.ts'
import { createDatabase } from '../support/postgres.ts'
import { bodyOf, type TestApi, testApi, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
let api: TestApi
let token: string
let customerId: string

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
  const businessId = makeId('biz')
  customerId = await model.customer(businessId)
  token = await tokenFor({ business: businessId })
}, BOOT_MS)
afterAll(() => model.drop())

async function problemOf(response: Response, status: number) {
  const body = await bodyOf(response, status)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  expect(problem.parse(body).status).toBe(status)
  expect(JSON.stringify(body)).not.toMatch(/\.ts:|node_modules|select |postgres|password/)
  return body
}

describe('refuses, and names, a parameter', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1000', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=1000000000', 'limit'],
    ['limit=NaN', 'limit'],
    ['limit=', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=%2B5', 'limit'],
    ['limit=05', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['type=', 'type'],
    ['type=SALE', 'type'],
    ['type=sale,order', 'type'],
    ['type=constructor', 'type'],
    ["saleType=return' or '1'='1", 'saleType'],
    ['saleType=dine_in', 'saleType'],
    ['locationId=1', 'locationId'],
    ["locationId=';drop table purchase_timeline;--", 'locationId'],
    ['locationId=%00', 'locationId'],
    ['locationId[]=x', 'locationId[]'],
    ['fromDate=', 'fromDate'],
    ['fromDate=yesterday', 'fromDate'],
    ['fromDate=0000-01-01', 'fromDate'],
    ['fromDate=10000-01-01', 'fromDate'],
    ['fromDate=2023-02-29', 'fromDate'],
    ['fromDate=2024-02-30', 'fromDate'],
    ['fromDate=2024-13-01', 'fromDate'],
    ['fromDate=2024-1-1', 'fromDate'],
    ['fromDate=2016-12-31T23:59:60Z', 'fromDate'],
    ['fromDate=2024-01-01T24:00:00Z', 'fromDate'],
    ['fromDate=2024-01-01T00:00:00', 'fromDate'],
    ['fromDate=2024-01-01T00:00Z', 'fromDate'],
    ['fromDate=2024-01-01T00:00:00.1234567Z', 'fromDate'],
    ['fromDate=2024-01-01T00:00:00+01:00', 'fromDate'],
    ['fromDate=2024-01-01T00:00:00%2B24:00', 'fromDate'],
    ['fromDate=0001-01-01T00:00:00%2B00:01', 'fromDate'],
    ['fromDate=infinity', 'fromDate'],
    ['toDate=9999-12-31T23:59:59-00:01', 'toDate'],
    ['toDate=1704067200', 'toDate'],
    ['fromDate=2024-01-02&toDate=2024-01-01', 'fromDate'],
    ['fromDate=2024-01-01T00:00:00.000001Z&toDate=2024-01-01T00:00:00Z', 'fromDate'],
    ['page=2', 'page'],
    ['Limit=5', 'Limit'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    [`${'x'.repeat(4_000)}=1`, 'x'.repeat(60)],
    ['limit=5&offset=10', 'offset'],
  ])('%s', async (query, parameter) => {
    const body = await problemOf(
      await api.get(`/customers/${customerId}/purchases?${query}`, token),
      400,
    )

    expect(body.type).toBe('urn:purchase-timeline:problem:invalid-parameter')
    expect(body.parameter).toBe(parameter)
    expect(body.errors[0].parameter).toBe(parameter)
  })

  test('and every other one that is wrong', async () => {
    const query = 'limit=0&type=x&nope=1&limit=2'
    const body = await problemOf(
      await api.get(`/customers/${customerId}/purchases?${query}`, token),
      400,
    )

    expect(body.errors.map((error: { parameter: string }) => error.parameter).sort()).toEqual([
      'limit',
      'limit',
      'nope',
      'type',
    ])
  })

  test.each(['purchase-summary', `purchases/${makeId('purc')}`])('on %s, too', async (path) => {
    const body = await problemOf(await api.get(`/customers/${customerId}/${path}?a=1`, token), 400)
    expect(body.parameter).toBe('a')
  })

  test.each([
    ['/customers/1/purchase-summary', 'id'],
    ["/customers/'/purchases", 'id'],
    ['/customers/%00/purchases', 'id'],
    ['/customers/%ff/purchases', 'id'],
    ['/customers/%2e%2e%2fhealthz/purchases', 'id'],
    [`/customers/${'a'.repeat(5_000)}/purchases`, 'id'],
    [`/customers/{${makeId()}}/purchases`, 'id'],
    [`/customers/${makeId()}/purchases/x`, 'purchaseId'],
    [`/customers/${makeId().replaceAll('-', '')}/purchases`, 'id'],
  ])('in the path: %s', async (path, parameter) => {
    const body = await problemOf(await api.get(path, token), 400)
    expect([body.type, body.parameter]).toEqual([
      'urn:purchase-timeline:problem:invalid-parameter',
      parameter,
    ])
  })
})

test('knows no customer that is not there, in capitals or not', async () => {
  const known = await api.get(`/customers/${customerId.toUpperCase()}/purchases`, token)
  const unknown = await api.get(`/customers/${makeId('none')}/purchases`, token)

  expect((await bodyOf(known)).customerId).toBe(customerId)
  expect((await problemOf(unknown, 404)).type).toEndWith(':customer-not-found')
})

test.each(['/', '/nope', '/customers/', '/customers/x/y', '/customers/x/y/z', '/healthz/', '//'])(
  'has nothing at %s',
  async (path) => {
    expect((await problemOf(await api.get(path, token), 404)).type).toEndWith(':not-found')
  },
)

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
  'refuses %s and says what is allowed',
  async (method) => {
    for (const path of ['/customers', `/customers/${customerId}/purchases`, '/readyz']) {
      const response = await api.request(path, { method })

      expect((await problemOf(response, 405)).type).toEndWith(':method-not-allowed')
      expect(response.headers.get('Allow')).toBe('GET, HEAD')
    }
  },
)

test('answers HEAD as GET, without the body', async () => {
  const headers = { Authorization: `Bearer ${token}` }
  const path = `/customers/${customerId}/purchases`

  const head = await api.request(path, { method: 'HEAD', headers })
  const get = await api.request(path, { headers })

  expect(await head.text()).toBe('')
  expect(head.headers.get('ETag')).toBe(get.headers.get('ETag'))
})

describe('while the read model is not whole', () => {
  test.each(['creating', 'copying', 'catching_up'])('(%s), says so', async (phase) => {
    const building = await ReadModel.create()
    await building.checkpoint({ phase })
    const early = testApi(building.sql)
    const path = `/customers/${customerId}/purchase-summary`

    const summary = await early.get(path, token)
    const found = await early.get('/customers?query=anna', token)
    const ready = await bodyOf(await early.get('/readyz'), 503)

    expect((await problemOf(summary, 503)).type).toEndWith(':read-model-building')
    expect((await problemOf(found, 503)).type).toEndWith(':read-model-building')
    expect(Number(summary.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(readyAnswer.parse(ready).checks.projection).toBe(phase)
    await building.drop()
  })

  test('(never started), says so', async () => {
    const building = await ReadModel.create()
    await building.owner`delete from projection_checkpoint`
    const early = testApi(building.sql)

    const summary = await early.get(`/customers/${customerId}/purchases`, token)
    const ready = await bodyOf(await early.get('/readyz'), 503)

    expect((await problemOf(summary, 503)).type).toEndWith(':read-model-building')
    expect(readyAnswer.parse(ready).checks.projection).toBe('not-started')
    await building.drop()
  })

  test('(no schema), says so', async () => {
    const sql = postgres(await createDatabase(), { ...READ_CLIENT_OPTIONS, max: 1 })
    const early = testApi(sql)

    const summary = await early.get(`/customers/${customerId}/purchases`, token)
    const ready = await bodyOf(await early.get('/readyz'), 503)

    expect((await problemOf(summary, 503)).type).toEndWith(':read-model-building')
    expect(readyAnswer.parse(ready).checks.schema).toBe('missing')
    await sql.end()
  })
})

test('is ready when the read model is live, and up in any case', async () => {
  const body = await bodyOf(await api.get('/readyz'))

  expect(readyAnswer.parse(body)).toEqual({
    status: 'ready',
    checks: { store: 'ok', schema: 'ok', projection: 'live' },
    asOf: { lsn: '0/1000', committedAt: '2024-05-01T10:00:00.123456Z' },
  })
  expect(await bodyOf(await api.get('/healthz'))).toEqual({ status: 'up' })
})

describe('while the read store can not be reached', () => {
  const nowhere = () =>
    postgres('postgres://nobody:secret-password@127.0.0.1:1/x', {
      ...READ_CLIENT_OPTIONS,
      backoff: () => 0.01,
    })

  test('answers 503 and when to try again; is up, and not ready', async () => {
    const sql = nowhere()
    const down = testApi(sql)

    for (const path of [`/customers/${customerId}/purchases`, '/customers?query=anna']) {
      const response = await down.get(path, token)
      expect((await problemOf(response, 503)).type).toEndWith(':store-unavailable')
      expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    }
    const ready = await bodyOf(await down.get('/readyz'), 503)
    expect(readyAnswer.parse(ready).checks.store).toBe('unreachable')
    expect((await down.get('/healthz')).status).toBe(200)
    await sql.end()
  })

  test('logs that it failed, and no secret', async () => {
    const lines: string[] = []
    const note = (message: string, fields?: LogFields) =>
      lines.push(JSON.stringify({ message, ...fields }))
    const log: Log = { info: note, warn: note, error: note }
    const sql = nowhere()

    await testApi(sql, { log }).get(`/customers/${customerId}/purchases`, token)

    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('ECONNREFUSED')
    expect(lines[0]).not.toMatch(new RegExp(`secret-password|eyJ|${customerId}`))
    await sql.end()
  })
})

test('answers a fault of its own with a number to look for in the log, and nothing else', async () => {
  const lines: string[] = []
  const note = (message: string, fields?: LogFields) =>
    lines.push(JSON.stringify({ message, ...fields }))
  const broken = testApi(model.sql, {
    log: { info: note, warn: note, error: note },
    withDb: () => Promise.reject(new Error('Anna Smith, +44 20 7946 0958')),
  })

  const response = await broken.get(`/customers/${customerId}/purchases`, token)

  const body = await problemOf(response, 500)
  expect(body.detail).toBe('Something went wrong on our side.')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(body.instance)
  expect(lines[0]).not.toContain('Anna')
})
