/**
 * Commands on every runtime: one source, one projector, one Redis. Done once for their key wherever it is
 * sent again, and read on the token that they answer with wherever it is sent.
 */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { RUNTIMES } from '../../dev/runtimes.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { exportAnswer } from '../../src/http/privacy-schemas.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { openDoor, type UpstashDoor } from '../cache/upstash-door.ts'
import { Shop } from '../command/support/shop.ts'
import { type Body, bodyOf, isOnItsWay, SECRET, tokenFor } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BUSINESS, KIM, openShop, ringUpMany } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { Way } from '../support/way.ts'
import { BOOT_MS, checkOn, Fleet } from './fleet.ts'

interface CommandCase {
  name: string
  /** Makes what the command is about; resolves to the ids that the rest takes. */
  given(): Promise<string[]>
  method: 'POST' | 'DELETE'
  path(...ids: string[]): string
  body?(...ids: string[]): object
  status: number
  /** What shows it, asked with the command's token. */
  read: { path(...ids: string[]): string; check(body: Body, ids: string[]): void }
}

let on: Projection
let shop: Shop
let redis: RedisServer
let door: UpstashDoor
/** From the runtimes to the source. */
let way: Way
let fleet: Fleet
let token: string
let cashier: string

beforeAll(async () => {
  if (!hasRedis) return
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  redis = await startRedis()
  door = await openDoor(redis)
  await on.live({ floors: new UpstashStore(door) })
  way = new Way(on.sourceUrl)
  await way.mend()
  fleet = await Fleet.start({
    READ_DATABASE_URL: on.readUrl,
    SOURCE_DATABASE_URL: way.url,
    PT_JWT_SECRET: SECRET,
    UPSTASH_REDIS_REST_URL: door.url,
    UPSTASH_REDIS_REST_TOKEN: door.token,
  })
  token = await tokenFor({ business: BUSINESS, role: 'owner', employee: KIM })
  cashier = await tokenFor({ business: BUSINESS, role: 'cashier', employee: KIM })
}, BOOT_MS)
afterAll(async () => {
  await fleet?.stop()
  await way?.cut()
  await door?.stop()
  await redis?.stop()
  await on?.close()
})

const pair = async () => {
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  await shop.sale(ann)
  return [bea, ann]
}

const COMMANDS: CommandCase[] = [
  {
    name: 'merge',
    given: pair,
    method: 'POST',
    path: (bea) => `/customers/${bea}/merges`,
    body: (_bea, ann) => ({ fromCustomerId: ann }),
    status: 201,
    read: {
      path: (_bea, ann) => `/customers/${ann}/purchase-summary`,
      check: (body, [bea]) => expect([body.customerId, body.totals[0].net]).toEqual([bea, 1000]),
    },
  },
  {
    name: 'unmerge',
    given: async () => {
      const [bea, ann] = (await pair()) as [string, string]
      return [bea, ann, await shop.merge(ann, bea)]
    },
    method: 'DELETE',
    path: (bea, _ann, mergeId) => `/customers/${bea}/merges/${mergeId}`,
    status: 200,
    read: {
      path: (_bea, ann) => `/customers/${ann}/purchases`,
      check: (body, [, ann]) => expect([body.customerId, body.data.length]).toEqual([ann, 1]),
    },
  },
]

for (const runtime of RUNTIMES) {
  const check = checkOn(runtime)

  describe(`on ${runtime}`, () => {
    check('a look is in the audit soon after its answer, a denial before it', async () => {
      const ann = await shop.person('Ann')
      await on.caughtUp()
      const audited = () => shop.sql<{ outcome: string }[]>`
        select outcome from access_audit where customer_id = ${ann} order by at`
      const receipt = `/customers/${ann}/purchases/${crypto.randomUUID()}`

      expect((await fleet.ask(runtime, receipt, cashier)).status).toBe(404)
      // Before the answer, or a second later where the source is slow.
      const denied = await until(async () => {
        const rows = await audited()
        return rows.length > 0 ? rows : undefined
      }, 'the denial is written')
      expect((await fleet.ask(runtime, `/customers/${ann}/purchases`, cashier)).status).toBe(200)

      expect([...denied]).toEqual([{ outcome: 'purchase-not-found' }])
      await until(async () => (await audited()).length === 2, 'the look is written')
      expect((await audited()).at(-1)).toEqual({ outcome: 'done' })
    })

    check('an export of many pages comes whole', async () => {
      const ann = await shop.person('Ann')
      await ringUpMany(shop.sql, 250, 1, ann)
      await on.caughtUp()

      const answer = await fleet.ask(runtime, `/customers/${ann}/export`, token)

      const body = exportAnswer.parse(await bodyOf(answer))
      expect(new Set(body.purchases.map(({ id }) => id)).size).toBe(250)
    })

    for (const command of COMMANDS) {
      check(`${command.name}: once for its key, and read everywhere on its token`, async () => {
        const ids = await command.given()
        const path = command.path(...ids)
        const body = command.body?.(...ids)
        const request = {
          method: command.method,
          headers: { 'Idempotency-Key': crypto.randomUUID() },
          ...(body && { body }),
        }
        const question = command.read.path(...ids)

        const done = await fleet.ask(runtime, path, token, request)

        const text = await done.text()
        expect([done.status, text]).toEqual([command.status, expect.any(String)])
        const consistency = done.headers.get('Consistency-Token')!
        for (const other of fleet.runtimes) {
          const headers = { 'Consistency-Token': consistency }
          const read = await until(async () => {
            const answer = await fleet.ask(other, question, token, { headers })
            return (await isOnItsWay(answer)) ? undefined : answer
          }, 'the read model comes to the token')
          command.read.check(await bodyOf(read), ids)
          const again = await fleet.ask(other, path, token, request)
          expect(again.headers.get('Idempotency-Replayed')).toBe('true')
          expect([again.status, await again.text()]).toEqual([command.status, text])
        }
      })
    }

    check('a command is refused to a role that may not, and without a key', async () => {
      const [bea, ann] = (await pair()) as [string, string]
      const path = `/customers/${bea}/merges`
      const request = { method: 'POST', body: { fromCustomerId: ann } }
      const headers = { 'Idempotency-Key': crypto.randomUUID() }

      const forbidden = await fleet.ask(runtime, path, cashier, { ...request, headers })
      const keyless = await fleet.ask(runtime, path, token, request)

      expect((await bodyOf(forbidden, 403)).type).toEndWith(':not-permitted')
      expect((await bodyOf(keyless, 400)).parameter).toBe('Idempotency-Key')
      expect(await shop.customer(ann)).toMatchObject({ status: 'active' })
    })

    check('a command is a 503 while the source is away, and is done later', async () => {
      const [bea, ann] = (await pair()) as [string, string]
      const headers = { 'Idempotency-Key': crypto.randomUUID() }
      const request = { method: 'POST', body: { fromCustomerId: ann }, headers }
      await way.cut()

      const early = await fleet.ask(runtime, `/customers/${bea}/merges`, token, request)
      await way.mend()
      const late = await fleet.ask(runtime, `/customers/${bea}/merges`, token, request)

      expect((await bodyOf(early, 503)).type).toEndWith(':source-unavailable')
      expect(early.headers.get('Retry-After')).toBe('2')
      expect((await bodyOf(late, 201)).moved.sale).toBe(1)
    })
  })
}
