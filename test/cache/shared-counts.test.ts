/** The counts of quotas in a real Redis, through the gateway. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { UpstashCounts } from '../../src/cache/shared-counts.ts'
import { CacheStoreError } from '../../src/cache/upstash-store.ts'
import { needs } from '../support/needs.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'
import { openDoor, type UpstashDoor } from './upstash-door.ts'

const withRedis = needs('redis-server', hasRedis)
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

withRedis('adds in one round trip, tells the totals, and lets them expire', async () => {
  const [one, other] = [new UpstashCounts(door), new UpstashCounts(door)]
  await one.add([{ key: 'a', by: 5, ttlMs: 60_000 }])
  const before = door.requests

  const totals = await other.add([
    { key: 'a', by: 2, ttlMs: 60_000 },
    { key: 'b', by: 1, ttlMs: 1_000 },
  ])

  expect(totals).toEqual([7, 1])
  expect(door.requests - before).toBe(1)
  expect(Number(await redis.client.send('PTTL', ['a']))).toBeGreaterThan(50_000)
  expect(Number(await redis.client.send('PTTL', ['b']))).toBeLessThanOrEqual(1_000)
})

withRedis(
  'rejects, without a key in the message, when Redis has something else there',
  async () => {
    await redis.client.send('SET', ['text', 'no number'])

    const adding = new UpstashCounts(door).add([{ key: 'text', by: 1, ttlMs: 1_000 }])

    await expect(adding).rejects.toBeInstanceOf(CacheStoreError)
    await expect(adding).rejects.not.toThrow(/text|incr/i)
  },
)

withRedis('rejects when Redis answers rubbish', async () => {
  door.fault = 'wrong-shape'

  const adding = new UpstashCounts(door).add([{ key: 'a', by: 1, ttlMs: 1_000 }])

  await expect(adding).rejects.toBeInstanceOf(CacheStoreError)
  door.fault = null
})
