import { expect, test } from 'bun:test'
import postgres from 'postgres'
import { createDatabase, createTestDatabases } from './postgres.ts'

/** A directory of another server's programs names its version. */
const wanted = Number(/\d+/.exec(process.env.PT_TEST_POSTGRES ?? '18')?.[0])

test('gives every caller migrated databases of its own that can stream logical changes', async () => {
  const one = await createTestDatabases()
  const other = await createTestDatabases()
  const sql = postgres(one.sourceUrl, { max: 1 })

  await sql`insert into business (name, default_currency, timezone) values ('A', 'EUR', 'UTC')`
  await sql`select pg_create_logical_replication_slot('one', 'pgoutput')`
  const [version] = await sql`show server_version_num`
  await sql.end()

  expect(Math.floor(Number(version?.server_version_num) / 10_000)).toBe(wanted)
  const elsewhere = postgres(other.sourceUrl, { max: 1 })
  expect(await elsewhere`select name from business`).toHaveLength(0)
  await elsewhere.end()
  await one.drop()
  await other.drop()
  const server = postgres(await createDatabase(), { max: 1 })
  expect(await server`select slot_name from pg_replication_slots`).toHaveLength(0)
  await server.end()
})
