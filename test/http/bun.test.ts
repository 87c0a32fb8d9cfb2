/** The Bun entry over real sockets: its port, its pool, and a database that comes and goes. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { parseLsn } from '../../src/domain/lsn.ts'
import { serveBun } from '../../src/entry/bun.ts'
import type { HttpOptions } from '../../src/http/deps.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import { silentLog } from '../../src/log.ts'
import { Way } from '../support/way.ts'
import { bodyOf, SECRET, tokenFor } from './support/api.ts'
import { BOOT_MS, makeId, ReadModel } from './support/read-model.ts'

let model: ReadModel
beforeAll(async () => {
  model = await ReadModel.create()
}, BOOT_MS)
afterAll(() => model.drop())

const serve = (readUrl: string, port = 0, http: HttpOptions = {}) =>
  serveBun({
    readUrl,
    tokens: { PT_JWT_SECRET: SECRET },
    cache: 'in-process',
    port,
    host: '127.0.0.1',
    log: silentLog,
    http,
  })

test('answers over HTTP, and tells its address', async () => {
  const api = await serve(model.url)

  expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await fetch(`${api.url}/readyz`)).status).toBe(200)
  const head = await fetch(`${api.url}/healthz`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  await api.stop()
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow()
})

test('knows the address of who is refused, and lets others in', async () => {
  const api = await serve(model.url, 0, { quotas: parseQuotas('address-refused=1/60') })
  const ask = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` }
    return (await fetch(`${api.url}/customers?query=anna`, { headers })).status
  }

  expect([await ask('none'), await ask('none')]).toEqual([401, 429])
  expect(await ask(await tokenFor({ business: makeId('biz') }))).toBe(200)
  await api.stop()
})

test('does not start where another one listens', async () => {
  const first = await serve(model.url)

  const second = serve(model.url, Number(new URL(first.url).port))

  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await first.stop()
})

test('starts without its database, loses it and finds it again, by itself', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const headers = { Authorization: `Bearer ${await tokenFor({ business: businessId })}` }
  const way = new Way(model.url)
  await way.mend()
  await way.cut()
  const api = await serve(way.url)
  const ready = async () => (await fetch(`${api.url}/readyz`)).status
  const ask = () => fetch(`${api.url}/customers/${customerId}/purchases`, { headers })
  const comesBack = async () => {
    while ((await ready()) !== 200) await Bun.sleep(20)
    return (await ask()).status
  }

  expect(await ready()).toBe(503)
  expect((await bodyOf(await ask(), 503)).type).toEndWith(':store-unavailable')
  await way.mend()
  expect(await comesBack()).toBe(200)
  await way.cut()
  expect((await bodyOf(await ask(), 503)).type).toEndWith(':store-unavailable')
  expect(await ready()).toBe(503)
  await way.mend()
  expect(await comesBack()).toBe(200)

  await api.stop()
  await way.cut()
})

test('does not wait for ever for a database that accepts and says nothing', async () => {
  const way = new Way(model.url)
  way.passes = false
  await way.mend()
  const api = await serve(way.url)

  const ready = await bodyOf(await fetch(`${api.url}/readyz`), 503)

  expect(ready.checks.store).toBe('unreachable')
  await api.stop()
  await way.cut()
})

test('gives the projector its floors: a raised one makes the next answer new', async () => {
  const businessId = makeId('biz')
  const customerId = await model.customer(businessId)
  const headers = { Authorization: `Bearer ${await tokenFor({ business: businessId })}` }
  const api = await serve(model.url)
  const ask = async () => {
    const response = await fetch(`${api.url}/customers/${customerId}/purchase-summary`, { headers })
    return response.headers.get('Cache-Status')
  }

  expect([await ask(), await ask()].every((status) => status?.endsWith('fwd=miss'))).toBe(true)
  await api.floors.raise(parseLsn('0/1000'), [customerId])
  expect([await ask(), await ask()]).toEqual([
    'purchase-timeline; fwd=miss',
    'purchase-timeline; hit',
  ])
  await api.floors.raise(parseLsn('0/2000'), [customerId])
  expect(await ask()).toBe('purchase-timeline; fwd=miss')
  await api.stop()
})
