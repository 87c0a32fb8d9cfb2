/** A read store whose owner is no superuser: row security is forced on it, and it can do all of its work. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { migrateDatabase } from '../../cli/migrate/migrate-database.ts'
import { unboundRole } from '../../projector/doctor/api-role.ts'
import { examine } from '../../projector/doctor/doctor.ts'
import { rebuild } from '../../projector/rebuild.ts'
import { reset } from '../../projector/reset.ts'
import { verify } from '../../projector/verify/verify.ts'
import { silentLog } from '../../src/log.ts'
import { connect, Projection } from '../projector/support/projection.ts'
import { Readers } from '../projector/support/readers.ts'
import { openShop, put, ringUp } from '../projector/support/till.ts'
import { asApi, createDatabase, testCluster } from '../support/postgres.ts'

const OWNER = `pt_owner_${process.pid}`
let on: Projection
let owned: Projection
let admin: Sql

beforeAll(async () => {
  on = await Projection.open()
  admin = connect((await testCluster()).url('postgres'), 1)
  await admin.unsafe(`create role ${OWNER} login password 'little'`)
  owned = on.into(await ownedDatabase())
})
afterAll(async () => {
  await owned.close()
  await on.close()
  await admin.end({ timeout: 1 })
})

/** The URL, as its owner, of an empty database. */
async function ownedDatabase(): Promise<string> {
  const url = new URL(await createDatabase())
  await admin.unsafe(`alter database ${url.pathname.slice(1)} owner to ${OWNER}`)
  url.username = OWNER
  url.password = 'little'
  return url.toString()
}

test('migrates it, fills it, proves it, builds it anew, and forgets it', async () => {
  const { sourceUrl, readUrl } = owned
  await migrateDatabase(readUrl, 'read')
  await openShop(owned.source)
  const anna = await put(owned.source, 'customer', { name: 'Ann' })
  await ringUp(owned.source, { customer_id: anna, receipt_number: 'R-1' }, 2)
  const projector = await owned.live()
  await ringUp(owned.source, { customer_id: anna })
  await owned.caughtUp()
  const readers = await Readers.open(readUrl)

  const { equal } = await verify({ sourceUrl, readUrl })
  const { data } = await readers.get(`/customers/${anna}/purchases`)
  const found = () => readers.get('/purchases?receiptNumber=r-1')
  const [receipt] = (await found()).data
  const findings = await examine({ sourceUrl, readUrl, pendingMigrations: [] })
  await projector.stop()
  const { switched } = await rebuild({
    sourceUrl,
    readUrl,
    slotName: owned.slotName,
    log: silentLog,
  })
  const rebuilt = await readers.get(`/customers/${anna}/purchases`)
  const refound = await found()
  const indexed = await owned.read`
    select indrelid::regclass::text as name from pg_inherits join pg_index on indexrelid = inhrelid
    where inhparent = 'purchase_timeline_receipt_idx'::regclass and indisvalid`
  await readers.close()
  await reset({ sourceUrl, readUrl })

  expect([equal, switched]).toEqual([true, true])
  expect([data.length, rebuilt.data.length]).toEqual([2, 2])
  expect(receipt.customer.id).toBe(anna)
  expect(refound.data).toEqual([receipt])
  expect([...indexed]).toEqual([{ name: 'generation_2.purchase_timeline' }])
  expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  expect(findings.find(({ check }) => check === 'row security')?.detail).toBe('binds pt_api')
})

test('says what to do where the role of the API is not there, and it may not make it', async () => {
  const url = await ownedDatabase()
  await admin`alter role purchase_timeline_api rename to purchase_timeline_elsewhere`
  const failure = await migrateDatabase(url, 'read').catch((error: Error) => error.message)
  await admin`alter role purchase_timeline_elsewhere rename to purchase_timeline_api`

  expect(failure).toBe(
    `the role purchase_timeline_api is not there, and ${OWNER} may not make it: a superuser must CREATE ROLE purchase_timeline_api NOLOGIN`,
  )
  expect((await migrateDatabase(url, 'read')).applied).toContain('0003_row_security')
})

test('doctor warns of a role that row security does not bind', async () => {
  const { sourceUrl, readUrl } = owned
  const findingsWith = async (grant: string) => {
    await admin.unsafe(grant)
    const findings = await examine({ sourceUrl, readUrl, pendingMigrations: [] })
    return findings.filter(({ check }) => check === 'row security').map(({ detail }) => detail)
  }

  expect(await findingsWith(`grant purchase_timeline_api to ${OWNER}`)).toEqual([
    `${OWNER} owns the tables`,
  ])
  expect(
    await findingsWith(
      `revoke purchase_timeline_api from ${OWNER}; create role pt_free_${process.pid} login bypassrls in role purchase_timeline_api`,
    ),
  ).toEqual([`pt_free_${process.pid} has BYPASSRLS`])
  expect(await findingsWith(`drop role pt_free_${process.pid}`)).toEqual(['binds pt_api'])
})

test('an API that starts knows whether row security binds its role', async () => {
  const whyOf = async (url: string) => {
    const sql = connect(url, 1)
    return unboundRole(sql).finally(() => sql.end({ timeout: 1 }))
  }

  expect(await whyOf(asApi(owned.readUrl))).toBeNull()
  expect(await whyOf(owned.readUrl)).toBe(`${OWNER} owns the tables`)
  expect(await whyOf(on.readUrl)).toBe('postgres is a superuser')
})
