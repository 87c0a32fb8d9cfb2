/** A database that can't answer (25 of the list): a 503 that says when to come again, and never half a page. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { bodyOf, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const businessId = makeId('biz')
let model: ReadModel
let token: string
let path: string

beforeAll(async () => {
  model = await ReadModel.create()
  const customerId = await model.customer(businessId)
  const locationId = await model.location(businessId)
  await model.purchases([{ businessId, customerId, locationId }])
  token = await tokenFor({ business: businessId })
  path = `/customers/${customerId}/purchases`
}, BOOT_MS)
afterAll(() => model.drop())

/** A client as the API's, whose statements the server ends after so long. */
function client(timeoutMs: number): ReadSql {
  return postgres(model.url, {
    ...READ_CLIENT_OPTIONS,
    max: 1,
    onnotice() {},
    backoff: () => 0.01,
    connection: { statement_timeout: timeoutMs },
  }) as ReadSql
}

async function expectUnavailable(response: Response) {
  expect((await bodyOf(response, 503)).type).toEndWith(':store-unavailable')
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
}

/** Does the work while somebody holds the read model's table. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const owner = model.owner
  const holder = await owner.reserve()
  try {
    await holder`begin`
    await holder`lock table purchase_timeline in access exclusive mode`
    return await work()
  } finally {
    await holder`rollback`
    holder.release()
  }
}

test('attack 25: a statement that takes too long is a 503', async () => {
  const sql = client(200)

  const response = await whileLocked(() => testApi(sql).get(path, token))

  await expectUnavailable(response)
  await sql.end({ timeout: 1 })
})

test('attack 25: a connection that is killed in the middle is a 503, and the client finds back by itself', async () => {
  const sql = client(20_000)
  const api = testApi(sql)
  const [{ pid } = { pid: 0 }] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`

  const response = await whileLocked(async () => {
    const asked = api.get(path, token)
    await waitUntilBlocked(pid)
    await model.owner`select pg_terminate_backend(${pid})`
    return asked
  })

  await expectUnavailable(response)
  while ((await api.get(path, token)).status !== 200) await Bun.sleep(10)
  await sql.end({ timeout: 1 })
})

test('attack 25: a server that takes no more connections is a 503, also for readiness', async () => {
  const database = new URL(model.url).pathname.slice(1)
  const limit = (connections: number) =>
    model.owner.unsafe(`alter database "${database}" connection limit ${connections}`)
  await limit(0)
  const sql = client(20_000)

  const api = testApi(sql)
  const [answer, ready] = [await api.get(path, token), await api.get('/readyz')]

  await expectUnavailable(answer)
  expect((await bodyOf(ready, 503)).checks.store).toBe('unreachable')
  await limit(-1)
  expect((await api.get(path, token)).status).toBe(200)
  await sql.end({ timeout: 1 })
})

async function waitUntilBlocked(pid: number): Promise<void> {
  for (;;) {
    const [row] = await model.owner<{ type: string | null }[]>`
      select wait_event_type as type from pg_stat_activity where pid = ${pid}`
    if (row?.type === 'Lock') return
  }
}
