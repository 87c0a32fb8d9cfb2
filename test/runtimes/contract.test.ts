/**
 * The HTTP contract on every runtime, over real sockets: each is a process, on one read store and one Redis.
 * A new question is a row in `cases.ts`; what takes several in a row is here.
 */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { RUNTIMES, type Runtime, startRuntime } from '../../dev/runtimes.ts'
import { listAnswer, summaryAnswer } from '../../src/http/schemas.ts'
import { hasRedis } from '../cache/redis-server.ts'
import { Listener } from '../changes/support/listener.ts'
import { type Body, bodyOf } from '../http/support/api.ts'
import { until } from '../projector/support/until.ts'
import { type Answer, CASES } from './cases.ts'
import { BOOT_MS, checkOn, Fleet } from './fleet.ts'
import { BIG, World } from './world.ts'

const HIT = 'purchase-timeline; hit'
/** A problem tells its trace: the same for all. */
const TRACE = `00-${'4b'.repeat(16)}-${'00f0'.repeat(4)}-00`
const MISS = 'purchase-timeline; fwd=miss'

let world: World
let fleet: Fleet
beforeAll(async () => {
  if (!hasRedis) return
  world = await World.open()
  fleet = await Fleet.start(world.env)
}, BOOT_MS)
afterAll(async () => {
  await fleet?.stop()
  await world?.close()
})

describe('one question', () => {
  /** By the case's name: the answer of the first runtime that was asked. */
  const answers = new Map<string, Answer>()

  for (const one of CASES) {
    for (const runtime of RUNTIMES) {
      checkOn(runtime)(`${one.name}, on ${runtime}`, async () => {
        await world.forget()
        const path = typeof one.path === 'string' ? one.path : one.path(world)
        const token = one.token === null ? '' : (one.token?.(world) ?? world.token)

        const headers = { traceparent: TRACE, ...one.headers }
        const answer = await answerOf(await fleet.ask(runtime, path, token, { ...one, headers }))

        expect([answer.status, answer.text]).toEqual([one.status, expect.any(String)])
        if (one.schema) one.schema.parse(JSON.parse(answer.text))
        one.check?.(answer, world)
        const first = answers.get(one.name) ?? answer
        answers.set(one.name, first)
        expect(answer).toEqual(first)
      })
    }
  }
})

