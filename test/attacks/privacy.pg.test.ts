/**
 * Erasures that race with everything else, walks through the customers, and what is said in logs and problems
 * (21, 22 and 28 of the list in security.md).
 */
import { afterAll, afterEach, beforeAll, expect, spyOn, test } from 'bun:test'
import type { Sql } from 'postgres'
import { replay } from '../../projector/record/replay.ts'
import type { CacheStore } from '../../src/cache/store.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import { jsonLog, type Log, type LogFields } from '../../src/log.ts'
import type { WithDb } from '../../src/read/store.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { openDoor, type UpstashDoor } from '../cache/upstash-door.ts'
import { bodyOf, testApi, tokenFor } from '../http/support/api.ts'
import { PrivacyWorld } from '../privacy/support/world.ts'
import { BUSINESS, KIM, put, ringUp } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { needs } from '../support/needs.ts'

const withRedis = needs('redis-server', hasRedis)
const lines: string[] = []
const hear = (message: string, fields?: LogFields) =>
  void lines.push(`${message} ${JSON.stringify(fields)}`)
const log: Log = { info: hear, warn: hear, error: hear }

let redis: RedisServer
let door: UpstashDoor
let world: PrivacyWorld

beforeAll(async () => {
  if (!hasRedis) return
  redis = await startRedis()
  door = await openDoor(redis)
  const { url, token } = door
  const store: CacheStore = new UpstashStore({ url, token, readTimeoutMs: 5_000 })
  world = await PrivacyWorld.open({ store, log })
})
afterEach(() => {
  if (door) door.fault = null
})
afterAll(async () => {
  if (!hasRedis) return
  await world.close()
  await door.stop()
  await redis.stop()
})

/** What would tell who it was; each is in some column of the planted person. */
const PLANTED = ['Quastermann', '99887766', 'planted.example', 'PLANTED-REF']
const SELF = {
  name: 'Zebulon Quastermann',
  phone: '+49 170 99887766',
  email: 'zebulon@planted.example',
}

