import { afterAll, beforeAll, beforeEach, describe, expect } from 'bun:test'
import { ENTRY_TTL_MS, FLOOR_OUTLIVES, FLOOR_TTL_MS } from '../../src/cache/store.ts'
import { CacheStoreError, UpstashStore } from '../../src/cache/upstash-store.ts'
import { needs } from '../support/needs.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'
import { at, cacheStoreContract, fillOf } from './store-contract.ts'
import { type Fault, openDoor, type UpstashDoor } from './upstash-door.ts'

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
beforeEach(async () => {
  if (!hasRedis) return
  door.fault = null
  await redis.client.send('FLUSHALL', [])
})

/** One that fails for no slow machine. */
const storeOf = (timeouts = { readTimeoutMs: 30_000, raiseTimeoutMs: 30_000 }) =>
  new UpstashStore({ url: door.url, token: door.token, ...timeouts })

describe('the store behind Upstash REST', () => {
  cacheStoreContract(withRedis, async () => {
    await redis.client.send('FLUSHALL', [])
    return {
      store: storeOf(),
      async loseFloor(customerId) {
        await redis.client.send('DEL', [`pt:floor:${customerId}`])
      },
      async loseAll() {
        await redis.client.send('FLUSHALL', [])
      },
    }
  })

  withRedis('makes one round trip of a look-up, and one of a fill', async () => {
    const store = storeOf()
    await store.raise(at(1), ['anna'])
    const before = door.requests

    await store.find('k', 'anna')
    expect(door.requests - before).toBe(1)
    await store.fill(fillOf('k', 'anna', at(1)))
    expect(door.requests - before).toBe(2)
  })

  withRedis('lets entries expire long before floors, and the mark never', async () => {
    const store = storeOf()
    await store.raise(at(1), ['anna'])
    await store.fill(fillOf('k', 'anna', at(1)))
    const ttl = async (key: string) => Number(await redis.client.send('PTTL', [key]))

    expect(await ttl('k')).toBeWithin(ENTRY_TTL_MS - 10_000, ENTRY_TTL_MS + 1)
    expect(await ttl('pt:floor:anna')).toBeWithin(FLOOR_TTL_MS - 10_000, FLOOR_TTL_MS + 1)
    expect(await ttl('pt:mark')).toBe(-1)
  })

  withRedis('keeps little, and not for long, of an id of which there is nothing', async () => {
    const store = storeOf()
    await store.raise(at(1), [])
    await store.fill({ ...fillOf('k', 'anna', at(1)), keepMs: 10_000 })
    const ttl = async (key: string) => Number(await redis.client.send('PTTL', [key]))

    expect(await ttl('k')).toBeWithin(5_000, 10_001)
    expect(await ttl('pt:floor:anna')).toBeWithin(100_000, 10_000 * FLOOR_OUTLIVES + 1)
    // The names must outlive each entry that they name.
    expect(await ttl('pt:entries:anna')).toBeWithin(ENTRY_TTL_MS - 10_000, ENTRY_TTL_MS + 1)
  })

  withRedis('takes nothing for fresh of a Redis that has come back as it was before', async () => {
    const store = storeOf()
    await store.raise(at(1), ['anna'])
    await store.fill(fillOf('k', 'anna', at(1)))
    const [entry, floor, mark] = (await redis.client.send('MGET', [
      'k',
      'pt:floor:anna',
      'pt:mark',
    ])) as string[]
    await store.raise(at(2), ['anna'])
    await redis.client.send('MSET', ['k', entry!, 'pt:floor:anna', floor!, 'pt:mark', mark!])
    expect((await store.find('k', 'anna')).floor).toBe(at(1))

    await store.raise(at(3), [])

    expect((await store.find('k', 'anna')).floor).toBe(at(3))
    expect(await storeOf().fill(fillOf('j', 'anna', at(2)))).toBe(false)
  })

  withRedis('of a Redis that is full nothing is fresh any more that has changed', async () => {
    const store = storeOf()
    await store.raise(at(1), ['anna', 'bert'])
    await store.fill(fillOf('k', 'anna', at(1)))
    await store.fill(fillOf('j', 'bert', at(1)))
    await redis.client.send('CONFIG', ['SET', 'maxmemory', '1'])
    try {
      await expect(store.raise(at(2), ['anna'])).rejects.toThrow('Redis answered OOM')
      expect(await store.find('k', 'anna')).toEqual({ entry: expect.any(String), floor: null })
      expect((await store.find('j', 'bert')).floor).toBe(at(1))
      await expect(store.fill(fillOf('k', 'anna', at(2)))).rejects.toThrow(CacheStoreError)
    } finally {
      await redis.client.send('CONFIG', ['SET', 'maxmemory', '0'])
    }
    await store.raise(at(2), ['anna'])
    expect((await store.find('k', 'anna')).floor).toBe(at(2))
  })

  withRedis('takes rubbish in place of a floor or the mark for nothing', async () => {
    const store = storeOf()
    await redis.client.send('SET', ['pt:floor:anna', 'zzz'])
    await redis.client.send('SET', ['pt:mark', '{}'])

    expect((await store.find('k', 'anna')).floor).toBeNull()
    expect(await store.fill(fillOf('k', 'anna', at(1)))).toBe(false)
    await store.raise(at(2), ['anna'])
    expect((await store.find('k', 'anna')).floor).toBe(at(2))
    expect(await store.fill(fillOf('k', 'bert', at(2)))).toBe(true)
  })

  const faults: Fault[] = ['hang', 'half', 'html-500', 'garbage', 'oom', 'wrong-shape']
  for (const fault of faults) {
    withRedis(`fails in time and tells no key or value when Redis does: ${fault}`, async () => {
      const store = storeOf({ readTimeoutMs: 150, raiseTimeoutMs: 200 })
      door.fault = fault
      const calls = [
        () => store.find('pt:secret', 'anna'),
        () => store.fill(fillOf('pt:secret', 'anna', at(1), '{"name":"Anna"}')),
        () => store.raise(at(1), ['anna']),
      ]

      for (const call of calls) {
        const error = await call().then(
          () => null,
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(CacheStoreError)
        const { message, cause } = error as Error
        expect(`${message} ${cause}`).not.toMatch(/secret|anna|Anna|mget|eval|command was/)
      }
    })
  }

  withRedis('fails at once when nothing listens', async () => {
    const store = new UpstashStore({ url: 'http://127.0.0.1:1', token: 'x' })

    await expect(store.find('k', 'anna')).rejects.toThrow('unreachable')
  })

  withRedis('raises nothing in part: a failed raise moves no mark', async () => {
    const store = storeOf()
    await store.raise(at(1), [])
    const ids = Array.from({ length: 600 }, (_, n) => `customer-${n}`)
    await redis.client.send('LPUSH', ['pt:floor:customer-599', 'not a string'])

    await expect(store.raise(at(5), ids)).rejects.toThrow(CacheStoreError)

    expect(await redis.client.send('GET', ['pt:floor:customer-0'])).toBe('0000000000000005')
    expect(await redis.client.send('GET', ['pt:mark'])).toBe('0000000000000001'.repeat(2))
  })
})
