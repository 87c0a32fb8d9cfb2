import { expect, test } from 'bun:test'
import { AnswerCache, type AnswerKey, type Computed } from '../../src/cache/answer-cache.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import type { CacheStore } from '../../src/cache/store.ts'
import type { Lsn } from '../../src/domain/lsn.ts'
import { scopeOf } from '../../src/domain/scope.ts'
import { silentLog } from '../../src/log.ts'
import { at } from './store-contract.ts'

const BUSINESS = 'b0000000-0000-4000-8000-000000000000'
const scope = await scopeOf(BUSINESS, '*')
const down = new Error('the read store is down')

interface World {
  cache: AnswerCache
  store: CacheStore
  /** What the read store would say now. */
  readModel: { lsn: Lsn; text: string; found: boolean; failure: Error | null }
  computed: () => number
  pass: (ms: number) => void
  ask: (key?: Partial<AnswerKey>) => Promise<{ from: string; text: string; etag: string }>
}

/** A cache over a store that knows the mark 1, and a read model at 1. */
async function world(
  options: { store?: CacheStore; storable?: boolean; now?: () => number } = {},
): Promise<World> {
  let passed = 0
  const now = options.now ?? (() => 1_700_000_000_000 + passed)
  let computed = 0
  const store = options.store ?? new MemoryStore({ now })
  const cache = new AnswerCache({
    store,
    log: silentLog,
    now,
    isUnavailable: (error) => error === down,
  })
  await store.raise(at(1), []).catch(() => {})
  const readModel: World['readModel'] = { lsn: at(1), text: 'first', found: true, failure: null }
  const compute = async (): Promise<Computed> => {
    computed += 1
    const { lsn, text, found, failure } = readModel
    await Promise.resolve()
    if (failure) throw failure
    return { body: JSON.stringify({ text }), lsn, found, storable: options.storable ?? true }
  }
  return {
    cache,
    store,
    readModel,
    computed: () => computed,
    pass: (ms) => {
      passed += ms
    },
    async ask(key = {}) {
      const behind: Promise<unknown>[] = []
      const whole = { scope, customerId: 'anna', endpoint: 'summary', parameters: '', ...key }
      const answer = await cache.answer(whole, compute, (work) => behind.push(work))
      await Promise.all(behind)
      return { from: answer.from, text: JSON.parse(answer.body).text, etag: answer.etag }
    },
  }
}

test('computes an answer once, until the customer changes', async () => {
  const { ask, store, readModel, computed } = await world()

  expect([(await ask()).from, (await ask()).from, computed()]).toEqual(['miss', 'hit', 1])
  Object.assign(readModel, { lsn: at(2), text: 'second' })
  expect((await ask()).text).toBe('first')
  await store.raise(at(2), ['anna'])

  expect(await ask()).toMatchObject({ from: 'miss', text: 'second' })
  expect(await ask()).toMatchObject({ from: 'hit', text: 'second' })
})

test('is not disturbed by changes of others', async () => {
  const { ask, store } = await world()
  await ask()
  await store.raise(at(2), ['bert'])

  expect((await ask()).from).toBe('hit')
})

test('stores nothing that a replica behind the floor has said', async () => {
  const { ask, store, readModel } = await world()
  await store.raise(at(5), ['anna'])
  readModel.lsn = at(4)

  expect((await ask()).from).toBe('miss')
  expect((await ask()).from).toBe('miss')
  readModel.lsn = at(5)
  await ask()
  expect((await ask()).from).toBe('hit')
})

test('never takes an entry without a floor for fresh', async () => {
  const inner = new MemoryStore()
  const store: CacheStore = {
    fill: (fill) => inner.fill(fill),
    raise: (lsn, ids) => inner.raise(lsn, ids),
    raiseAll: (lsn) => inner.raiseAll(lsn),
    forget: (ids) => inner.forget(ids),
    claim: (key, ms) => inner.claim(key, ms),
    lastChanges: (ids) => inner.lastChanges(ids),
    find: async (key, customerId) => ({ ...(await inner.find(key, customerId)), floor: null }),
  }
  const { ask } = await world({ store })
  await ask()

  expect((await ask()).from).toBe('miss')
})

test('lets a minute pass at most', async () => {
  const store = Object.assign(new MemoryStore({ now: () => 0 }), { claim: async () => false })
  const { ask, pass } = await world({ store })
  await ask()

  pass(59_999)
  expect((await ask()).from).toBe('hit')
  pass(1)
  expect((await ask()).from).toBe('miss')
})

/** Asks every second for so long; how often each kind of answer came, and how old the oldest was. */
async function askForAMinute({ ask, pass }: World, seconds = 60) {
  const from: Record<string, number> = {}
  for (let second = 0; second < seconds; second += 1) {
    const answer = await ask()
    from[answer.from] = (from[answer.from] ?? 0) + 1
    pass(1_000)
  }
  return from
}

