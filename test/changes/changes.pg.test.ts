/** GET /customers/:id/changes over sockets, from a till's commit to what each client is told. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { serveBun } from '../../src/entry/bun.ts'
import { silentLog } from '../../src/log.ts'
import { Shop } from '../command/support/shop.ts'
import { bodyOf, SECRET, type TokenInput, tokenFor } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BISTRO, BUSINESS, openShop, ringUp, SHOP, serve } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { asApi } from '../support/postgres.ts'
import { Listener } from './support/listener.ts'

type Served = Awaited<ReturnType<typeof serveBun>>

let on: Projection
let shop: Shop
let api: Served
const listeners: Listener[] = []

const serveApi = (cache: 'in-process' | 'none') =>
  serveBun({
    readUrl: asApi(on.readUrl),
    sourceUrl: on.sourceUrl,
    tokens: { PT_JWT_SECRET: SECRET },
    cache,
    port: 0,
    host: '127.0.0.1',
    log: silentLog,
    http: { metrics: 'open' },
  })

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  api = await serveApi('in-process')
  await on.live({ floors: api.floors })
})
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.leave()
  await untilOpen(0)
})
afterAll(async () => {
  await api.stop()
  await on.close()
})

const headersOf = async (claims: Partial<TokenInput> = {}) => ({
  Authorization: `Bearer ${await tokenFor({ business: BUSINESS, ...claims })}`,
})

async function listen(customerId: string, claims: Partial<TokenInput> = {}, { url } = api) {
  const headers = await headersOf(claims)
  const listener = await Listener.open((signal) =>
    fetch(`${url}/customers/${customerId}/changes`, { headers, signal }),
  )
  listeners.push(listener)
  return listener
}

async function untilOpen(count: number) {
  const line = `\npt_change_streams ${count}\n`
  await until(
    async () => (await (await fetch(`${api.url}/metrics`)).text()).includes(line),
    `${count} open streams`,
  )
}

/** A customer whom the read model has, and of whom nothing is still to be told. */
async function person(name = 'Ann'): Promise<string> {
  const id = await shop.person(name)
  await on.caughtUp()
  await until(
    async () => (await on.read`select from cache_outbox`).length === 0,
    'the floors are raised',
  )
  return id
}

test('tells of a sale once the answers have it', async () => {
  const ann = await person()
  const screen = await listen(ann)

  const sale = await ringUp(on.source, { customer_id: ann })

  const event = await screen.nth(1)
  expect(event).toMatchObject({ name: 'changed', customerId: ann })
  expect(event.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/)
  const headers = await headersOf()
  const list = await bodyOf(await fetch(`${api.url}/customers/${ann}/purchases`, { headers }))
  expect(list.data.map(({ id }: { id: string }) => id)).toEqual([sale])
})

test('tells nobody of what is out of sight', async () => {
  const ann = await person()
  const listenAs = (visibility: string) => listen(ann, { locations: [BISTRO], visibility })
  const [chain, masked, own] = await Promise.all([
    listenAs('chain'),
    listenAs('masked'),
    listenAs('own'),
  ])
  const bea = await person('Bea')
  const other = await listen(bea)

  // Elsewhere: with a mask one sees that it was, and no more of it.
  const sale = await ringUp(on.source, { customer_id: ann, location_id: SHOP })
  await masked.nth(1)
  const told = (await chain.nth(1)) && chain.told.length
  await on.source`update sale set status = 'voided' where id = ${sale}`
  await chain.nth(told + 1)
  expect(own.told).toEqual([])
  // Here: what would be told of elsewhere would have come before.
  await serve(on.source, { customer_id: ann })
  await masked.nth(2)
  const { lsn } = await own.nth(1)

  await until(() => chain.told.slice(2).some((event) => event.lsn === lsn), 'the last of chain')
  expect(masked.told).toHaveLength(2)
  expect(own.told).toHaveLength(1)
  expect(other.told).toEqual([])
})

test('tells of a survivor by the id that was merged, and of its own again after that is undone', async () => {
  const [ann, bea] = [await person('Ann'), await person('Bea')]
  const screen = await listen(bea)
  const untilToldOf = (id: string, from: number) =>
    until(() => screen.told.slice(from).some(({ customerId }) => customerId === id), `of ${id}`)

  const merge = await shop.merge(bea, ann)
  await untilToldOf(ann, 0)
  let before = screen.told.length
  await ringUp(on.source, { customer_id: ann })
  await untilToldOf(ann, before)
  before = screen.told.length
  await shop.unmerge(merge)
  await untilToldOf(bea, before)

  expect(screen.ended).toBe(false)
})

test('its last word is that the person was erased', async () => {
  const ann = await person()
  const [all, some] = [await listen(ann), await listen(ann, { locations: [SHOP] })]

  await shop.erase(ann)

  for (const screen of [all, some]) {
    await screen.untilEnded()
    expect(screen.told.at(-1)).toEqual({ name: 'erased', customerId: ann })
  }
  const headers = await headersOf()
  const again = await fetch(`${api.url}/customers/${ann}/changes`, { headers })
  expect((await bodyOf(again, 410)).type).toEndWith(':customer-erased')
})

test('lets go of a client that is gone', async () => {
  const ann = await person()
  const [gone, here] = [await listen(ann), await listen(ann)]
  await untilOpen(2)

  gone.leave()

  await untilOpen(1)
  await ringUp(on.source, { customer_id: ann })
  expect((await here.nth(1)).name).toBe('changed')
})

test('HEAD opens none', async () => {
  const path = `${api.url}/customers/${await person()}/changes`

  const head = await fetch(path, { method: 'HEAD', headers: await headersOf() })

  expect([head.status, head.headers.get('Content-Type')]).toEqual([200, 'text/event-stream'])
  await untilOpen(0)
})

test('a server that stops ends its streams, and does not wait for them', async () => {
  const ann = await person()
  const stopping = await serveApi('in-process')
  const screens = await Promise.all([1, 2, 3].map(() => listen(ann, {}, stopping)))

  await stopping.stop()

  for (const screen of screens) await screen.untilEnded()
})

test('says that it has none where nobody tells it of changes', async () => {
  const ann = await person()
  const without = await serveApi('none')

  const answer = await fetch(`${without.url}/customers/${ann}/changes`, {
    headers: await headersOf(),
  })

  expect((await bodyOf(answer, 501)).type).toEndWith(':changes-not-offered')
  await without.stop()
})
