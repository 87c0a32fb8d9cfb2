/** Staff and caches during a rebuild: nobody notices, and nothing of the old generation is served after. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import type { CacheStore } from '../../src/cache/store.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { openDoor, type UpstashDoor } from '../cache/upstash-door.ts'
import { needs } from '../support/needs.ts'
import { Projection } from './support/projection.ts'
import { Readers } from './support/readers.ts'
import { openShop, put, ringUp, ringUpMany } from './support/till.ts'
import { until } from './support/until.ts'

let on: Projection
let readers: Readers

beforeEach(async () => {
  on = await Projection.open()
  await openShop(on.source)
})
afterEach(async () => {
  await readers.close()
  await on.close()
})

test('every answer is 200 and true while the tills write, and a walk goes on over the switch', async () => {
  const customers = await Promise.all(Array.from({ length: 4 }, () => put(on.source, 'customer')))
  for (const customer of customers) await ringUpMany(on.source, 60, 1, customer)
  const walker = await put(on.source, 'customer')
  await ringUpMany(on.source, 2_000, 1, walker)
  await on.live()
  readers = await Readers.open(on.readUrl)
  const { data: whole } = await readers.walk(walker)
  readers.start(customers)
  const tills = { on: true }
  const ringing = (async () => {
    for (let n = 0; tills.on; n++) {
      await ringUp(on.source, { customer_id: customers[n % 4]!, total: n })
      await ringUp(on.source, { customer_id: walker, completed_at: '2026-02-01 00:00:00+00' })
    }
  })()
  const path = `/customers/${walker}/purchases?limit=100`
  const first = await readers.get(path)

  for (let generation = 2; generation <= 3; generation++)
    expect(await on.rebuild()).toMatchObject({ switched: true, generation })

  const rest: { id: string }[] = []
  for (let cursor = first.page.next; cursor; ) {
    const page = await readers.get(`${path}&cursor=${cursor}`)
    rest.push(...page.data)
    cursor = page.page.next
  }
  const { walks } = readers.seen
  await until(() => readers.seen.walks > walks + 20, 'readers go on')
  tills.on = false
  await ringing
  // While the tills write, few walks are of one moment.
  await until(() => readers.seen.compared > 20, 'lists are compared with their sums')
  await readers.stop()

  const walked = [...first.data, ...rest].map(({ id }) => id)
  expect(new Set(walked).size).toBe(walked.length)
  const old = new Set(whole.map(({ id }) => id))
  expect(walked.filter((id) => old.has(id))).toHaveLength(2_000)
  await on.expectEqual()
  await on.expectNothingLeft()
})

describe('no cache serves what the old generation had wrong', () => {
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

  async function expectForgotten(store: CacheStore) {
    const customer_id = await put(on.source, 'customer')
    const other = await put(on.source, 'customer')
    await ringUp(on.source, { customer_id, total: 1_000 })
    await on.live({ floors: store })
    await on.caughtUp()
    readers = await Readers.open(on.readUrl, store)
    const paths = ['purchase-summary', 'purchases'].map(
      (path) => `/customers/${customer_id}/${path}`,
    )
    // As an older fold may have made it: no floor rises with this.
    await on.read`update generation_1.purchase_timeline set total = 6666`
    await on.read`update generation_1.customer_metrics set net = 6666`
    const wrong = async (path: string) =>
      JSON.stringify((await readers.ask(path)).body).includes('6666')
    for (const path of paths) {
      await until(async () => {
        await readers.api.settled()
        return (await readers.ask(path)).hit
      }, `${path} is in the cache`)
      expect(await wrong(path)).toBe(true)
    }

    await on.rebuild()

    await until(
      async () => (await on.read`select 1 from cache_outbox`).length === 0,
      'the floors are raised',
    )
    for (const path of paths) expect(await wrong(path)).toBe(false)
    // And what is stored from now on is served from there.
    await until(async () => (await readers.ask(paths[0]!)).hit, 'the cache works on')
    await ringUp(on.source, { customer_id: other })
    await on.expectEqual()
  }

  test('inside the process', () => expectForgotten(new MemoryStore()))

  needs('redis-server', hasRedis)('in Redis', async () => {
    await expectForgotten(
      new UpstashStore({
        url: door.url,
        token: door.token,
        readTimeoutMs: 5_000,
        raiseTimeoutMs: 5_000,
      }),
    )
  })
})
