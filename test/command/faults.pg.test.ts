/** A command whose source goes away, waits, or is held: all of it is done or nothing, and it says which. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { commit } from '../../src/command/commit.ts'
import { onSource, SourceUnavailable } from '../../src/command/source.ts'
import { bodyOf } from '../http/support/api.ts'
import { TcpProxy } from '../projector/support/tcp-proxy.ts'
import { until } from '../projector/support/until.ts'
import { Counter, kindOf } from './support/counter.ts'
import { Shop } from './support/shop.ts'

let shop: Shop
let counter: Counter

beforeAll(async () => {
  shop = await Shop.open()
  counter = await Counter.open(shop)
})
afterAll(() => shop.close())

async function pair() {
  const [from, into] = [await shop.person(), await shop.person()]
  const purchase = await shop.sale(from)
  return { path: `/customers/${into}/merges`, body: { fromCustomerId: from }, from, into, purchase }
}
type Pair = Awaited<ReturnType<typeof pair>>

/** Resolves when the server has ended the transactions of those who are gone. */
const untilNobodyIsAtWork = () =>
  until(async () => {
    const left = await shop.sql`select from pg_stat_activity
      where datname = current_database() and application_name = 'purchase-timeline-command'`
    return left.length === 0
  }, 'a command is still at work')

/** What is there of the merge: all of it or nothing, and the note of its key with it. */
async function isDone({ from, into, purchase }: Pair, key: string): Promise<boolean> {
  const [found] = await shop.sql<Record<string, boolean>[]>`
    select exists (select from customer_merge where from_customer_id = ${from}) as merge,
      exists (select from customer where id = ${from} and merged_into_id = ${into}) as customer,
      exists (select from sale where id = ${purchase} and customer_id = ${into}) as purchase,
      exists (select from idempotency_key where key = ${key} and status = 201) as note,
      exists (select from access_audit where customer_id = ${into}) as audit`
  const parts = new Set(Object.values(found!))
  expect(parts.size).toBe(1)
  return parts.has(true)
}

/** The answer to a request that may not get through, and then to the same through an open door. */
async function tryTwice(at: Counter, each: Pair) {
  const key = crypto.randomUUID()
  const first = await at.send('POST', each.path, each.body, { key })
  if (first.status !== 201) {
    expect(kindOf(await bodyOf(first, 503))).toBe('source-unavailable')
    expect(Number(first.headers.get('Retry-After'))).toBeGreaterThan(0)
  }
  await untilNobodyIsAtWork()
  const wasDone = await isDone(each, key)
  if (first.status === 201) expect(wasDone).toBe(true)
  const second = await counter.send('POST', each.path, each.body, { key })
  expect(second.status).toBe(201)
  expect(second.headers.has('Idempotency-Replayed')).toBe(wasDone)
  expect(await isDone(each, key)).toBe(true)
  return { answered: first.status === 201, wasDone }
}

describe('the connection is lost', () => {
  let proxy: TcpProxy
  let cut: Counter

  beforeEach(async () => {
    const door = await TcpProxy.before(shop.url)
    proxy = door.proxy
    cut = counter.by(door.url)
  })
  afterEach(() => proxy.close())

  test.each(['before', 'after'] as const)(
    '%s each message of a command in turn: all or nothing, and a retry completes it',
    async (when) => {
      const outcomes: string[] = []
      for (let n = 1; !proxy.isArmed || n === 1; n++) {
        proxy.cutAt(n, when)
        const { answered, wasDone } = await tryTwice(cut, await pair())
        outcomes.push(answered ? 'answered' : wasDone ? 'done' : 'nothing')
      }
      expect(outcomes.length).toBeGreaterThan(15)
      // Lost behind its commit, on the way to its token: the key tells that it was done.
      expect(outcomes).toContain('done')
      expect(outcomes.indexOf('done')).toBeGreaterThan(outcomes.lastIndexOf('nothing'))
    },
  )

  test('a source that goes silent is given up', async () => {
    const url = new URL(shop.url)
    const door = await TcpProxy.before(url.toString())
    const silent = onSource(
      door.url,
      async (sql) => {
        door.proxy.freeze()
        await sql`select 1`
      },
      200,
    )

    expect(await silent.catch((error) => error)).toBeInstanceOf(SourceUnavailable)
    door.proxy.close()
  })
})

test.each([
  ['idempotency_key', 'insert'],
  ['customer_merge', 'insert'],
  ['customer_merge_purchase', 'insert'],
  ['customer', 'update'],
  ['sale', 'update'],
  ['idempotency_key', 'update'],
  ['access_audit', 'insert'],
])('the server ends the connection at the %s’s %s', async (table, change) => {
  const each = await pair()
  await shop.sql.unsafe(`
    create function ended() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create trigger ended before ${change} on ${table} for each statement execute function ended()`)
  const key = crypto.randomUUID()
  const first = await counter.send('POST', each.path, each.body, { key })
  await shop.sql`drop function ended cascade`

  expect(kindOf(await bodyOf(first, 503))).toBe('source-unavailable')
  expect(await isDone(each, key)).toBe(false)
  expect((await counter.send('POST', each.path, each.body, { key })).status).toBe(201)
  expect(await isDone(each, key)).toBe(true)
})

describe('the source can not be reached', () => {
  const elsewhere = (change: (url: URL) => void) => {
    const url = new URL(shop.url)
    change(url)
    return counter.by(url.toString())
  }

  test.each([
    ['nobody listens', (url: URL) => (url.port = '1')],
    ['the password is wrong', (url: URL) => (url.password = 'wrong')],
    ['there is no such database', (url: URL) => (url.pathname = '/nowhere')],
  ])('%s', async (_what, change) => {
    const { path, body } = await pair()
    const answer = await elsewhere(change).send('POST', path, body)
    const preview = await elsewhere(change).send('POST', `${path}?dryRun=true`, body)

    for (const each of [answer, preview]) {
      expect(Number(each.headers.get('Retry-After'))).toBeGreaterThan(0)
      const problem = await bodyOf(each, 503)
      expect(kindOf(problem)).toBe('source-unavailable')
      expect(JSON.stringify(problem)).not.toMatch(/password|postgres|ECONN|127/)
    }
  })
})

test('two commands that wait for each other are both done', async () => {
  const [ann, bea] = [await shop.person(), await shop.person()]
  const meet = Promise.withResolvers<void>()
  let arrived = 0
  let attempts = 0
  const each = (first: string, second: string) =>
    commit(shop.url, async (tx) => {
      attempts++
      await tx`update customer set phone = ${first} where id = ${first}`
      if (++arrived === 2) meet.resolve()
      await meet.promise
      await tx`update customer set phone = ${first} where id = ${second}`
    })

  await Promise.all([each(ann, bea), each(bea, ann)])

  expect(attempts).toBeGreaterThan(2)
  const phones = await shop.sql`select distinct phone from customer where id in (${ann}, ${bea})`
  expect(phones).toHaveLength(1)
})
