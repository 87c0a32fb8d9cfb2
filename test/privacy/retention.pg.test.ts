/** `pt retention`: who and what goes, what stays, and that it can be ended and run again. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { retain } from '../../src/privacy/retention.ts'
import { Shop } from '../command/support/shop.ts'
import { BUSINESS, put } from '../projector/support/till.ts'
import { pt } from '../support/pt.ts'

let shop: Shop
beforeAll(async () => {
  shop = await Shop.open()
})
afterAll(() => shop.close())

const OLD = '2015-01-01T00:00:00Z'
const times = (at: string) => ({ created_at: at, completed_at: at })

/** Somebody who has been a customer since `createdAt`. */
function person(createdAt = OLD, row = {}): Promise<string> {
  return put(shop.sql, 'customer', { created_at: createdAt, ...row })
}

function run(options: Partial<Parameters<typeof retain>[0]> = {}) {
  const { signal } = new AbortController()
  const rest = { years: 5, auditMonths: 13, dryRun: false, signal }
  return retain({ sourceUrl: shop.url, businessId: BUSINESS, ...rest, ...options })
}

async function statuses(ids: readonly string[]) {
  return Promise.all(ids.map(async (id) => (await shop.customer(id))!.status))
}

test('forgets who has not bought for so long, and nobody else', async () => {
  const idle = [await person(), await person(OLD, { status: 'blocked' }), await person()]
  await shop.sale(idle[0]!, times(OLD))
  await shop.order(idle[2]!, { opened_at: OLD, closed_at: OLD })
  const merged = await person()
  await shop.merge(merged, idle[2]!)
  const now = new Date().toISOString()
  const stay = [await person(now), await person(), await person(), await person()]
  await shop.sale(stay[1]!, times(now))
  // Laid away long ago, fetched now; and an order that is open.
  await shop.sale(stay[2]!, { created_at: OLD, completed_at: now })
  await shop.order(stay[3]!, { opened_at: now, closed_at: null, status: 'open' })
  const takings = () =>
    shop.sql`select location_id, sum(total)::text from sale group by 1 order by 1`
  const before = await takings()

  const dry = await run({ dryRun: true })
  const untouched = await statuses(idle)
  const counts = await run()
  const again = await run()

  expect(dry).toMatchObject({ customers: 3, purchases: 0 })
  expect(untouched).toEqual(['active', 'blocked', 'active'])
  expect(counts).toMatchObject({ customers: 3, purchases: 2 })
  expect(again).toMatchObject({ customers: 0, purchases: 0 })
  expect(await statuses([...idle, merged])).toEqual(Array(4).fill('erased'))
  expect(await statuses(stay)).toEqual(Array(4).fill('active'))
  expect(await takings()).toEqual(before)
  const audit = await shop.sql`
    select role, employee_id from access_audit where action = 'retention' and customer_id in ${shop.sql(idle)}`
  expect(audit.map((row) => ({ ...row }))).toEqual(
    Array(3).fill({ role: 'service', employee_id: null }),
  )
})

test('ends behind the transaction at hand, and goes on when it is run again', async () => {
  const ids = await Promise.all(Array.from({ length: 120 }, () => person()))
  const stop = new AbortController()

  const part = await run({ signal: stop.signal, onProgress: () => stop.abort() })
  const rest = await run()

  expect(part.customers).toBe(50)
  expect(rest.customers).toBe(70)
  expect(new Set(await statuses(ids))).toEqual(new Set(['erased']))
})

test('lets old rows of the audit and old notes go, which else nobody can', async () => {
  const ann = await person(new Date().toISOString())
  const add = (months: number) => shop.sql`
    insert into access_audit (business_id, role, action, customer_id, outcome, at)
    values (${BUSINESS}, 'cashier', 'getReceipt', ${ann}, 'done', now() - make_interval(months => ${months}))`
  const note = (days: number) => shop.sql`
    insert into idempotency_key (business_id, principal, key, fingerprint, status, body, created_at)
    values (${BUSINESS}, 'service', ${`${days}`}, '', 200, '', now() - make_interval(days => ${days}))`
  for (const months of [0, 12, 14, 30]) await add(months)
  for (const days of [29, 31]) await note(days)
  const left = () => shop.sql`select 1 from access_audit where customer_id = ${ann}`

  await expect(shop.sql`delete from access_audit where customer_id = ${ann}`).rejects.toThrow(
    'only ever',
  )
  const dry = await run({ dryRun: true })
  const counts = await run()

  expect(dry).toMatchObject({ auditRows: 2, idempotencyKeys: 1 })
  expect(counts).toMatchObject({ auditRows: 2, idempotencyKeys: 1 })
  expect(await left()).toHaveLength(2)
  await run({ auditMonths: 6 })
  expect(await left()).toHaveLength(1)
})

test('the command says what it does, and wants to know of whom', async () => {
  const env = { SOURCE_DATABASE_URL: shop.url }
  await person()

  const [dry, json, nobody, years] = await Promise.all([
    pt(['retention', '--years', '5', '--business', 'Chain', '--dry-run'], env),
    pt(['retention', '--years', '5', '--all', '--dry-run', '--json'], env),
    pt(['retention', '--years', '5'], env),
    pt(['retention', '--years', '0', '--all'], env),
  ])
  const done = await pt(['retention', '--years', '5', '--business', 'Chain'], env)

  expect(dry.stdout).toStartWith('Chain: 1 customers would be forgotten;')
  expect(JSON.parse(json.stdout)).toMatchObject({ dryRun: true, businesses: [{ customers: 1 }] })
  expect([nobody.code, years.code]).toEqual([2, 2])
  expect(done.stdout).toStartWith('Chain: 1 customers are forgotten, with 0 purchases')
})
