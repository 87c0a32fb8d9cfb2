/** What every request passes and every answer says: trace, security, origins, sizes, quotas, metrics. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { HttpOptions } from '../../src/http/deps.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import type { Log, LogFields } from '../../src/log.ts'
import { bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

let model: ReadModel
let api: TestApi
let token: string
let list: string
const businessId = makeId('biz')
const employee = makeId('empl')

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql)
  const locationId = await model.location(businessId)
  const customerId = await model.customer(businessId)
  await model.purchases(
    Array.from({ length: 3 }, (_, at) => ({
      businessId,
      customerId,
      locationId,
      occurredAt: `2024-05-0${at + 1}T10:00:00Z`,
    })),
  )
  token = await tokenFor({ business: businessId, employee, role: 'admin' })
  list = `/customers/${customerId}/purchases`
}, BOOT_MS)
afterAll(() => model.drop())

/** Its clock stands still: no quota is of two minutes. */
const apiWith = (http: HttpOptions, more = {}) => {
  const began = Date.now()
  return testApi(model.sql, { http, now: () => began, ...more })
}
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('trace', () => {
  test('goes on with the one that was sent, under a span of its own', async () => {
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`

    const { headers } = await api.get(list, token, { traceparent, 'X-Request-Id': 'till-7/4711' })

    expect(headers.get('traceparent')).toMatch(
      new RegExp(`^00-${TRACE}-(?!00f067aa)[0-9a-f]{16}-01$`),
    )
    expect(headers.get('X-Request-Id')).toBe('till-7/4711')
  })

  test.each([
    '',
    `00-${TRACE}-00f067aa0ba902b7`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
  ])('starts anew where what was sent is none: %s', async (traceparent) => {
    const { headers } = await api.get(list, token, { traceparent, 'X-Request-Id': '<script>' })

    const [, traceId] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(headers.get('traceparent')!)!
    expect(traceId).not.toBe(TRACE)
    expect(headers.get('X-Request-Id')).toBe(traceId!)
  })

  test('of a later version is understood', async () => {
    const traceparent = `cc-${TRACE}-00f067aa0ba902b7-01-what-comes`

    const { headers } = await api.get(list, token, { traceparent })

    expect(headers.get('traceparent')).toStartWith(`00-${TRACE}-`)
  })

  test('is in the problem and in the log of what failed', async () => {
    const lines: LogFields[] = []
    const note = (_: string, fields?: LogFields) => lines.push(fields ?? {})
    const log: Log = { info: note, warn: note, error: note }
    const broken = testApi(model.sql, { log, withDb: () => Promise.reject(new Error('broken')) })

    const response = await broken.get(list, token, {
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
    })

    expect(await bodyOf(response, 500)).toMatchObject({ traceId: TRACE })
    expect(lines).toMatchObject([{ traceId: TRACE, requestId: TRACE }])
  })
})

describe('security headers', () => {
  test.each(['/healthz', '/nope', '/customers', '/openapi.json'])('are on %s', async (path) => {
    const { headers } = await api.get(path)

    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    )
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
    expect(headers.get('Permissions-Policy')).toContain('camera=()')
    expect(headers.get('Strict-Transport-Security')).toBeNull()
  })

  test('say HSTS where the request came by https', async () => {
    const { headers } = await api.request('https://api.example/healthz')

    expect(headers.get('Strict-Transport-Security')).toStartWith('max-age=')
  })
})

describe('sizes', () => {
  test('an address that is too long is a 414', async () => {
    const response = await api.get(`${list}?cursor=${'a'.repeat(9_000)}`, token)

    expect((await bodyOf(response, 414)).type).toEndWith(':uri-too-long')
  })

  test('headers that are too large are a 431', async () => {
    const response = await api.get(list, token, { 'X-Filler': 'a'.repeat(33_000) })

    expect((await bodyOf(response, 431)).type).toEndWith(':headers-too-large')
  })
})

test('a list links its next page, and the links walk all of it', async () => {
  const walked: string[] = []
  let path: string | undefined = `${list}?limit=1&toDate=2024-06-01T00:00:00%2B02:00`
  while (path) {
    const response = await api.get(path, token)
    walked.push((await bodyOf(response)).data[0].occurredAt)
    const link = response.headers.get('Link')
    path = link ? /^<(\/[^>]+)>; rel="next"$/.exec(link)![1] : undefined
  }

  expect(walked.map((at) => at.slice(8, 10))).toEqual(['03', '02', '01'])
})

describe('quotas', () => {
  const quotas = parseQuotas('person-read=3/60,person-search=1/60,person-unknown=2/60')!

  test('are said in every answer, and refused when used up, until they come back', async () => {
    let now = Date.now() - (Date.now() % 60_000)
    const limited = apiWith({ quotas }, { now: () => now })

    const left = []
    for (let at = 0; at < 3; at += 1) {
      const { headers } = await limited.get(list, token)
      left.push(headers.get('RateLimit'))
      expect(headers.get('RateLimit-Policy')).toBe(
        '"person-read";q=3;w=60, "tenant-read";q=12000;w=60',
      )
    }
    const refused = await limited.get(list, token)

    expect(left.map((text) => /r=(\d+)/.exec(text!)![1])).toEqual(['2', '1', '0'])
    const body = await bodyOf(refused, 429)
    expect(body).toMatchObject({
      type: 'urn:purchase-timeline:problem:too-many-requests',
      violatedPolicies: ['person-read'],
    })
    expect(refused.headers.get('RateLimit')).toContain('"person-read";r=0;t=60')
    now += Number(refused.headers.get('Retry-After')) * 1_000
    expect((await limited.get(list, token)).status).toBe(200)
  })

  test('are of a person: another one has their own; a search is another kind', async () => {
    const limited = apiWith({ quotas })
    const other = await tokenFor({ business: businessId, employee: makeId('empl') })
    const search = async (as: string) => (await limited.get('/customers?query=anna', as)).status

    expect([await search(token), await search(token), await search(other)]).toEqual([200, 429, 200])
    expect((await limited.get(list, token)).status).toBe(200)
  })

  test('of a tenant hold for all its people and services together', async () => {
    const limited = apiWith({ quotas: parseQuotas('tenant-read=2/60') })
    const service = await tokenFor({ business: businessId })
    const foreign = await tokenFor({ business: makeId('biz') })

    const statuses = []
    for (const as of [token, service, service, token, foreign])
      statuses.push((await limited.get(list, as)).status)

    expect(statuses).toEqual([200, 200, 429, 429, 404])
  })

  test("without a usable token are the address's, where that is known, and a header is not", async () => {
    let address: string | null = '192.0.2.1'
    const limited = apiWith({
      quotas: parseQuotas('address-refused=2/60'),
      clientAddress: () => address,
    })
    const ask = async (headers = {}) => (await limited.get(list, undefined, headers)).status

    expect([await ask(), await ask()]).toEqual([401, 401])
    expect([await ask(), await ask({ 'X-Forwarded-For': '203.0.113.9' })]).toEqual([429, 429])
    expect((await limited.get(list, token)).status).toBe(200)
    address = '192.0.2.2'
    expect(await ask()).toBe(401)
    address = '2001:db8::1'
    expect([await ask(), await ask()]).toEqual([401, 401])
    address = '2001:db8:0:0:ffff::2'
    expect(await ask()).toBe(429)
    address = null
    expect([await ask(), await ask(), await ask()]).toEqual([401, 401, 401])
  })
})

describe('metrics', () => {
  test('are nowhere without a setting, and with a wrong token', async () => {
    const guarded = apiWith({ metrics: { token: 'scrape-me' } })

    expect((await api.get('/metrics')).status).toBe(404)
    expect((await guarded.get('/metrics')).status).toBe(404)
    expect((await guarded.get('/metrics', 'scrape-me-not')).status).toBe(404)
    expect((await guarded.get('/metrics', 'scrape-me')).status).toBe(200)
  })

  test('count answers, cache, problems and quotas, by names from the code alone', async () => {
    const quotas = parseQuotas('person-search=1/60')!
    const watched = apiWith({ metrics: 'open', quotas, moreMetrics: async () => 'pt_more 1\n' })
    await watched.get(list, token)
    await watched.settled()
    await watched.get(list, token)
    await watched.get(`/customers/${makeId('none')}/purchases`, token)
    await watched.get('/secret-path')
    await watched.get('/customers?query=a1', token)
    await watched.get('/customers?query=a1', token)

    const response = await watched.get('/metrics')

    expect(response.headers.get('Content-Type')).toStartWith('text/plain; version=0.0.4')
    const text = await response.text()
    expect(text).toContain('# TYPE pt_http_request_seconds histogram\n')
    expect(text).toContain('pt_http_requests_total{operation="getPurchases",status="200"} 2\n')
    expect(text).toContain('pt_http_requests_total{operation="none",status="404"} 1\n')
    expect(text).toContain('pt_http_request_seconds_bucket{operation="getPurchases",le="+Inf"} 3\n')
    expect(text).toContain('pt_http_request_seconds_count{operation="getPurchases"} 3\n')
    expect(text).toContain('pt_http_problems_total{kind="customer-not-found"} 1\n')
    expect(text).toMatch(/pt_cache_answers_total\{result="miss"\} \d\n/)
    expect(text).toContain('pt_cache_breaker_open 0\n')
    expect(text).toContain('pt_rate_limited_total{quota="person-search"} 1\n')
    expect(text).toEndWith('pt_more 1\n')
    expect(text).not.toMatch(/secret-path|a1|none0000/)
  })
})
