import { beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { createDatabase } from '../support/postgres.ts'
import { pt } from '../support/pt.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

const SOURCE_MIGRATIONS = await tags('source')
const READ_MIGRATIONS = await tags('read')

let env: { SOURCE_DATABASE_URL: string; READ_DATABASE_URL: string }

beforeEach(async () => {
  env = { SOURCE_DATABASE_URL: await createDatabase(), READ_DATABASE_URL: await createDatabase() }
})

test('applies everything once, and nothing the second time', async () => {
  const first = await pt(['migrate', '--json'], env)
  const second = await pt(['migrate', '--json'], env)

  const current = {
    source: { current: SOURCE_MIGRATIONS.at(-1) },
    read: { current: READ_MIGRATIONS.at(-1) },
  }
  expect(first.stderr).toBe('')
  expect(JSON.parse(first.stdout)).toEqual({
    source: { ...current.source, applied: SOURCE_MIGRATIONS },
    read: { ...current.read, applied: READ_MIGRATIONS },
  })
  expect(JSON.parse(second.stdout)).toEqual({
    source: { ...current.source, applied: [] },
    read: { ...current.read, applied: [] },
  })
  expect(await count(env.READ_DATABASE_URL, 'purchase_timeline')).toBe(0)
})

test('lets one of two at once wait for the other', async () => {
  const both = await Promise.all([pt(['migrate', '--json'], env), pt(['migrate', '--json'], env)])

  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ])
  const applied = both.flatMap(({ stdout }) => JSON.parse(stdout).source.applied)
  expect(applied).toEqual(SOURCE_MIGRATIONS)
})

test('migrates one side alone', async () => {
  const { stdout } = await pt(['migrate', '--json', '--read-only'], env)

  expect(Object.keys(JSON.parse(stdout))).toEqual(['read'])
  await expect(count(env.SOURCE_DATABASE_URL, 'sale')).rejects.toThrow('does not exist')
})

test('refuses a database of a newer version, and leaves it as it is', async () => {
  await pt(['migrate'], env)
  const sql = postgres(env.SOURCE_DATABASE_URL, { max: 1 })
  await sql`
    insert into drizzle.__drizzle_migrations (hash, created_at)
    values ('of tomorrow', ${Date.parse('2099-01-01T00:00:00Z')})`

  const { code, stdout, stderr } = await pt(['migrate'], env)

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  const { host, pathname } = new URL(env.SOURCE_DATABASE_URL)
  expect(stderr).toBe(
    `${host}${pathname} was migrated by a newer version (a migration of 2099-01-01T00:00:00.000Z, and this code ends at ${SOURCE_MIGRATIONS.at(-1)}); update the code\n`,
  )
  const rows = await sql`select 1 from drizzle.__drizzle_migrations`
  expect(rows).toHaveLength(SOURCE_MIGRATIONS.length + 1)
  await sql.end()
})

async function tags(model: string): Promise<string[]> {
  const journal = new URL(`../../migrations/${model}/meta/_journal.json`, import.meta.url)
  const { entries } = (await Bun.file(journal).json()) as { entries: { tag: string }[] }
  return entries.map(({ tag }) => tag)
}

async function count(url: string, table: string): Promise<number> {
  const sql = postgres(url, { max: 1 })
  try {
    const [row] = await sql`select count(*)::int as rows from ${sql(table)}`
    return row?.rows
  } finally {
    await sql.end()
  }
}
