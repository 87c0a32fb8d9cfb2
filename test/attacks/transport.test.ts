/** What comes around the request: bodies, browsers, walks through ids (22, 23 and 27 of the list). */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { serveBun } from '../../src/entry/bun.ts'
import { MAX_BODY_BYTES } from '../../src/http/body.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import { silentLog } from '../../src/log.ts'
import { bodyOf, SECRET, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const businessId = makeId('biz')
const employee = makeId('empl')
let model: ReadModel
let api: TestApi
let token: string
let customerId: string
let merges: string

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql, { sourceUrl: 'postgres://nobody@127.0.0.1:1/none' })
  token = await tokenFor({ business: businessId, role: 'admin', employee })
  customerId = await model.customer(businessId)
  merges = `/customers/${customerId}/merges`
}, BOOT_MS)
afterAll(() => model.drop())

function post(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return api.request(merges, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': '"attack"',
      ...headers,
    },
    body,
  })
}

describe('attack 22: who walks through ids', () => {
  test('is refused everything after a while, known ids too, and is told of in the metrics', async () => {
    const quotas = parseQuotas('person-unknown=20/60')!
    // No part of it in another minute.
    const began = Date.now()
    const http = { quotas, metrics: 'open' } as const
    const limited = testApi(model.sql, { http, now: () => began })
    const known = `/customers/${customerId}/purchases`

    const statuses: number[] = []
    for (let at = 0; at < 30; at += 1) {
      const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
      statuses.push((await limited.get(`/customers/${id}/purchases`, token)).status)
    }

    expect(statuses).toEqual([...Array(20).fill(404), ...Array(10).fill(429)])
    const refused = await limited.get(known, token)
    expect(await bodyOf(refused, 429)).toMatchObject({ violatedPolicies: ['person-unknown'] })
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    const metrics = await (await limited.get('/metrics')).text()
    expect(metrics).toContain('pt_rate_limited_total{quota="person-unknown"} 11')
    const colleague = await tokenFor({ business: businessId, employee: makeId('empl') })
    expect((await limited.get(known, colleague)).status).toBe(200)
  })
})

describe('attack 23: a body', () => {
  test('of ten megabytes is refused, and no more of it read than may be', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(0x20))
        if (pulled >= 10_000_000) controller.close()
      },
    })

    const response = await post(endless)

    expect((await bodyOf(response, 413)).type).toEndWith(':body-too-large')
    expect(pulled).toBeLessThan(2 * MAX_BODY_BYTES)
  })

  test('of a hundred thousand brackets, of gzip, or of nothing is refused', async () => {
    const zeros = new Uint8Array(1_000_000)
    for (const body of [
      '['.repeat(100_000),
      `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
      '',
    ]) {
      expect((await bodyOf(await post(body), 400)).type).toEndWith(':invalid-parameter')
    }
    const zipped = await post(Bun.gzipSync(zeros), { 'Content-Encoding': 'gzip' })
    expect((await bodyOf(zipped, 400)).parameter).toBe('body')
  })

  test('that is never sent holds up nobody, and its connection is closed', async () => {
    const server = await serveBun({
      readUrl: model.url,
      tokens: { PT_JWT_SECRET: SECRET },
      cache: 'in-process',
      port: 0,
      host: '127.0.0.1',
      log: silentLog,
    })
    const { port } = new URL(server.url)
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const slow = connect(Number(port), '127.0.0.1', () => {
      slow.write(`POST ${merges} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Slow:`)
    })
    slow.on('close', () => resolve())
    slow.on('error', () => resolve())
    slow.resume()

    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await closed
    await server.stop()
  })
})

describe('attack 27: a page of another origin', () => {
  const FOREIGN = 'https://evil.example'
  const OURS = 'https://till.example'
  const preflight = (target: TestApi, origin: string) =>
    target.request(merges, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    })

  test.each([FOREIGN, 'null', `${OURS}.evil.example`, 'http://till.example', OURS.toUpperCase()])(
    '(%s) may read nothing, and its preflight is refused',
    async (origin) => {
      const listed = testApi(model.sql, { http: { corsOrigins: [OURS] } })

      for (const target of [api, listed]) {
        const asked = await preflight(target, origin)
        expect((await bodyOf(asked, 405)).type).toEndWith(':method-not-allowed')
        expect(asked.headers.get('Allow')).toContain('POST')
        const got = await target.get('/healthz', undefined, { Origin: origin })
        for (const { headers } of [asked, got]) {
          expect([...headers.keys()].filter((name) => /^access-control/.test(name))).toEqual([])
          expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
        }
      }
    },
  )

  test('that is on the list may, and nobody else with it', async () => {
    const listed = testApi(model.sql, { http: { corsOrigins: [OURS] } })
    const path = `/customers/${customerId}/purchases`

    const asked = await preflight(listed, OURS)
    const got = await listed.get(path, token, { Origin: OURS })
    const refused = await listed.get(path, undefined, { Origin: OURS })

    expect([asked.status, got.status, refused.status]).toEqual([204, 200, 401])
    expect(asked.headers.get('Access-Control-Allow-Methods')).toContain('POST')
    expect(asked.headers.get('Access-Control-Allow-Headers')).toContain('Idempotency-Key')
    for (const { headers } of [asked, got, refused]) {
      expect(headers.get('Access-Control-Allow-Origin')).toBe(OURS)
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
      expect(headers.get('Vary')).toContain('Origin')
    }
    expect(got.headers.get('Vary')).toContain('Authorization')
  })

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', ''])(
    'can not post a form: %p is no JSON',
    async (type) => {
      const response = await post('fromCustomerId=x', { 'Content-Type': type })

      expect((await bodyOf(response, 415)).type).toEndWith(':unsupported-media-type')
    },
  )

  test('finds the methods that there are, and is told of them', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'PROPFIND', 'OPTIONS']) {
      const response = await api.request(merges, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('Allow')).toContain('POST')
    }
  })
})
