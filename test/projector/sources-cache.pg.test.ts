/**
 * Two sources, two projectors, one Redis: while both regions sell to the same customers, no answer that
 * comes from the cache lacks what was in the read store when its floors were said to be raised.
 */
import { expect } from 'bun:test'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { hasRedis, startRedis } from '../cache/redis-server.ts'
import { openDoor } from '../cache/upstash-door.ts'
import { needs } from '../support/needs.ts'
import { Projection } from './support/projection.ts'
import { Readers } from './support/readers.ts'
import { openShop, put, ringUp } from './support/till.ts'
import { until } from './support/until.ts'

const READS = Number(process.env.PT_CACHE_READS ?? 10_000)
const PRICE = 100

needs('redis-server', hasRedis)(
  'no answer from the cache is stale while two projectors raise its floors',
  async () => {
    const redis = await startRedis()
    const door = await openDoor(redis)
    const timeouts = { readTimeoutMs: 10_000, raiseTimeoutMs: 10_000 }
    const store = () => new UpstashStore({ url: door.url, token: door.token, ...timeouts })
    const east = await Projection.open('public', 'east')
    const west = await east.beside('west')
    await Promise.all([openShop(east.source), openShop(west.source)])
    const customers = await Promise.all(
      Array.from({ length: 12 }, () => put(east.source, 'customer')),
    )
    for (const id of customers) await put(west.source, 'customer', { id })
    await Promise.all([east.live({ floors: store() }), west.live({ floors: store() })])
    const readers = await Readers.open(east.readUrl, store())
    const count = { reads: 0, hits: 0 }

    const selling = [east, west].map(async (region, n) => {
      while (count.reads < READS) {
        const customer_id = customers[Math.floor(Math.random() * customers.length)]!
        await ringUp(region.source, { customer_id, total: PRICE, subtotal: PRICE })
        await Bun.sleep(10 * (n + 1))
      }
    })
    const checking = Array.from({ length: 4 }, async () => {
      while (count.reads < READS) {
        const customer = customers[Math.floor(Math.random() * customers.length)]!
        const [known] = await east.read<{ position: string; orders: number }[]>`
          select position::text, (
            select coalesce(sum(order_count), 0)::int from customer_metrics
            where customer_id = ${customer}) as orders
          from read_model`
        await until(
          async () =>
            (
              await east.read`select 1 from cache_outbox where position <= ${known!.position} limit 1`
            ).length === 0,
          'the floors are raised',
        )
        for (let n = 0; n < 8; n++) {
          const { body, hit } = await readers.ask(`/customers/${customer}/purchase-summary`)
          const { orderCount = 0, net = 0 } = body.totals[0] ?? {}
          expect(orderCount).toBeGreaterThanOrEqual(known!.orders)
          expect(net).toBe(orderCount * PRICE)
          count.reads++
          if (hit) count.hits++
        }
      }
    })
    await Promise.all([...selling, ...checking])

    expect(count.hits).toBeGreaterThan(READS / 10)
    await east.expectEqual()
    await west.expectEqual()
    await readers.close()
    await west.close()
    await east.close()
    await door.stop()
    await redis.stop()
  },
  300_000,
)
