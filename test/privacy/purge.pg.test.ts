/** GET /devices/purge: what a device that polls learns, and that it misses nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { SourceUnavailable } from '../../src/command/source.ts'
import { purgeAnswer } from '../../src/http/privacy-schemas.ts'
import { PurgeFeed } from '../../src/http/purge-feed.ts'
import { Shop } from '../command/support/shop.ts'
import { bodyOf, testApi, tokenFor } from '../http/support/api.ts'
import { ReadModel } from '../http/support/read-model.ts'
import { BUSINESS } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'

let shop: Shop
let now = Date.now()
/** Where it is looked up whether a token was revoked; nothing else is read there. */
let model: ReadModel

beforeAll(async () => {
  shop = await Shop.open()
  model = await ReadModel.create()
})
afterAll(async () => {
  await model.drop()
  await shop.close()
})

const apiOn = (sourceUrl: string) => testApi(model.sql, { sourceUrl, now: () => now })

/** A device with a cursor of its own. */
async function device(api = apiOn(shop.url)) {
  const token = await tokenFor({ business: BUSINESS, role: 'cashier' })
  let after = '0'
  return {
    seen: [] as string[],
    async poll() {
      // Beyond what the API keeps a page for.
      now += 60_000
      const answer = await bodyOf(await api.get(`/devices/purge?after=${after}`, token))
      purgeAnswer.parse(answer)
      after = answer.next
      this.seen.push(...answer.data.map((each: { customerId: string }) => each.customerId))
      return answer
    },
  }
}

test('tells each erasure once, predecessors too, and again to a device that is new', async () => {
  const [ann, bea, cleo] = [await shop.person(), await shop.person(), await shop.person()]
  await shop.merge(ann, bea)
  const [one, two] = [await device(), await device()]

  await shop.erase(bea)
  await one.poll()
  await shop.erase(cleo)
  for (let n = 0; n < 2; n++) await one.poll()
  await two.poll()

  expect(one.seen.slice(0, 2).sort()).toEqual([ann, bea].sort())
  expect(one.seen.slice(2)).toEqual([cleo])
  expect(two.seen).toEqual(one.seen)
})

test('misses none that commits late', async () => {
  const [early, late] = [await shop.person(), await shop.person()]
  const polling = await device()
  await polling.poll()
  const [one, two] = [await shop.sql.reserve(), await shop.sql.reserve()]
  const erase = (sql: typeof one, id: string) =>
    sql`update customer set status = 'erased' where id = ${id}`

  await one`begin`
  await erase(one, late)
  let done = false
  const other = erase(two, early).then(() => {
    done = true
  })
  const waits = async () => {
    const rows = await shop.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`
    return done || rows.length > 0
  }
  await until(waits, 'the other erasure commits or waits')
  await polling.poll()
  await one`commit`
  await other
  await polling.poll()

  expect(polling.seen.filter((id) => id === early || id === late)).toEqual([late, early])
  one.release()
  two.release()
})

test('costs the source nothing while nothing changes', async () => {
  const api = apiOn(shop.url)
  const token = await tokenFor({ business: BUSINESS, role: 'cashier' })
  const first = await api.get('/devices/purge', token)
  const etag = first.headers.get('ETag')!
  await shop.erase(await shop.person())

  const again = await api.get('/devices/purge', token, { 'If-None-Match': etag })
  now += 60_000
  const later = await api.get('/devices/purge', token, { 'If-None-Match': etag })

  expect(first.headers.get('Cache-Control')).toBe('private, max-age=60')
  expect(again.status).toBe(304)
  expect(later.status).toBe(200)
})

test('is told from memory while the source is away, for a while', async () => {
  const away = 'postgres://127.0.0.1:1/none'
  const feed = new PurgeFeed({ now: () => now })
  const known = await feed.page(shop.url, BUSINESS, 0n)

  now += 60_000
  expect(await feed.page(away, BUSINESS, 0n)).toMatchObject(known)
  await expect(feed.page(away, BUSINESS, 1n)).rejects.toBeInstanceOf(SourceUnavailable)
  now += 20 * 60_000
  await expect(feed.page(away, BUSINESS, 0n)).rejects.toBeInstanceOf(SourceUnavailable)
})

test.each(['-1', '1.5', 'x', '9999999999999999999', ''])(
  'refuses %p as a cursor',
  async (after) => {
    const token = await tokenFor({ business: BUSINESS, role: 'cashier' })

    expect((await apiOn(shop.url).get(`/devices/purge?after=${after}`, token)).status).toBe(400)
  },
)

test('another chain’s erasures are not told', async () => {
  const token = await tokenFor({ business: crypto.randomUUID(), role: 'cashier' })

  expect(await bodyOf(await apiOn(shop.url).get('/devices/purge', token))).toEqual({
    data: [],
    next: '0',
    more: false,
  })
})
