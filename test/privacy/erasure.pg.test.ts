/** POST /customers/:id/erasure, from the request to what everybody is answered afterwards. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { erasureAnswer, problem } from '../../src/http/schemas.ts'
import { StoreUnavailable, type WithDb } from '../../src/read/store.ts'
import { bodyOf, testApi } from '../http/support/api.ts'
import { BISTRO, ringUp, SHOP, serve } from '../projector/support/till.ts'
import { PrivacyWorld } from './support/world.ts'

const ERASED = 'urn:purchase-timeline:problem:customer-erased'
const TOKEN = 'Consistency-Token'

let world: PrivacyWorld
beforeAll(async () => {
  world = await PrivacyWorld.open()
})
afterAll(() => world.close())

/** What each shop has taken, as the read model has it. */
function totals() {
  return world.on.read`
    select location_id, currency, sum(total)::text as total, count(*)::int as purchases
    from purchase_timeline where counted group by 1, 2 order by 1, 2`
}

test('a dry run says what would go, and changes nothing', async () => {
  const { shop } = world
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  await shop.sale(ann)
  await shop.order(bea, { location_id: BISTRO })
  await shop.merge(ann, bea)

  const answer = await bodyOf(await world.post(`/customers/${bea}/erasure?dryRun=true`, {}))

  expect(erasureAnswer.parse(answer)).toMatchObject({ detached: { sale: 1, order: 1 }, merges: 1 })
  expect(answer.customerIds.sort()).toEqual([ann, bea].sort())
  expect(await shop.customer(bea)).toMatchObject({ status: 'active', name: 'Bea' })
  const merged = await world.post(`/customers/${ann}/erasure?dryRun=true`, {})
  expect((await bodyOf(merged, 409)).type).toEndWith(':already-merged')
})

test('is done only by whom it is given to, and only when it is said twice', async () => {
  const ann = await world.shop.person()

  expect((await world.erase(ann, 'store_manager')).status).toBe(403)
  for (const body of [{}, { confirm: crypto.randomUUID() }]) {
    const refused = await bodyOf(await world.post(`/customers/${ann}/erasure`, body), 400)
    expect(problem.parse(refused)).toMatchObject({ parameter: 'confirm' })
  }
  expect(await world.shop.customer(ann)).toMatchObject({ status: 'active' })
})

test('takes nobody along whom its dry run did not name', async () => {
  const { shop } = world
  const [ann, bea, cleo] = [await shop.person(), await shop.person('Bea'), await shop.person()]
  await shop.merge(ann, bea)
  const path = `/customers/${bea}/erasure`
  const { customerIds } = await bodyOf(await world.post(`${path}?dryRun=true`, {}))
  const merge = await shop.merge(cleo, bea)
  const asShown = { confirm: bea, expectedCustomerIds: customerIds }
  const key = { 'Idempotency-Key': crypto.randomUUID() }

  const refused = await bodyOf(await world.post(path, asShown, 'admin', key), 409)
  const dry = { expectedCustomerIds: customerIds }

  expect(problem.parse(refused)).toMatchObject({ culprit: cleo })
  expect(refused.type).toEndWith(':others-merged')
  expect(await bodyOf(await world.post(`${path}?dryRun=true`, dry), 409)).toMatchObject({
    type: refused.type,
  })
  expect(await shop.customer(bea)).toMatchObject({ status: 'active', name: 'Bea' })
  // Under the key of the one, the other is another request.
  const without = await world.post(path, { confirm: bea }, 'admin', key)
  expect((await bodyOf(without, 422)).type).toEndWith(':idempotency-key-reused')

  await shop.unmerge(merge)
  const erased = await bodyOf(await world.post(path, asShown))
  expect(erased.customerIds.sort()).toEqual([ann, bea].sort())
  expect(await shop.customer(cleo)).toMatchObject({ status: 'active' })
})

test('afterwards every old id is gone, the books stay, and the answer is the same when asked again', async () => {
  const { shop, on } = world
  const [ann, bea] = [await shop.person('Ann'), await shop.person('Bea')]
  const sale = await ringUp(on.source, { customer_id: ann, location_id: SHOP }, 2)
  await serve(on.source, { customer_id: bea })
  await shop.merge(ann, bea)
  await on.caughtUp()
  const before = await totals()
  expect((await world.get(`/customers/${ann}/purchases`)).status).toBe(200)
  const key = { 'Idempotency-Key': crypto.randomUUID() }
  const path = `/customers/${bea}/erasure`

  const erased = await world.post(path, { confirm: bea }, 'owner', key)
  const again = await world.post(path, { confirm: bea }, 'owner', key)

  const token = erased.headers.get(TOKEN)!
  const answer = await bodyOf(erased)
  expect(erasureAnswer.parse(answer)).toMatchObject({ detached: { sale: 1, order: 1 }, merges: 1 })
  expect(again.headers.get('Idempotency-Replayed')).toBe('true')
  expect(await bodyOf(again)).toEqual(answer)
  for (const id of [ann, bea]) {
    for (const rest of ['purchase-summary', 'spending', 'purchases', `purchases/${sale}`]) {
      const gone = await world.get(`/customers/${id}/${rest}`, 'cashier', { [TOKEN]: token })
      expect(await bodyOf(gone, 410)).toMatchObject({ type: ERASED, customerId: id })
    }
  }
  expect((await bodyOf(await world.erase(bea), 409)).type).toEndWith(':erased')
  expect(await totals()).toEqual(before)
  expect(
    await on.read`select 1 from customer_product_stats where customer_id in (${ann}, ${bea})`,
  ).toHaveLength(0)
  await on.expectEqual()
})

test('from its answer on nothing is answered from the cache, though projector and read store be down', async () => {
  const { shop, on } = world
  const ann = await shop.person('Ann')
  await ringUp(on.source, { customer_id: ann })
  await on.caughtUp()
  const store = new MemoryStore()
  let down = false
  const withDb: WithDb = async (_request, work) => {
    if (down) throw new StoreUnavailable('down')
    return work(world.readSql)
  }
  // A cache of its own, which no projector tells anything.
  const api = testApi(world.readSql, { store, withDb, sourceUrl: on.sourceUrl })
  const [admin, cashier] = [await world.token(), await world.token('cashier')]
  for (const token of [cashier, admin]) await api.get(`/customers/${ann}/purchases`, token)
  const [row] = await on.read<{ position: string }[]>`select position::text from read_model`
  await store.raise(parseLsn(row!.position), [])
  await api.get(`/customers/${ann}/purchases`, cashier)
  await api.settled()
  down = true
  const stale = await api.get(`/customers/${ann}/purchases`, cashier)
  expect((await bodyOf(stale)).data).toHaveLength(1)

  const erased = await api.request(`/customers/${ann}/erasure`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${admin}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': 'once',
    },
    body: JSON.stringify({ confirm: ann }),
  })

  expect(erased.status).toBe(200)
  expect((await api.get(`/customers/${ann}/purchases`, cashier)).status).toBe(503)
})
