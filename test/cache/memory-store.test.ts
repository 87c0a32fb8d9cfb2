import { describe, expect, test } from 'bun:test'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { ENTRY_TTL_MS } from '../../src/cache/store.ts'
import { at, cacheStoreContract, fillOf } from './store-contract.ts'

describe('the in-process store', () => {
  cacheStoreContract(test, async () => ({ store: new MemoryStore() }))
})

describe('the in-process store, when it forgets floors', () => {
  cacheStoreContract(
    ((name: string, body: () => Promise<void>) => {
      if (name.includes('in any order')) test(name, body)
    }) as typeof test,
    async () => ({ store: new MemoryStore({ maxFloors: 2, maxChars: 60 }) }),
  )
})

test('drops an entry after five minutes', async () => {
  let now = 1_000
  const store = new MemoryStore({ now: () => now })
  await store.raise(at(1), ['anna'])
  await store.fill(fillOf('k', 'anna', at(1)))

  now += ENTRY_TTL_MS - 1
  expect((await store.find('k', 'anna')).entry).not.toBeNull()
  now += 1
  expect((await store.find('k', 'anna')).entry).toBeNull()
})

test('holds no more text than it may, and lets go of what was not asked for longest', async () => {
  const store = new MemoryStore({ maxChars: 3 * 116 })
  await store.raise(at(1), ['anna'])
  const body = 'x'.repeat(100)
  const filled = ['a', 'b', 'c']
  for (const key of filled) await store.fill(fillOf(key, 'anna', at(1), body))

  await store.find('a', 'anna')
  await store.fill(fillOf('d', 'anna', at(1), body))

  const kept = async (key: string) => (await store.find(key, 'anna')).entry !== null
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(kept))).toEqual([true, false, true, true])
})

test('counts a replaced entry once', async () => {
  const store = new MemoryStore({ maxChars: 250 })
  await store.raise(at(1), ['anna'])
  await store.fill(fillOf('a', 'anna', at(1), 'x'.repeat(100)))
  for (let n = 0; n < 50; n += 1) await store.fill(fillOf('b', 'anna', at(1), 'x'.repeat(100)))

  expect((await store.find('a', 'anna')).entry).not.toBeNull()
})

test('lets a claim go when its time is over', async () => {
  let now = 1_000
  const store = new MemoryStore({ now: () => now })

  expect(await store.claim('k', 50)).toBe(true)
  now += 49
  expect(await store.claim('k', 50)).toBe(false)
  now += 1
  expect(await store.claim('k', 50)).toBe(true)
})