test('lets nobody who asks all the time miss: one refreshes the entry, behind its answer', async () => {
  const subject = await world()
  await subject.ask()
  subject.readModel.lsn = at(2)

  expect(await askForAMinute(subject, 180)).toEqual({ hit: 180 })
  expect(subject.computed()).toBeWithin(4, 6)
})

test('refreshes nothing that is young, or that nobody asks for', async () => {
  const subject = await world()
  await subject.ask()

  expect(await askForAMinute(subject, 40)).toEqual({ hit: 40 })
  expect(subject.computed()).toBe(1)
  subject.pass(20_000)
  expect((await subject.ask()).from).toBe('miss')
})

test('of many processes one refreshes an entry', async () => {
  let passed = 0
  const now = () => 1_700_000_000_000 + passed
  const store = new MemoryStore({ now })
  const processes = await Promise.all(Array.from({ length: 8 }, () => world({ store, now })))
  await processes[0]!.ask()
  passed = 50_000

  const answers = await Promise.all(processes.flatMap(({ ask }) => [ask(), ask(), ask()]))

  expect(new Set(answers.map(({ from }) => from))).toEqual(new Set(['hit']))
  const computed = processes.reduce((sum, process) => sum + process.computed(), 0)
  expect(computed).toBe(2)
})

test('refreshes entries that were made together one by one', async () => {
  const ages = new Set<number>()
  for (const text of 'abcdefghij') {
    const { ask, pass, readModel, computed } = await world()
    readModel.text = text
    await ask()
    let age = 0
    for (; computed() === 1; age += 500) {
      pass(500)
      await ask()
    }
    expect(age).toBeWithin(40_000, 51_000)
    ages.add(age)
  }

  expect(ages.size).toBeGreaterThan(5)
})

test('lets another refresh what the first could not, and tells nobody of it', async () => {
  const subject = await world()
  await subject.ask()
  subject.pass(50_000)
  subject.readModel.failure = down
  expect((await subject.ask()).from).toBe('hit')
  expect((await subject.ask()).from).toBe('hit')
  expect(subject.computed()).toBe(2)

  subject.pass(5_000)
  subject.readModel.failure = null
  expect((await subject.ask()).from).toBe('hit')
  expect(subject.computed()).toBe(3)
  subject.pass(10_000)
  expect((await subject.ask()).from).toBe('hit')
})

test('keeps for seconds that something is not there, and not when it may have come', async () => {
  const { ask, store, readModel, computed, pass } = await world()
  readModel.found = false
  expect([(await ask()).from, (await ask()).from, computed()]).toEqual(['miss', 'hit', 1])
  pass(9_999)
  expect((await ask()).from).toBe('hit')
  pass(1)
  expect((await ask()).from).toBe('miss')

  Object.assign(readModel, { lsn: at(2), found: true, text: 'second' })
  await store.raise(at(2), ['anna'])
  expect(await ask()).toMatchObject({ from: 'miss', text: 'second' })
})

test('does not say that something is not there while the read store is down', async () => {
  const { ask, store, readModel } = await world()
  readModel.found = false
  await ask()
  await store.raise(at(2), ['anna'])
  readModel.failure = down

  await expect(ask()).rejects.toBe(down)
})

test('does not believe an entry from another clock’s future for longer, either', async () => {
  const { ask, pass } = await world()
  await ask()

  pass(-60_000)
  expect((await ask()).from).toBe('miss')
})

test('keeps tenants, scopes, customers, endpoints and parameters apart', async () => {
  const { ask, computed } = await world()
  const other = 'c0000000-0000-4000-8000-000000000000'
  const keys: Partial<AnswerKey>[] = [
    {},
    { scope: await scopeOf(other, '*') },
    { scope: await scopeOf(BUSINESS, []) },
    { scope: await scopeOf(BUSINESS, [BUSINESS]) },
    { scope: await scopeOf(BUSINESS, [BUSINESS, other]) },
    { customerId: 'bert' },
    { endpoint: 'list' },
    { parameters: 'limit=1' },
  ]
  for (const key of keys) expect((await ask(key)).from).toBe('miss')
  for (const key of keys) expect((await ask(key)).from).toBe('hit')

  expect(computed()).toBe(keys.length)
  const turned = await scopeOf(BUSINESS, [other.toUpperCase(), BUSINESS, other])
  expect((await ask({ scope: turned })).from).toBe('hit')
})

test('stores no answer for an id that leads to another customer', async () => {
  const { ask } = await world({ storable: false })
  await ask()

  expect((await ask()).from).toBe('miss')
})

