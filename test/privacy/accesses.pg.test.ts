/** "Who looked at this customer": over HTTP, page by page, and on the command line. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { writeLooks } from '../../src/privacy/access-audit.ts'
import { bodyOf } from '../http/support/api.ts'
import { BUSINESS, KIM } from '../projector/support/till.ts'
import { pt } from '../support/pt.ts'
import { PrivacyWorld } from './support/world.ts'

let world: PrivacyWorld
beforeAll(async () => {
  world = await PrivacyWorld.open()
})
afterAll(() => world.close())

/** Looks of so many seconds ago; several of one moment. */
async function looked(customerId: string, ...seconds: number[]) {
  const at = Date.parse('2026-01-02T03:04:05Z')
  await writeLooks(
    world.source,
    seconds.map((ago) => ({
      businessId: BUSINESS,
      employeeId: KIM,
      role: 'cashier' as const,
      action: 'getPurchases',
      customerId,
      purchaseId: null,
      outcome: `${ago}`,
      at: new Date(at - ago * 1000).toISOString(),
    })),
  )
}

test('newest first, page by page, with names, under every id that the person had', async () => {
  const { shop } = world
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  await shop.merge(ann, bea)
  await looked(ann, 4, 2, 2, 2)
  await looked(bea, 3, 1)
  await looked(await shop.person(), 1)
  const outcomes: string[] = []

  let cursor = ''
  for (let pages = 0; pages < 10; pages++) {
    const page = await bodyOf(await world.get(`/customers/${bea}/accesses?limit=2${cursor}`))
    outcomes.push(...page.data.map((each: { outcome: string }) => each.outcome))
    expect(page.data[0].employee).toEqual({ id: KIM, name: 'Kim' })
    if (page.page.next === null) break
    cursor = `&cursor=${page.page.next}`
    // What comes meanwhile moves nothing.
    await looked(bea, 0)
  }

  expect(outcomes).toEqual(['1', '2', '2', '2', '3', '4'])
})

test('to ask is a look itself, told also after an erasure, and only to whom may know', async () => {
  const ann = await world.shop.person('Ann')
  await world.erase(ann)
  const path = `/customers/${ann}/accesses`

  const first = await bodyOf(await world.get(path))
  await world.api.settled()
  const second = await bodyOf(await world.get(path, 'store_manager'))

  expect(first.data).toMatchObject([{ action: 'eraseCustomer', outcome: 'done' }])
  expect(second.data).toMatchObject([{ action: 'getAccesses' }, { action: 'eraseCustomer' }])
  expect((await world.get(path, 'cashier')).status).toBe(403)
  expect((await world.get(`/customers/${crypto.randomUUID()}/accesses`)).status).toBe(404)
  expect((await world.get(`${path}?cursor=2026`)).status).toBe(400)
})

test('pt audit tells it by customer and by employee', async () => {
  const env = { SOURCE_DATABASE_URL: world.on.sourceUrl }
  const ann = await world.shop.person('Ann')
  await looked(ann, 2, 1)

  const [text, json, nobody, wrong] = await Promise.all([
    pt(['audit', '--customer', ann], env),
    pt(['audit', '--employee', KIM, '--limit', '1', '--json'], env),
    pt(['audit', '--customer', crypto.randomUUID()], env),
    pt(['audit'], env),
  ])

  expect(text.stdout.split('\n')[0]).toBe(
    `2026-01-02T03:04:04.000000Z  Kim (cashier)  getPurchases  customer ${ann}  1`,
  )
  expect(JSON.parse(json.stdout)).toHaveLength(1)
  expect(nobody).toMatchObject({ code: 1, stdout: '' })
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Say --customer ID or --employee ID'),
  })
})
