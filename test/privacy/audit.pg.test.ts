/** Who looked at whom: what is written, once a minute, behind the answers, and whatever becomes of the source. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { AuditTrail } from '../../src/http/audit-trail.ts'
import { type Log, type LogFields, silentLog } from '../../src/log.ts'
import { type TestApi, testApi } from '../http/support/api.ts'
import { TcpProxy } from '../projector/support/tcp-proxy.ts'
import { BUSINESS, KIM, ringUp } from '../projector/support/till.ts'
import { until } from '../projector/support/until.ts'
import { PrivacyWorld } from './support/world.ts'

let world: PrivacyWorld
let ann: string
let sale: string
let now = Date.now()

beforeAll(async () => {
  world = await PrivacyWorld.open({ now: () => now })
})
afterAll(() => world.close())
beforeEach(async () => {
  ann = await world.shop.person('Ann')
  sale = await ringUp(world.source, { customer_id: ann })
  await world.on.caughtUp()
  now += 120_000
})

function rows(customer: string | null = ann) {
  return world.source<
    { action: string; outcome: string; role: string; employee_id: string; purchase_id: string }[]
  >`
    select action, outcome, role, employee_id, purchase_id from access_audit
    where customer_id is not distinct from ${customer} order by at, id`
}

async function settledRows() {
  await world.api.settled()
  return (await rows()).map(({ action, outcome }) => `${action} ${outcome}`)
}

test('each answered summary, list and receipt is a row, and the same within a minute is none', async () => {
  const paths = ['purchase-summary', 'purchases', `purchases/${sale}`]
  for (const path of [...paths, ...paths]) {
    expect((await world.get(`/customers/${ann}/${path}`, 'cashier')).status).toBe(200)
  }
  await world.api.settled()
  const kims = await rows()
  now += 61_000
  await world.get(`/customers/${ann}/purchases`, 'cashier')

  // They are written behind the answers, in no order.
  expect(kims.map(({ action }) => action).sort()).toEqual([
    'getPurchaseSummary',
    'getPurchases',
    'getReceipt',
  ])
  expect(kims.find(({ action }) => action === 'getReceipt')).toMatchObject({
    employee_id: KIM,
    role: 'cashier',
    purchase_id: sale,
  })
  expect(await settledRows()).toHaveLength(4)
})

test('the same in another role is another look', async () => {
  const path = `/customers/${ann}/purchases`
  for (const role of ['cashier', 'store_manager', 'cashier'] as const) await world.get(path, role)
  await world.api.settled()

  expect((await rows()).map(({ role }) => role).sort()).toEqual(['cashier', 'store_manager'])
})

test('a look that changed nothing is one, too: 304 and a dry run', async () => {
  const path = `/customers/${ann}/purchases`
  const etag = (await world.get(path)).headers.get('ETag')!
  now += 61_000
  const unchanged = await world.get(path, 'admin', { 'If-None-Match': etag })
  await world.post(`/customers/${ann}/erasure?dryRun=true`, {})
  await world.erase(ann)

  expect(unchanged.status).toBe(304)
  expect((await settledRows()).sort()).toEqual([
    'eraseCustomer done',
    'eraseCustomer dry-run',
    'getPurchases done',
    'getPurchases done',
  ])
})

test('a denial is there before its answer', async () => {
  const nobody = crypto.randomUUID()
  const receipt = `/customers/${ann}/purchases/${nobody}`

  expect((await world.erase(ann, 'cashier')).status).toBe(403)
  expect(await rows()).toMatchObject([{ action: 'eraseCustomer', outcome: 'not-permitted' }])
  expect((await world.get(receipt)).status).toBe(404)
  expect(await rows()).toMatchObject([{}, { outcome: 'purchase-not-found', purchase_id: nobody }])
  expect((await world.get(`/customers/${nobody}/purchases`)).status).toBe(404)
  expect(await rows(nobody)).toMatchObject([{ outcome: 'customer-not-found' }])
  const token = (await world.erase(ann)).headers.get('Consistency-Token')!
  const gone = await world.get(`/customers/${ann}/purchases`, 'admin', {
    'Consistency-Token': token,
  })
  expect(gone.status).toBe(410)
  expect(await rows()).toContainEqual(expect.objectContaining({ outcome: 'customer-erased' }))
})

test('a token of a chain that the source does not have keeps no other row from being written', async () => {
  const trail = new AuditTrail({ log: silentLog, gatherMs: 0 })
  const look = lookAt(ann)
  const scope = scopeOn(world.on.sourceUrl)
  trail.saw({ ...look, businessId: crypto.randomUUID() }, scope)
  trail.saw(look, scope)

  await trail.close()

  expect(await rows()).toHaveLength(1)
  expect(trail.stats).toMatchObject({ waiting: 0, lost: 0 })
})

test('while the source is away rows wait, denials too, and then they come', async () => {
  const { proxy, url } = await TcpProxy.before(world.on.sourceUrl)
  proxy.freeze()
  const trail = new AuditTrail({ log: silentLog, gatherMs: 0 })
  const scope = scopeOn(url)
  trail.saw(lookAt(ann), scope)

  await trail.denied({ ...lookAt(ann), outcome: 'not-permitted' }, scope)
  const away = trail.stats
  proxy.thaw()

  expect(away).toMatchObject({ waiting: 2, written: 0, lost: 0 })
  await until(() => trail.stats.waiting === 0, 'the rows are written')
  expect(await rows()).toHaveLength(2)
  proxy.close()
})

test('what has no more room is counted, and said', async () => {
  const { log, lines } = heard()
  const trail = new AuditTrail({ log, gatherMs: 60_000, capacity: 3 })
  const scope = scopeOn('postgres://127.0.0.1:1/away')
  for (let n = 0; n < 5; n++) trail.saw(lookAt(crypto.randomUUID()), scope)

  expect(trail.stats).toMatchObject({ waiting: 3, lost: 2 })
  expect(lines).toEqual(['error the access audit has no more room: rows are lost'])
})

test('a graceful stop writes all that waits', async () => {
  const trail = new AuditTrail({ log: silentLog, gatherMs: 60_000 })
  const scope = scopeOn(world.on.sourceUrl)
  for (let n = 0; n < 1_200; n++) trail.saw({ ...lookAt(ann), action: `look ${n}` }, scope)

  await trail.close()

  expect(await rows()).toHaveLength(1_200)
})

test('a writer that vanished with its request leaves its rows to the next one', async () => {
  // As on workerd: what one request began goes no further once it is over.
  const trail = new AuditTrail({ log: silentLog, gatherMs: 0, persistent: false })
  const scope = scopeOn('postgres://127.0.0.1:1/away')
  trail.saw(lookAt(ann), scope)

  await trail.denied({ ...lookAt(ann), outcome: 'not-permitted' }, scopeOn(world.on.sourceUrl))

  await until(() => trail.stats.waiting === 0, 'the rows are written')
  expect(await rows()).toHaveLength(2)
})

test('without a source looks are lines in the log', async () => {
  const { log, lines, fields } = heard()
  const api: TestApi = testApi(world.readSql, { log })
  const token = await world.token('cashier')
  for (let n = 0; n < 2; n++) await api.get(`/customers/${ann}/purchase-summary`, token)

  expect(lines).toEqual(['info looked'])
  expect(fields[0]).toMatchObject({
    employeeId: KIM,
    customerId: ann,
    action: 'getPurchaseSummary',
  })
})

test('who looks at very many is told of once an hour', () => {
  const { log, lines, fields } = heard()
  let time = 0
  const trail = new AuditTrail({ log, now: () => time, alertAbove: 10 })
  const look = (n: number, employeeId: string | null = KIM) =>
    trail.saw({ ...lookAt(`customer ${n}`), employeeId }, { sourceUrl: null, waitUntil() {} })

  for (let round = 0; round < 3; round++) for (let n = 0; n < 10; n++) look(n)
  const before = trail.stats.alerts
  for (let n = 10; n < 30; n++) look(n)
  const once = trail.stats.alerts
  look(30, 'somebody else')
  time += 3_600_000
  for (let n = 0; n < 11; n++) look(n)

  expect([before, once, trail.stats.alerts]).toEqual([0, 1, 2])
  const told = lines.indexOf('warn somebody looks at very many customers')
  expect(fields[told]).toEqual({
    business: BUSINESS,
    employee: KIM,
    role: 'cashier',
    customers: 10,
  })
})

function lookAt(customerId: string) {
  const role = 'cashier' as const
  const action = 'getPurchases'
  return {
    businessId: BUSINESS,
    employeeId: KIM,
    role,
    action,
    customerId,
    purchaseId: null,
    outcome: 'done',
  }
}

function scopeOn(sourceUrl: string) {
  return { sourceUrl, waitUntil: (work: Promise<unknown>) => void work.catch(() => {}) }
}

function heard() {
  const lines: string[] = []
  const fields: (LogFields | undefined)[] = []
  const hear = (level: string) => (message: string, more?: LogFields) => {
    lines.push(`${level} ${message}`)
    fields.push(more)
  }
  const log: Log = { info: hear('info'), warn: hear('warn'), error: hear('error') }
  return { log, lines, fields }
}