test('lets many who miss at once wait for one computation', async () => {
  const { ask, computed, store } = await world()
  await store.raise(at(1), ['anna'])

  const answers = await Promise.all(Array.from({ length: 50 }, () => ask()))

  expect(computed()).toBe(1)
  expect(new Set(answers.map((answer) => answer.text))).toEqual(new Set(['first']))
})

test('gives nobody a shared answer from before a change that was known when they asked', async () => {
  const { cache, store, readModel } = await world()
  const key = { scope, customerId: 'anna', endpoint: 'summary', parameters: '' }
  const gate = Promise.withResolvers<void>()
  const slow = cache.answer(
    key,
    async () => {
      await gate.promise
      return { body: '{"text":"first"}', lsn: at(1), found: true, storable: true }
    },
    () => {},
  )
  await Bun.sleep(0)
  await store.raise(at(2), ['anna'])
  Object.assign(readModel, { lsn: at(2), text: 'second' })
  const late = cache.answer(
    key,
    async () => ({ body: '{"text":"second"}', lsn: at(2), found: true, storable: true }),
    () => {},
  )
  await Bun.sleep(0)
  gate.resolve()

  expect((await slow).body).toBe('{"text":"first"}')
  expect((await late).body).toBe('{"text":"second"}')
})

test('gives nobody a shared answer from before they asked while no floor is known', async () => {
  const store = Object.assign(new MemoryStore(), {
    find: async () => ({ entry: null, floor: null }),
  })
  const { cache } = await world({ store })
  const key = { scope, customerId: 'anna', endpoint: 'summary', parameters: '' }
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  let flights = 0
  const ask = () =>
    cache.answer(
      key,
      async () => {
        const flight = flights++
        await gates[flight]!.promise
        return { body: `{"text":"${flight}"}`, lsn: at(1), found: true, storable: true }
      },
      () => {},
    )
  const first = ask()
  await Bun.sleep(0)
  const later = [ask(), ask(), ask()]
  await Bun.sleep(0)
  for (const gate of gates) gate.resolve()

  expect((await first).body).toBe('{"text":"0"}')
  expect((await Promise.all(later)).map(({ body }) => body)).toEqual(Array(3).fill('{"text":"1"}'))
})

test('tells all who share a computation that it failed, and then tries again', async () => {
  const { ask, readModel } = await world()
  readModel.failure = new Error('no such customer')

  const failed = await Promise.allSettled([ask(), ask()])
  readModel.failure = null

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await ask()).from).toBe('miss')
})

test('answers with the last entry, marked, while the read store is down; not for ever', async () => {
  const { cache, ask, store, readModel, pass } = await world()
  const fresh = await ask()
  readModel.failure = down
  await store.raise(at(2), ['anna'])

  const key = { scope, customerId: 'anna', endpoint: 'summary', parameters: '' }
  const stale = await cache.answer(
    key,
    () => Promise.reject(down),
    () => {},
  )
  expect(stale.from).toBe('stale')
  expect(JSON.parse(stale.body)).toEqual({ stale: true, text: 'first' })
  expect(stale.etag).not.toBe(fresh.etag)
  pass(299_999)
  expect((await ask()).from).toBe('stale')
  pass(1)
  await expect(ask()).rejects.toBe(down)
})

test('answers with the last entry, marked, while the read store is stuck; and stores what it says at last', async () => {
  const store = new MemoryStore()
  await store.raise(at(1), ['anna'])
  const options = { store, log: silentLog, isUnavailable: () => false, patienceMs: 5 }
  const cache = new AnswerCache(options)
  const key = { scope, customerId: 'anna', endpoint: 'summary', parameters: '' }
  const says = (text: string, lsn: number, gate?: Promise<void>) => async () => {
    await gate
    return { body: `{"text":"${text}"}`, lsn: at(lsn), found: true, storable: true }
  }
  const behind: Promise<unknown>[] = []
  const ask = (compute: () => Promise<Computed>) =>
    cache.answer(key, compute, (work) => behind.push(work))
  await ask(says('first', 1))
  await Promise.all(behind)
  await store.raise(at(2), ['anna'])
  const gate = Promise.withResolvers<void>()

  const stale = await ask(says('second', 2, gate.promise))
  expect([stale.from, stale.body]).toEqual(['stale', '{"stale":true,"text":"first"}'])

  gate.resolve()
  while (behind.length > 0) await Promise.all(behind.splice(0))
  expect(await ask(says('third', 3))).toMatchObject({ from: 'hit', body: '{"text":"second"}' })
})

test('gives out no entry older than five minutes, whatever the store still has', async () => {
  const inner = new MemoryStore({ now: () => 0 })
  const { ask, readModel, pass } = await world({ store: inner })
  await ask()
  readModel.failure = down

  pass(299_999)
  expect((await ask()).from).toBe('stale')
  pass(1)
  await expect(ask()).rejects.toBe(down)
})