for (const runtime of RUNTIMES) {
  const check = checkOn(runtime)

  describe(`on ${runtime}`, () => {
    const get = (path: string, headers: Record<string, string> = {}) =>
      fleet.ask(runtime, path, world.token, { headers })
    const summaryOf = (customer: string, headers: Record<string, string> = {}) =>
      get(`/customers/${customer}/purchase-summary`, headers)
    /**
     * The first answer that the cache had: what is stored is stored behind an answer, and a Redis that is slow is not
     * waited for.
     */
    const untilHit = (customer: string) =>
      until(async () => {
        const answer = await summaryOf(customer)
        return answer.headers.get('Cache-Status') === HIT ? answer : undefined
      }, `${customer} is in the cache`)

    check('walks a list by its cursors, each purchase once', async () => {
      const found: string[] = []
      for (let cursor: string | null = '', pages = 0; cursor !== null; pages += 1) {
        expect(pages).toBeLessThan(5)
        const query = `limit=2${cursor && `&cursor=${cursor}`}`
        const page: Body = await bodyOf(
          await get(`/customers/${world.customer}/purchases?${query}`),
        )
        found.push(...page.data.map((purchase: Body) => purchase.id))
        cursor = page.page.next
      }

      expect(new Set(found).size).toBe(7)
      expect(found).toHaveLength(7)
      expect(found.at(-1)).toBe(world.sale)
    })

    check('answers a second question from the cache, and a third with 304', async () => {
      const customer = await world.newcomer()
      const first = await summaryOf(customer)
      expect(first.headers.get('Cache-Status')).toStartWith(MISS)
      const second = await untilHit(customer)
      const etag = second.headers.get('ETag')!
      const third = await summaryOf(customer, { 'If-None-Match': etag })

      expect(await second.text()).toBe(await first.text())
      expect([third.status, await third.text()]).toEqual([304, ''])
      expect(third.headers.get('ETag')).toBe(etag)
    })

    check('asks the read store again once the floor has risen', async () => {
      const customer = await world.newcomer()
      await untilHit(customer)
      await world.buy(customer, 11)
      await world.touch(customer)

      const body = await bodyOf(await summaryOf(customer))

      expect(body.totals[0].net).toBe(111)
    })

    check('answers thirty at once, each right', async () => {
      const customers = await Promise.all([0, 1, 2].map((n) => world.newcomer(1000 + n)))
      const asked = Array.from({ length: 6 }, () => [
        async () => expect((await get('/readyz')).status).toBe(200),
        async () => {
          const text = await (await summaryOf(world.customer)).text()
          expect(text).toContain(`"gross":${BIG + 615n}`)
        },
        ...customers.map((customer, n) => async () => {
          const body = summaryAnswer.parse(await bodyOf(await summaryOf(customer)))
          expect([body.customerId, body.totals[0]!.net]).toEqual([customer, 1000 + n])
        }),
      ]).flat()

      expect(asked).toHaveLength(30)
      await Promise.all(asked.map((question) => question()))
    })

    check('answers right, and soon, when Redis hangs, and caches again afterwards', async () => {
      const customer = await world.newcomer()
      await untilHit(customer)
      world.door.fault = 'hang'
      const asked = world.door.requests
      const began = performance.now()

      for (let n = 0; n < 10; n += 1)
        expect((await bodyOf(await summaryOf(customer))).totals[0].net).toBe(100)

      // After some in vain, one a second.
      const seconds = Math.ceil((performance.now() - began) / 1_000)
      expect(world.door.requests - asked).toBeLessThanOrEqual(4 + seconds)
      world.door.fault = null
      await untilHit(customer)
    })

    check('tells its last answer, and that it is stale, when the read store is gone', async () => {
      const customer = await world.newcomer()
      await untilHit(customer)
      const fresh = await bodyOf(await summaryOf(customer))
      await world.touch(customer)
      await world.way.cut()

      // A Redis that is slow is not waited for: then there is nothing to answer with.
      const stale = await until(async () => {
        const answer = await summaryOf(customer)
        return answer.status === 200 ? answer : undefined
      }, 'an answer from before')
      const unknown = await get(`/customers/${customer}/purchases?limit=3`)
      const ready = await get('/readyz')

      expect(stale.headers.get('Warning')).toBe('110 purchase-timeline "Response is stale"')
      expect(await bodyOf(stale)).toEqual({ stale: true, ...fresh })
      expect((await bodyOf(unknown, 503)).type).toEndWith(':store-unavailable')
      expect(unknown.headers.get('Retry-After')).toBe('2')
      expect((await bodyOf(ready, 503)).checks.store).toBe('unreachable')
      await world.way.mend()
      while ((await get('/readyz')).status !== 200) await Bun.sleep(20)
      expect(
        listAnswer.parse(await bodyOf(await get(`/customers/${customer}/purchases`))),
      ).toBeDefined()
    })
  })

  describe(`changes, on ${runtime}`, () => {
    if (runtime === 'workerd') {
      check('are not offered', async () => {
        const path = `/customers/${await world.newcomer()}/changes`
        const answer = await fleet.ask(runtime, path, world.token)
        expect((await bodyOf(answer, 501)).type).toEndWith(':changes-not-offered')
      })
      return
    }

    check('are told as they come, by way of Redis, and no stream keeps the process', async () => {
      const api = await startRuntime(runtime, { env: world.env })
      const customer = await world.newcomer()
      const headers = { Authorization: `Bearer ${world.token}` }
      const listener = await Listener.open((signal) =>
        fetch(`${api.url}/customers/${customer}/changes`, { headers, signal }),
      )

      await world.buy(customer, 250)
      await world.touch(customer)

      expect(await listener.nth(1)).toMatchObject({ name: 'changed', customerId: customer })
      await api.stop()
      await listener.untilEnded()
    })
  })

  describe(`${runtime}, as it is set up`, () => {
    check('caches nothing without a Redis', async () => {
      const { UPSTASH_REDIS_REST_URL: _url, UPSTASH_REDIS_REST_TOKEN: _token, ...env } = world.env
      const api = await startRuntime(runtime, { env })
      const headers = { Authorization: `Bearer ${world.token}` }

      for (let n = 0; n < 3; n += 1) {
        const answer = await fetch(`${api.url}/customers/${world.customer}/purchases`, { headers })
        expect(answer.headers.get('Cache-Status')).toBe(MISS)
      }

      await api.stop()
    })

    for (const name of ['READ_DATABASE_URL', 'PT_JWT_SECRET', 'UPSTASH_REDIS_REST_TOKEN']) {
      check(`names ${name} when it is missing`, async () => {
        const { [name]: _missing, ...env } = world.env

        expect(await complaintOf(runtime, env)).toContain(
          runtime === 'workerd' && name === 'READ_DATABASE_URL' ? 'binding READ' : name,
        )
      })
    }
  })
}

/** A Worker answers 503 and logs why; the others say why, and end. */
async function complaintOf(runtime: Runtime, env: Record<string, string>): Promise<string> {
  const started = startRuntime(runtime, { env })
  if (runtime !== 'workerd')
    return started.then(
      () => {
        throw new Error('it has started')
      },
      (error: Error) => error.message,
    )
  const api = await started
  const answer = await fetch(`${api.url}/healthz`)
  expect((await bodyOf(answer, 503)).type).toEndWith(':not-set-up')
  await api.stop()
  return api.log()
}

/** What a client acts upon: not when it was answered, from where, or how it was sent. */
const OF_THE_WAY =
  /^(date|age|cache-status|connection|keep-alive|content-length|transfer-encoding|server|server-timing|traceparent|ratelimit(-policy)?)$/

async function answerOf(response: Response): Promise<Answer> {
  const headers = [...response.headers].filter(([name]) => !OF_THE_WAY.test(name)).sort()
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    text: await response.text(),
  }
}