/** Each table of the database with all its rows as text, in whatever schema. */
async function dump(sql: Sql): Promise<Map<string, string>> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select n.nspname as schema, c.relname as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname not like 'pg_toast%'`
  const texts = new Map<string, string>()
  for (const { schema, name } of tables) {
    const rows = await sql<
      { text: string }[]
    >`select t::text as text from ${sql(schema)}.${sql(name)} t`
    texts.set(name, rows.map(({ text }) => text).join('\n'))
  }
  return texts
}

async function dumpRedis(): Promise<Map<string, string>> {
  const keys = (await redis.client.send('KEYS', ['*'])) as string[]
  const texts = new Map<string, string>()
  for (const key of keys) {
    const type = await redis.client.send('TYPE', [key])
    const value = await redis.client.send(type === 'set' ? 'SMEMBERS' : 'GET', [key])
    texts.set(key, JSON.stringify(value))
  }
  return texts
}

const tablesWith = (texts: Map<string, string>, needle: string) =>
  [...texts].filter(([name, text]) => `${name}\n${text}`.includes(needle)).map(([name]) => name)

/** A person with a predecessor, and everything that may hold their names. */
async function plant() {
  const { source, shop, on } = world
  const [self, other] = [
    await put(source, 'customer', { ...SELF, external_ref: 'PLANTED-REF-1' }),
    await put(source, 'customer', { ...SELF, external_ref: 'PLANTED-REF-2' }),
  ]
  const sale = await ringUp(source, { customer_id: self, receipt_number: 'R-1' }, 2)
  await ringUp(source, { customer_id: other })
  await ringUp(source, { customer_id: other, completed_at: 'infinity' })
  const guests = await ringUp(source, {})
  await source`
    insert into purchase_attribution (business_id, purchase_kind, purchase_id, to_customer_id, evidence, note)
    values (${BUSINESS}, 'sale', ${guests}, ${other}, 'proven', 'Quastermann had the receipt')`
  await shop.merge(other, self, 'Quastermann called')
  // A name that no index takes: it waits in a dead letter.
  const noise = Array.from({ length: 6_000 }, () => Math.floor(Math.random() * 10)).join('')
  await source`update customer set phone = ${`${SELF.phone}${noise}`} where id = ${self}`
  await on.caughtUp()
  return { self, other, sale }
}

withRedis(
  'attack 21: an erasure that races with tills, readers and the projector leaves nobody anywhere',
  async () => {
    const { source, on, api } = world
    const { self, other, sale } = await plant()
    const paths = ['purchase-summary', 'purchases', `purchases/${sale}`]
    const ids = [self, other]
    const token = await world.token('cashier')
    const look = async (id: string, path: string) =>
      (await api.get(`/customers/${id}/${path}`, token)).status
    for (const id of ids) for (const path of paths) await look(id, path)
    await api.settled()
    expect(tablesWith(await dump(source), 'Quastermann')).toContain('purchase_attribution')
    expect(tablesWith(await dump(on.read), 'Quastermann')).toContain('dead_letter')

    let over = false
    const readers = paths.map(async (path) => {
      const seen = new Set<number>()
      while (!over) for (const id of ids) seen.add(await look(id, path))
      return seen
    })
    const till = (async () => {
      while (!over) await ringUp(source, { customer_id: other })
    })()
    const erased = await world.erase(self)
    // What comes late: a till's own words about somebody who is gone.
    const revival = source`update customer set name = ${SELF.name} where id = ${self}`
    await expect(revival).rejects.toThrow('was erased')
    await expect(put(source, 'customer', { ...SELF, id: other })).rejects.toThrow()
    await on.caughtUp()
    over = true
    const seen = await Promise.all(readers)
    await till
    await on.caughtUp()
    await until(
      async () => (await on.read`select 1 from cache_outbox`).length === 0,
      'the cache has been told',
    )
    await on.rebuild()
    await on.expectEqual()
    await api.settled()

    expect(erased.status).toBe(200)
    for (const statuses of seen) for (const status of statuses) expect([200, 410]).toContain(status)
    for (const id of ids) for (const path of paths) expect(await look(id, path)).toBe(410)
    const places = {
      source: await dump(source),
      read: await dump(on.read),
      redis: await dumpRedis(),
    }
    for (const needle of PLANTED) {
      for (const [place, texts] of Object.entries(places))
        expect([place, needle, tablesWith(texts, needle)]).toEqual([place, needle, []])
      expect(lines.filter((line) => line.includes(needle))).toEqual([])
    }
    // Of the ids there is what must outlive the person, and nothing that says what they bought.
    const outlives = [
      'access_audit',
      'customer',
      'customer_erasure',
      'customer_merge',
      'erasure_notice',
      'idempotency_key',
    ]
    for (const id of ids) {
      for (const table of tablesWith(places.source, id)) expect(outlives).toContain(table)
      expect([...new Set(tablesWith(places.read, id))]).toEqual(['customer_card'])
      for (const key of tablesWith(places.redis, id)) expect(key).toBe(`pt:floor:${id}`)
    }
    const purge = await bodyOf(await api.get('/devices/purge', token))
    const told = purge.data.map((each: { customerId: string }) => each.customerId)
    expect(told).toEqual(expect.arrayContaining(ids))
  },
)

withRedis(
  'attack 21: a recording from before the erasure does not come into a read model that lives',
  async () => {
    const { on } = world
    const { self } = await plant()
    await world.erase(self)
    await on.caughtUp()
    const before = await on.read`select count(*)::int as count from customer_card`

    const old = replay({ readUrl: on.readUrl, pieces: (async function* () {})() })

    await expect(old).rejects.toThrow('not empty')
    expect(await on.read`select count(*)::int as count from customer_card`).toEqual(before)
  },
)

withRedis(
  'attack 21: who is erased while Redis is away is gone from it when it is back',
  async () => {
    const { on, api } = world
    const { self } = await plant()
    const token = await world.token('cashier')
    await api.get(`/customers/${self}/purchases`, token)
    await api.settled()
    expect(tablesWith(await dumpRedis(), `:${self}:list`)).not.toEqual([])

    door.fault = 'hang'
    const erased = await world.erase(self)
    await on.caughtUp()
    door.fault = null

    expect(erased.status).toBe(200)
    expect(lines.join('\n')).toContain('the cache could not be told of an erasure')
    await until(
      async () => tablesWith(await dumpRedis(), `:${self}:`).length === 0,
      'the projector has told the cache',
    )
  },
)

withRedis(
  'attack 22: who walks through the customers is stopped, told of, and in the audit',
  async () => {
    const quotas = parseQuotas('person-unknown=20/60')
    // No part of it in another minute.
    const began = Date.now()
    const api = testApi(world.readSql, {
      sourceUrl: world.on.sourceUrl,
      log,
      now: () => began,
      http: { quotas },
      audit: { alertAbove: 15 },
    })
    const token = await world.token('cashier')
    const ids = Array.from({ length: 30 }, () => crypto.randomUUID())
    const statuses: number[] = []

    for (const id of ids) statuses.push((await api.get(`/customers/${id}/purchases`, token)).status)

    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(404))
    expect(statuses.at(-1)).toBe(429)
    const alerts = lines.filter((line) => line.startsWith('somebody looks at very many customers'))
    expect(alerts).toEqual([expect.stringContaining(`"employee":"${KIM}"`)])
    const written = await world.source`
    select customer_id from access_audit
    where outcome = 'customer-not-found' and customer_id in ${world.source(ids)}`
    expect(written.map(({ customer_id }) => customer_id)).toEqual(ids.slice(0, written.length))
    expect(written.length).toBeGreaterThanOrEqual(20)
  },
)

withRedis(
  'attack 28: no token, address, command of the cache or word of a database is logged or answered',
  async () => {
    const { self } = await plant()
    const token = await world.token('admin')
    const from = lines.length
    const told: string[] = []
    const hostile: WithDb = async () => {
      throw Object.assign(new Error(`duplicate key (email)=(${SELF.email}) command was: ["GET"]`), {
        code: '23505',
        detail: SELF.email,
        query: `select '${SELF.phone}'`,
      })
    }
    const broken = testApi(world.readSql, { log, withDb: hostile, store: world.store })
    const answers = async (api: typeof broken, path: string, bearer = token) => {
      const response = await api.get(path, bearer)
      told.push(await response.text(), JSON.stringify([...response.headers]))
    }

    for (const fault of ['oom', 'html-500', 'garbage', 'wrong-shape'] as const) {
      door.fault = fault
      await answers(world.api, `/customers/${self}/purchases`)
      await world.api.settled()
      await answers(broken, `/customers/${self}/purchases?cursor=${SELF.email}`)
      await answers(broken, `/customers?query=${encodeURIComponent(SELF.email)}`)
      await answers(broken, `/customers/${self}/purchase-summary`)
    }
    door.fault = null
    await answers(
      world.api,
      `/customers/${encodeURIComponent(`${SELF.email}\r\nSet-Cookie: a=b`)}/purchases`,
    )
    await answers(world.api, `/customers/${self}/purchases`, `${token}x`)
    const foreign = await tokenFor({
      business: BUSINESS,
      secret: 'another secret, long enough to sign',
    })
    await answers(world.api, `/customers/${self}/purchases`, foreign)

    const said = lines.slice(from).join('\n')
    for (const secret of [
      token,
      foreign,
      SELF.email,
      '99887766',
      'command was',
      'pt:secret',
      'duplicate key',
    ]) {
      expect(said).not.toContain(secret)
      expect(told.join('\n')).not.toContain(secret)
    }
    expect(said).toContain('request failed')
  },
)

test('attack 28: a line in the log is one line, whatever is in it', () => {
  const written: string[] = []
  const spy = spyOn(console, 'error').mockImplementation((line) => void written.push(line))
  try {
    jsonLog('api').warn('asked\r\nfor', { path: '/a\r\n{"level":"error"}\u2028\u0000' })
  } finally {
    spy.mockRestore()
  }

  expect(written).toHaveLength(1)
  expect(written[0]).not.toMatch(/[\r\n\0]/)
  expect(JSON.parse(written[0]!)).toMatchObject({ level: 'warn', message: 'asked\r\nfor' })
})