test('hides no other error behind an old entry', async () => {
  const { ask, store, readModel } = await world()
  await ask()
  await store.raise(at(2), ['anna'])
  readModel.failure = new Error('no such customer')

  await expect(ask()).rejects.toThrow('no such customer')
})

test.each([
  '',
  'x',
  '0'.repeat(60),
  `${'f'.repeat(16)}1700000000000+"AAAAAAAAAAAAAAAAAAAAAA"KEY<html>`,
  `${'f'.repeat(16)}17000000000xx+"AAAAAAAAAAAAAAAAAAAAAA"KEY{}`,
  `${'f'.repeat(16)}1700000000000+ AAAAAAAAAAAAAAAAAAAAAA KEY{}`,
  `${'F'.repeat(16)}1700000000000+"AAAAAAAAAAAAAAAAAAAAAA"KEY{}`,
  `${'f'.repeat(16)}1700000000000?"AAAAAAAAAAAAAAAAAAAAAA"KEY{}`,
])('takes an entry that it did not write for none: %p', async (entry) => {
  const store: CacheStore = {
    find: async (key) => ({ entry: entry.replace('KEY', `${key}\n`), floor: at(1) }),
    fill: async () => true,
    raise: async () => {},
    raiseAll: async () => {},
    forget: async () => {},
    claim: async () => false,
    lastChanges: async () => [],
  }
  const { ask } = await world({ store })

  expect(await ask()).toMatchObject({ from: 'miss', text: 'first' })
})

test('takes the entry of another key for none', async () => {
  const inner = new MemoryStore()
  let mixed: string | null = null
  const store = Object.assign(Object.create(inner), {
    find: async (key: string, customerId: string) => {
      const found = await inner.find(key, customerId)
      mixed ??= found.entry
      return { ...found, entry: mixed }
    },
    fill: (fill: Parameters<CacheStore['fill']>[0]) => inner.fill(fill),
    raise: (lsn: Lsn, ids: string[]) => inner.raise(lsn, ids),
  }) as CacheStore
  const { ask, readModel } = await world({ store })
  await store.raise(at(1), ['anna', 'bert'])
  await ask()
  expect((await ask()).from).toBe('hit')
  readModel.text = 'of bert'

  expect(await ask({ customerId: 'bert' })).toMatchObject({ from: 'miss', text: 'of bert' })
})

test('answers without a cache that fails, and stops asking it for a second at a time', async () => {
  let calls = 0
  let broken = true
  const inner = new MemoryStore()
  const call = async <T>(work: () => Promise<T>) => {
    calls += 1
    if (broken) throw new Error('unreachable')
    return work()
  }
  const store: CacheStore = {
    find: (key, customerId) => call(() => inner.find(key, customerId)),
    fill: (fill) => call(() => inner.fill(fill)),
    raise: (lsn, ids) => inner.raise(lsn, ids),
    raiseAll: (lsn) => inner.raiseAll(lsn),
    forget: (ids) => inner.forget(ids),
    claim: (key, ms) => inner.claim(key, ms),
    lastChanges: (ids) => inner.lastChanges(ids),
  }
  const { ask, pass } = await world({ store })

  for (let n = 0; n < 20; n += 1) expect((await ask()).text).toBe('first')
  expect(calls).toBe(3)
  pass(1_000)
  for (let n = 0; n < 20; n += 1) await ask()
  expect(calls).toBe(4)
  broken = false
  pass(1_000)
  await ask()

  expect((await ask()).from).toBe('hit')
})

test('answers nothing old of who was erased, though the entry be there and the read store down', async () => {
  const inner = new MemoryStore()
  let entry: string | null = null
  const store: CacheStore = {
    find: async (key, customerId) => ({ ...(await inner.find(key, customerId)), entry }),
    fill: async (fill) => {
      entry = fill.entry
      return inner.fill(fill)
    },
    raise: (lsn, ids) => inner.raise(lsn, ids),
    raiseAll: (lsn) => inner.raiseAll(lsn),
    forget: (ids) => inner.forget(ids),
    claim: (key, ms) => inner.claim(key, ms),
    lastChanges: (ids) => inner.lastChanges(ids),
  }
  const { ask, cache, readModel } = await world({ store })
  await ask()

  expect(await cache.forget(['anna'])).toBe(true)

  readModel.failure = down
  await expect(ask()).rejects.toBe(down)
})

test('says when who was erased could not be forgotten', async () => {
  const inner = new MemoryStore()
  const forget = () => Promise.reject(new Error('unreachable'))
  const store = Object.assign(Object.create(inner), { forget }) as CacheStore

  expect(await (await world({ store: inner })).cache.forget(['anna'])).toBe(true)
  expect(
    await new AnswerCache({ store, log: silentLog, isUnavailable: () => false }).forget(['anna']),
  ).toBe(false)
})
