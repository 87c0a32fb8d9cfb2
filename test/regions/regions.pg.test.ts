/**
 * Two regions on one machine: a read store fed from the first by Postgres's own logical replication, an API
 * at each, one Redis for both. The second one is made to lag by pausing its subscription.
 */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { revokeTokens } from '../../cli/token/revoke-tokens.ts'
import { readChecksums } from '../../projector/record/checksums.ts'
import { followRegion, leaveRegion, regionStatus } from '../../projector/regions/region.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { hasRedis, startRedis } from '../cache/redis-server.ts'
import { openDoor } from '../cache/upstash-door.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../http/support/api.ts'
import { connect, Projection } from '../projector/support/projection.ts'
import { BUSINESS, KIM, openShop, put, ringUp } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { needs } from '../support/needs.ts'
import { createTestDatabases } from '../support/postgres.ts'

const NAME = 'far'

let near: Projection
let urls: { readUrl: string; regionUrl: string; name: string }
let far: Sql
let drop: () => Promise<void>

beforeEach(async () => {
  near = await Projection.open()
  await openShop(near.source)
  const databases = await createTestDatabases()
  drop = databases.drop
  urls = { readUrl: near.readUrl, regionUrl: databases.readUrl, name: NAME }
  far = connect(urls.regionUrl)
})
afterEach(async () => {
  await leaveRegion(urls)
  await far.end({ timeout: 1 })
  await drop()
  await near.close()
})

test('a region is filled from one snapshot while the tills go on, and follows from there', async () => {
  const customer = await put(near.source, 'customer')
  for (let n = 0; n < 20; n++) await ringUp(near.source, { customer_id: customer })
  await near.live()
  let selling = true
  const till = (async () => {
    while (selling) await ringUp(near.source, { customer_id: customer })
  })()

  await followRegion(urls)
  for (let n = 0; n < 20; n++) await ringUp(near.source, { customer_id: customer })
  await revokeTokens(urls.readUrl, { business: BUSINESS, employee: KIM })
  await revokeTokens(urls.readUrl, { business: BUSINESS, employee: KIM })
  selling = false
  await till

  await arrived()
  expect(await readChecksums(urls.regionUrl)).toEqual(await readChecksums(urls.readUrl))
  expect(await regionStatus(urls)).toMatchObject({ state: 'following' })
  const revoked = (sql: Sql) => sql`select * from token_revocation`
  await until(async () => {
    const [here, there] = await Promise.all([revoked(near.read), revoked(far)])
    return here.length === 1 && `${there[0]?.issued_before}` === `${here[0]!.issued_before}`
  }, 'a revocation did not arrive')
})

needs('redis-server', hasRedis)(
  'a region that lags never answers a token with less than it stands for, and fills no cache',
  async () => {
    const redis = await startRedis()
    const door = await openDoor(redis)
    const store = () => new UpstashStore({ ...door, readTimeoutMs: 5_000, raiseTimeoutMs: 5_000 })
    await near.live({ floors: store() })
    await followRegion(urls)
    const { sourceUrl } = near
    const here = testApi(near.read as ReadSql, { store: store(), sourceUrl })
    const there = testApi(regionSql(), { store: store(), sourceUrl, asksAgain: false })
    const token = await tokenFor({ business: BUSINESS, role: 'store_manager', employee: KIM })
    try {
      const [ann, bea] = [await put(near.source, 'customer'), await put(near.source, 'customer')]
      await ringUp(near.source, { customer_id: ann })
      await arrived()
      const orders = (answer: Body) => answer.totals[0]?.orderCount ?? 0
      const ask = (api: TestApi, headers = {}) =>
        api.get(`/customers/${bea}/purchase-summary`, token, headers)

      await far.unsafe(`alter subscription region_${NAME} disable`)
      const merged = await here.request(`/customers/${bea}/merges`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': crypto.randomUUID(),
        },
        body: JSON.stringify({ fromCustomerId: ann }),
      })
      await bodyOf(merged, 201)
      const since = { 'Consistency-Token': merged.headers.get('Consistency-Token')! }
      await near.caughtUp()
      await until(
        async () => (await near.read`select from cache_outbox`).length === 0,
        'the floors are raised',
      )

      // It lags, says as of when, and keeps what it knows to itself.
      for (let n = 0; n < 2; n++) {
        const old = await ask(there)
        expect(old.headers.get('Cache-Status')).toContain('fwd=miss')
        expect(orders(await bodyOf(old))).toBe(0)
        await there.settled()
      }
      const early = await ask(there, since)
      expect(await bodyOf(early, 503)).toMatchObject({
        type: 'urn:purchase-timeline:problem:not-yet-consistent',
      })
      expect(early.headers.get('Retry-After')).toBe('1')
      // The region that is ahead answers, and what it stores is the lagging one's to give.
      expect(orders(await bodyOf(await ask(here, since)))).toBe(1)
      await here.settled()
      const lent = await ask(there)
      expect(lent.headers.get('Cache-Status')).toContain('hit')
      expect(orders(await bodyOf(lent))).toBe(1)

      await far.unsafe(`alter subscription region_${NAME} enable`)
      await arrived()
      expect(orders(await bodyOf(await ask(there, since)))).toBe(1)
    } finally {
      await door.stop()
      await redis.stop()
    }
  },
)

