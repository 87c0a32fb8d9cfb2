/** `pt doctor` as a process: what it prints, and its exit code. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { createDatabase, createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { pt } from '../support/pt.ts'

setDefaultTimeout(180_000)
let databases: TestDatabases
let env: Record<string, string>

beforeAll(async () => {
  databases = await createTestDatabases()
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
})
afterAll(() => databases.drop())

test('of a source and a read store that are as they should be, it says so and exits 0', async () => {
  const { code, stdout, stderr } = await pt(['doctor', '--json'], env)

  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { healthy, checks } = JSON.parse(stdout)
  expect(healthy).toBe(true)
  expect(new Set(checks.map(({ check }: { check: string }) => check)).size).toBeGreaterThan(15)
  for (const check of checks) {
    expect(Object.keys(check)).toEqual(['check', 'verdict', 'detail', 'remedy'])
    expect(check.verdict).not.toBe('fail')
  }
})

test('what must be changed is a line with its remedy below, and exit code 1', async () => {
  const empty = await createDatabase()

  const { code, stdout } = await pt(['doctor'], { ...env, READ_DATABASE_URL: empty })

  expect(code).toBe(1)
  expect(stdout).toMatch(
    /^fail {2}read schema +it lacks 0000_read_model, .*\n +→ pt migrate --read-only$/m,
  )
  expect(stdout).toMatch(/^ok {4}wal_level +logical$/m)
})

test('a source without the tables, in a schema that is not there, or not to be reached', async () => {
  const empty = await createDatabase()
  const source = async (args: string[], url = databases.sourceUrl) => {
    const { code, stdout } = await pt(['doctor', ...args], { ...env, SOURCE_DATABASE_URL: url })
    expect(code).toBe(1)
    return stdout
  }

  expect(await source([], empty)).toContain('schema public has none of the projected tables')
  expect(await source(['--schema', 'shop'])).toContain('the source has no schema "shop"')
  const nowhere = await source([], 'postgres://pt:secret@127.0.0.1:1/pos')
  expect(nowhere).toContain("Can't reach the database 127.0.0.1:1/pos")
  expect(nowhere).not.toContain('secret')
})

test('the script of a role is SQL that runs, for the role, schema and publication that are named', async () => {
  const sql = postgres(databases.sourceUrl, { max: 1, onnotice() {} })
  await sql`create schema shop`
  const role = `pt_reader_${process.pid}`
  const args = ['doctor', '--role-script', '--role', role, '--publication', 'shop']

  const { code, stdout } = await pt(args, env)
  await sql.unsafe(stdout)

  expect(code).toBe(0)
  const [made] = await sql`
    select rolcanlogin, rolreplication, rolsuper, rolcreatedb from pg_roles where rolname = ${role}`
  expect(made).toEqual({
    rolcanlogin: true,
    rolreplication: true,
    rolsuper: false,
    rolcreatedb: false,
  })
  const [published] = await sql<{ tables: number }[]>`
    select count(*)::int as tables from pg_publication_tables where pubname = 'shop'`
  expect(published!.tables).toBe(9)
  await sql.unsafe(`drop owned by ${role}; drop role ${role}`)
  await sql.end()
  expect((await pt(['doctor', '--role', role], env)).code).toBe(2)
})
