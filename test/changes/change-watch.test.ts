/** Who is told, when, and what of: positions and sights are the test's own. */
import { expect, test } from 'bun:test'
import type { Lsn } from '../../src/domain/lsn.ts'
import { scopeOf } from '../../src/domain/scope.ts'
import { ChangeWatch, type Sight, type Watcher } from '../../src/http/changes/change-watch.ts'
import { EventStream } from '../../src/http/changes/event-stream.ts'
import { CustomerErased } from '../../src/read/customer.ts'
import { StoreUnavailable } from '../../src/read/store.ts'
import { until } from '../projector/support/until.ts'

const business = crypto.randomUUID()
const ALL = await scopeOf(business, '*')
const OWN = await scopeOf(business, [crypto.randomUUID()])
const at = (n: number) => BigInt(n) as Lsn

/** One customer, whose changes and what is seen of whom a test decides. */
function world({ lookEveryMs = 60_000 } = {}) {
  const state = {
    position: at(1) as Lsn | null,
    seen: { customerId: 'ann', position: at(1), digest: 'a' } as Sight | Error,
    comparisons: 0,
    looks: 0,
  }
  const watch = new ChangeWatch({
    everyMs: 1,
    lookEveryMs,
    async lastChanges(ids) {
      state.comparisons += 1
      return state.position && ids.map(() => state.position!)
    },
  })
  const look = async () => {
    state.looks += 1
    if (state.seen instanceof Error) throw state.seen
    return state.seen
  }
  /** Resolves to what is told, as it grows. */
  async function listen(scope = OWN): Promise<string[]> {
    const told: string[] = []
    const watcher: Watcher = {
      changed: (id, lsn) => told.push(`${id} ${lsn}`),
      erased: (id) => told.push(`${id} erased`),
      gone: () => told.push('gone'),
    }
    await watch.watch(scope, 'ann', look, watcher)
    return told
  }
  /** After it, what was there to compare before has been. */
  async function compared() {
    const { comparisons } = state
    await until(() => state.comparisons > comparisons + 2, 'two comparisons')
  }
  return { state, watch, look, listen, compared }
}

test('one who sees all is told of every change; one who does not, of what shows', async () => {
  const { state, listen, compared } = world()
  const [all, own] = [await listen(ALL), await listen(OWN)]

  state.seen = { customerId: 'ann', position: at(5), digest: 'a' }
  state.position = at(5)
  await until(() => all.length === 1, 'the first')
  await compared()
  expect(own).toEqual([])
  state.seen = { customerId: 'ann', position: at(7), digest: 'b' }
  state.position = at(6)
  await until(() => all.length === 2 && own.length === 1, 'the second')
  await compared()

  expect(all).toEqual(['ann 5', 'ann 6'])
  expect(own).toEqual(['ann 6'])
})

test('nobody looks where nothing has changed, and one look serves all who see the same', async () => {
  const { state, listen, compared } = world()
  const told = await Promise.all([listen(), listen(), listen()])
  await compared()
  expect(state.looks).toBe(1)

  state.seen = { customerId: 'ann', position: at(2), digest: 'b' }
  state.position = at(2)
  await until(() => told.every(({ length }) => length === 1), 'all are told')
  await compared()

  expect(state.looks).toBe(2)
})

test('nobody is told before the answers have it', async () => {
  const { state, listen } = world()
  const told = await listen(ALL)

  state.position = at(9)
  await until(() => state.looks > 2, 'a look at what is behind')
  expect(told).toEqual([])
  state.seen = { customerId: 'ann', position: at(9), digest: 'b' }

  await until(() => told.length === 1, 'the change')
})

test('what changed while the cache was away is told when it is back', async () => {
  const { state, listen, compared } = world()
  const told = await listen(ALL)
  state.position = null
  await compared()

  state.seen = { customerId: 'ann', position: at(4), digest: 'b' }
  await compared()
  expect(told).toEqual([])
  state.position = at(4)

  await until(() => told.length === 1, 'the change')
})

test('what changed while the read store was away is told when it is back', async () => {
  const { state, listen } = world()
  const told = await listen()
  state.seen = new StoreUnavailable('down')

  state.position = at(4)
  await until(() => state.looks > 2, 'a look that fails')
  state.seen = { customerId: 'ann', position: at(4), digest: 'b' }

  await until(() => told.length === 1, 'the change')
})

test('what no position tells of is found by the look that needs no reason', async () => {
  const { state, listen } = world({ lookEveryMs: 1 })
  const told = await listen()

  state.seen = { customerId: 'bea', position: at(3), digest: 'b' }

  await until(() => told.length > 0, 'the change')
  expect(told).toEqual(['bea 3'])
})

test('an erasure is the last that is told, and the id may be watched again', async () => {
  const { state, listen } = world()
  const told = await listen()

  state.seen = new CustomerErased('ann')
  state.position = at(2)
  await until(() => told.length === 1, 'the erasure')

  expect(told).toEqual(['ann erased'])
  await expect(listen()).rejects.toThrow(CustomerErased)
  state.seen = { customerId: 'ann', position: at(2), digest: 'c' }
  expect(await listen()).toEqual([])
})

test('nothing is asked once nobody watches', async () => {
  const { state, watch, look, compared } = world()
  const nothing = { changed() {}, erased() {}, gone() {} }
  const leave = await watch.watch(OWN, 'ann', look, nothing)
  await compared()

  leave()
  // Timers fire in the order of their times: the watch's own is over then, and so is the one after it.
  await Bun.sleep(20)
  const { comparisons } = state
  await Bun.sleep(20)

  expect(state.comparisons).toBe(comparisons)
})

test('for a client that does not read, the newest event waits, and no more', async () => {
  const stream = new EventStream(() => {})
  const reader = stream.body.getReader()
  const text = async () => new TextDecoder().decode((await reader.read()).value)
  expect(await text()).toBe('retry: 2000\n\n')

  for (let n = 0; n < 1_000; n += 1) stream.send({ name: 'changed', id: `0/${n}`, data: { n } })
  stream.beat()
  stream.end()

  expect(await text()).toBe('event: changed\nid: 0/999\ndata: {"n":999}\n\n')
  expect((await reader.read()).done).toBe(true)
})