test('after a rebuild the region says so, until it follows anew', async () => {
  await near.live()
  const customer = await put(near.source, 'customer')
  await ringUp(near.source, { customer_id: customer })
  await followRegion(urls)
  await arrived()
  const api = testApi(regionSql())
  const token = await tokenFor({ business: BUSINESS })
  const ask = () => api.get(`/customers/${customer}/purchases`, token)
  expect((await bodyOf(await ask())).data).toHaveLength(1)

  expect((await near.rebuild()).switched).toBe(true)
  await until(async () => (await regionStatus(urls)).state === 'outdated', 'the region knows')
  await ringUp(near.source, { customer_id: customer })
  await near.caughtUp()
  expect(await bodyOf(await ask(), 503)).toMatchObject({
    type: 'urn:purchase-timeline:problem:read-model-building',
  })

  await followRegion(urls)
  await arrived()
  expect((await bodyOf(await ask())).data).toHaveLength(2)
  expect(await readChecksums(urls.regionUrl)).toEqual(await readChecksums(urls.readUrl))
})

test('of several sources, one that is rebuilt takes the region out of service: it has no half', async () => {
  const west = await near.beside('west')
  try {
    await openShop(west.source)
    await near.live()
    await west.live()
    await followRegion(urls)
    await until(async () => (await regionStatus(urls)).state === 'following', 'it follows')

    await west.rebuild()

    await until(async () => (await regionStatus(urls)).state === 'outdated', 'the region knows')
  } finally {
    await west.close()
  }
})

test('a fill that dies leaves the region as it was, and the next one begins anew', async () => {
  await near.live()
  await followRegion(urls)
  await arrived()
  const before = await readChecksums(urls.regionUrl)

  // From outside it could come too late.
  await far.unsafe(`
    create function die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create trigger die after insert on projection_checkpoint execute function die()`)
  await expect(followRegion(urls)).rejects.toThrow()
  await far.unsafe('drop function die cascade')
  expect(await readChecksums(urls.regionUrl)).toEqual(before)

  await followRegion(urls)
  await ringUp(near.source)
  await arrived()
  expect(await readChecksums(urls.regionUrl)).toEqual(await readChecksums(urls.readUrl))
})

test('a store that has a projector of its own is neither overwritten nor left', async () => {
  await near.live()
  const other = { ...urls, regionUrl: near.readUrl }

  await expect(followRegion(other)).rejects.toThrow('kept by a projector of its own')
  await expect(leaveRegion(other)).rejects.toThrow('kept by a projector of its own')
  await near.expectEqual()
})

function regionSql(): ReadSql {
  return postgres(urls.regionUrl, { ...READ_CLIENT_OPTIONS, max: 2, onnotice() {} }) as ReadSql
}

/** Everything that is committed at the source now is in the region. */
async function arrived(): Promise<void> {
  await near.caughtUp()
  await until(async () => {
    const { position, regionPosition } = await regionStatus(urls)
    return regionPosition === position
  }, 'the region is there')
}
