/** GET /customers/:id/export: complete, bounded in memory, and never without its row in the audit. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { exportAnswer } from '../../src/http/privacy-schemas.ts'
import { EXPORT_PAGE } from '../../src/http/routes/export.ts'
import type { WithDb } from '../../src/read/store.ts'
import { bodyOf, testApi } from '../http/support/api.ts'
import { BUSINESS, ringUp, ringUpMany, serve } from '../projector/support/till.ts'
import { PrivacyWorld } from './support/world.ts'

let world: PrivacyWorld
beforeAll(async () => {
  world = await PrivacyWorld.open()
})
afterAll(() => world.close())

test('has all that is known: contact, merged ids, merges, attributions, purchases, who looked', async () => {
  const { shop, on } = world
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  const sale = await ringUp(on.source, { customer_id: ann }, 2)
  const guests = await ringUp(on.source, {})
  const order = await serve(on.source, { customer_id: bea })
  await ringUp(on.source, { customer_id: await shop.person('Cleo') })
  await shop.attribute(guests, ann)
  await on.source`
    insert into purchase_attribution
      (business_id, purchase_kind, purchase_id, to_customer_id, evidence, note)
    values (${BUSINESS}, 'sale', ${guests}, ${ann}, 'proven', 'had the receipt')`
  await shop.merge(ann, bea, 'Ann called')
  await on.caughtUp()
  await world.get(`/customers/${ann}/purchases`, 'cashier')
  await world.api.settled()

  const response = await world.get(`/customers/${ann}/export`)
  const body = exportAnswer.parse(await bodyOf(response))

  expect(response.headers.get('Content-Disposition')).toBe(
    `attachment; filename="customer-${bea}.json"`,
  )
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(body.customer).toMatchObject({ id: bea, name: 'Bea', email: 'ann@example.com' })
  expect(body.mergedCustomers).toMatchObject([{ id: ann, name: 'Ann', status: 'merged' }])
  expect(body.merges).toMatchObject([{ fromCustomerId: ann, reason: 'Ann called' }])
  expect(body.attributions).toContainEqual(
    expect.objectContaining({ purchaseId: guests, toCustomerId: ann, note: 'had the receipt' }),
  )
  expect(body.purchases.map(({ id }) => id).sort()).toEqual([sale, guests, order].sort())
  const whole = body.purchases.find(({ id }) => id === sale)!
  expect(whole).toMatchObject({ payments: [{ method: 'card' }], subtotal: { amount: 1000 } })
  expect(whole.lines).toHaveLength(2)
  expect(body.accesses).toMatchObject([
    { action: 'exportCustomer', customerId: ann, role: 'admin' },
    { action: 'getPurchases', customerId: ann, role: 'cashier' },
  ])
  expect(JSON.stringify(body)).not.toContain('Kim')
})

test('thousands of purchases are there, each once, a page in memory at a time', async () => {
  const count = 2_345
  const ann = await world.shop.person('Ann')
  await ringUpMany(world.source, count, 1, ann)
  await world.on.caughtUp()
  let asked = 0
  let rows = 0
  const withDb: WithDb = async (_request, work) => {
    asked += 1
    const result = await work(world.readSql)
    const page = (result as { value?: { purchases?: unknown[] } } | null)?.value?.purchases
    rows = Math.max(rows, page?.length ?? 0)
    return result
  }
  const api = world.appOn({ withDb })

  const response = await api.request(`/customers/${ann}/export`, {
    headers: { Authorization: `Bearer ${await world.token()}` },
  })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = decoder.decode((await reader.read()).value, { stream: true })
  const askedForFirst = asked
  await reader.read().then(({ value }) => {
    text += decoder.decode(value, { stream: true })
  })
  const askedForSecond = asked
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += decoder.decode(read.value, { stream: true })
  }

  const { purchases, asOf, until } = exportAnswer.parse(JSON.parse(text))
  expect(new Set(purchases.map(({ id }) => id)).size).toBe(count)
  const sum = purchases.reduce((total, { total: { amount } }) => total + Number(amount), 0)
  expect(sum).toBe((count * (count + 1)) / 2)
  expect(until).toEqual(asOf)
  expect(rows).toBe(EXPORT_PAGE)
  // With the head no page is asked for yet; then one page for one chunk.
  expect(askedForSecond - askedForFirst).toBe(1)
  expect(asked - askedForFirst).toBe(Math.ceil(count / EXPORT_PAGE))
})

test('breaks off when the person is erased meanwhile, and is no JSON then', async () => {
  const ann = await world.shop.person('Ann')
  await ringUpMany(world.source, 3 * EXPORT_PAGE, 1, ann)
  await world.on.caughtUp()
  const response = await world.appOn({}).request(`/customers/${ann}/export`, {
    headers: { Authorization: `Bearer ${await world.token()}` },
  })
  const reader = response.body!.getReader()
  for (let n = 0; n < 2; n++) await reader.read()

  await world.erase(ann)
  await world.on.caughtUp()

  await expect(reader.read()).rejects.toThrow('erased')
})

test('is not made without its row in the audit, nor for who is gone or not there', async () => {
  const ann = await world.shop.person('Ann')
  await world.on.caughtUp()
  const path = `/customers/${ann}/export`
  const blind = testApi(world.readSql)
  const away = testApi(world.readSql, { sourceUrl: 'postgres://127.0.0.1:1/away' })
  const token = await world.token()

  for (const api of [blind, away]) {
    const refused = await bodyOf(await api.get(path, token), 503)
    expect(refused.type).toEndWith(':source-unavailable')
  }
  expect((await world.get(path, 'store_manager')).status).toBe(403)
  expect((await world.get(`/customers/${crypto.randomUUID()}/export`)).status).toBe(404)
  await world.erase(ann)
  expect((await world.get(path)).status).toBe(410)
})
