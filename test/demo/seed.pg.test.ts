/** The writer on a real Postgres: what is meant is what is there, also after kills and aborts. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { demoTransactions } from '../../cli/demo/generate.ts'
import { DEMO_BUSINESS_NAMES, seedDemo } from '../../cli/demo/index.ts'
import { Random } from '../../cli/demo/random.ts'
import { createDatabase, createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { type Dump, dumpSource, dumpTables } from './support/dump.ts'
import { tablesOf } from './support/tables.ts'

const expected: Record<'tiny' | 'normal', Dump> = {
  tiny: dumpTables(tablesOf(demoTransactions({ size: 'tiny' }))),
  normal: dumpTables(tablesOf(demoTransactions())),
}
const seedProcess = new URL('./support/seed-process.ts', import.meta.url).pathname

/** A source of its own for one test. */
async function withSource(run: (sourceUrl: string, sql: Sql) => Promise<void>): Promise<void> {
  const databases = await createTestDatabases()
  const sql = postgres(databases.sourceUrl, { max: 1, onnotice: () => {} })
  try {
    await run(databases.sourceUrl, sql)
  } finally {
    await sql.end()
    await databases.drop()
  }
}

describe('the normal demo', () => {
  let databases: TestDatabases
  let sql: Sql

  beforeAll(async () => {
    databases = await createTestDatabases()
    sql = postgres(databases.sourceUrl, { max: 1, onnotice: () => {} })
    const summary = await seedDemo({ sourceUrl: databases.sourceUrl })
    expect(summary.outcome).toBe('written')
    expect(summary.message).toMatchInlineSnapshot(
      `"Demo data made: 301 customers, 3612 sales and 2477 orders in 2 chains"`,
    )
    expect(summary.businesses.map(({ name }) => name)).toEqual([...DEMO_BUSINESS_NAMES])
  })
  afterAll(async () => {
    await sql.end()
    await databases.drop()
  })

  test('is in Postgres as the generator meant it, to the microsecond and the minor unit', async () => {
    expect(await dumpSource(sql)).toEqual(expected.normal)
  })

  test('adds up by the arithmetic of Postgres', async () => {
    const wrong = await sql`
      with line as (
        select sale_id as purchase, qty, unit_price, discount_total, tax_total, total
        from sale_line
        union all
        select order_id, qty, unit_price, discount_total, tax_total, total
        from order_item where voided_at is null and comped_at is null
      ), summed as (
        select purchase, sum(round(qty * unit_price)) as subtotal, sum(total) as total,
          bool_and(total = round(qty * unit_price) - discount_total + tax_total) as each
        from line group by purchase
      )
      select id from (
        select id, subtotal, discount_total, tax_total, total from sale
        union all
        select id, subtotal, discount_total, tax_total, total from "order"
      ) purchase left join summed on summed.purchase = purchase.id
      -- Of an order all of whose items were struck nothing is left to sum.
      where summed.each is false or coalesce(summed.total, 0) <> purchase.total
        or coalesce(summed.subtotal, 0) <> purchase.subtotal
        or purchase.total <> purchase.subtotal - discount_total + tax_total`
    expect([...wrong]).toEqual([])
  })

  test('is left alone by a second call, which says so', async () => {
    const rows = () => sql`select id::text, xmin::text from sale order by id`
    const before = await rows()

    const again = await seedDemo({ sourceUrl: databases.sourceUrl })

    expect(again).toMatchObject({ outcome: 'present', transactions: 0 })
    expect(again.message).toMatchInlineSnapshot(
      `"The demo data is there already; nothing was written"`,
    )
    expect(await rows()).toEqual(before)
    expect(await dumpSource(sql)).toEqual(expected.normal)
  })

  test('is not mixed with the demo of another seed', async () => {
    const other = await seedDemo({ sourceUrl: databases.sourceUrl, seed: 2 })

    expect(other).toMatchObject({ outcome: 'other', transactions: 0, example: null })
    expect(other.message).toMatchInlineSnapshot(
      `"Another demo is in the source; nothing was written"`,
    )
    expect(await dumpSource(sql)).toEqual(expected.normal)
  })
})

describe('grouping', () => {
  test('one transaction at a time, or a hundred, makes the same rows', async () => {
    for (const perCommit of [1, 100]) {
      await withSource(async (sourceUrl, sql) => {
        await seedDemo({ sourceUrl, size: 'tiny', perCommit })
        expect(await dumpSource(sql)).toEqual(expected.tiny)
      })
    }
  })

  test('the tiny demo is one source transaction for each of its own', async () => {
    await withSource(async (sourceUrl, sql) => {
      const { transactions } = await seedDemo({ sourceUrl, size: 'tiny' })
      const [row] = await sql`
        select count(distinct xmin::text)::int as commits from (
          select xmin from sale union all select xmin from "order"
        ) purchase`

      expect(transactions).toBe([...demoTransactions({ size: 'tiny' })].length)
      // Every sale and order was last written by a commit of its own, but for those that a merge moved.
      expect(row!.commits).toBeGreaterThan(18)
    })
  })
})

describe('a call that is cut short', () => {
  test('is finished by the next one, wherever it was aborted', async () => {
    await withSource(async (sourceUrl, sql) => {
      let aborted = 0
      for (let outcome = ''; outcome !== 'present'; ) {
        const controller = new AbortController()
        // After one commit, two, …: edits that insert nothing are written again, and must be passed.
        let left = 1 + (aborted % 5)
        try {
          const summary = await seedDemo({
            sourceUrl,
            size: 'tiny',
            signal: controller.signal,
            onProgress: () => --left === 0 && controller.abort(),
          })
          outcome = summary.outcome
        } catch (error) {
          expect((error as Error).name).toBe('AbortError')
          aborted++
        }
        if (aborted > 500) throw new Error('it gets nowhere')
      }

      expect(aborted).toBeGreaterThan(15)
      expect(await dumpSource(sql)).toEqual(expected.tiny)
    })
  })

  test('is finished with commits of another size, after aborts at random', async () => {
    const random = new Random(String(process.env.DEMO_TEST_SEED ?? 1))
    await withSource(async (sourceUrl, sql) => {
      const outcomes: string[] = []
      for (let round = 0; round < 12 && outcomes.length === 0; round++) {
        const controller = new AbortController()
        let left = random.int(1, 40)
        const options = { sourceUrl, perCommit: random.pick([7, 50, 400]) }
        const onProgress = () => --left === 0 && controller.abort()
        await seedDemo({ ...options, signal: controller.signal, onProgress }).then(
          ({ outcome }) => outcomes.push(outcome),
          (error) => expect(error.name).toBe('AbortError'),
        )
      }
      if (outcomes.length === 0) outcomes.push((await seedDemo({ sourceUrl })).outcome)

      expect(outcomes).toEqual(['resumed'])
      expect(await dumpSource(sql)).toEqual(expected.normal)
    })
  })

  test('is finished after kill -9 of its process', async () => {
    const random = new Random(String(process.env.DEMO_TEST_SEED ?? 1))
    await withSource(async (sourceUrl, sql) => {
      for (let kill = 0; kill < 3; kill++) await killAfter(sourceUrl, random.int(1, 40))

      const summary = await seedDemo({ sourceUrl })

      expect(summary.outcome).toBe('resumed')
      expect(await dumpSource(sql)).toEqual(expected.normal)
    })
  })

  test('is finished when the connection breaks, and the break is not hidden', async () => {
    await withSource(async (sourceUrl, sql) => {
      let left = 40
      const broken = seedDemo({
        sourceUrl,
        onProgress: () => {
          if (--left === 0) {
            sql`select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'pt demo' and datname = current_database()`.execute()
          }
        },
      })
      await expect(broken).rejects.toThrow()

      await seedDemo({ sourceUrl })

      expect(await dumpSource(sql)).toEqual(expected.normal)
    })
  })

  test('writes nothing when it is aborted before it begins', async () => {
    await withSource(async (sourceUrl, sql) => {
      await expect(seedDemo({ sourceUrl, signal: AbortSignal.abort() })).rejects.toThrow()
      const [row] = await sql`select count(*)::int as n from business`
      expect(row!.n).toBe(0)
    })
  })
})

describe('beside others', () => {
  test('two calls at once write it once', async () => {
    await withSource(async (sourceUrl, sql) => {
      const both = await Promise.all([
        seedDemo({ sourceUrl, size: 'tiny' }),
        seedDemo({ sourceUrl, size: 'tiny' }),
      ])

      expect(both.map(({ outcome }) => outcome).sort()).toEqual(['present', 'written'])
      expect(await dumpSource(sql)).toEqual(expected.tiny)
    })
  })

  test('onlyIfEmpty leaves a source with data of its own alone, and resumes a demo all the same', async () => {
    await withSource(async (sourceUrl, sql) => {
      const options = { sourceUrl, size: 'tiny', onlyIfEmpty: true } as const
      const controller = new AbortController()
      const started = seedDemo({
        ...options,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      })
      await expect(started).rejects.toThrow()
      await sql`insert into business (name, default_currency, timezone)
        values ('Online Retail', 'GBP', 'Europe/London')`
      expect((await seedDemo(options)).outcome).toBe('resumed')
    })
    await withSource(async (sourceUrl, sql) => {
      await sql`insert into business (name, default_currency, timezone)
        values ('Online Retail', 'GBP', 'Europe/London')`

      const summary = await seedDemo({ sourceUrl, size: 'tiny', onlyIfEmpty: true })

      expect(summary).toMatchObject({ outcome: 'other', businesses: [], transactions: 0 })
      expect(summary.message).toMatchInlineSnapshot(
        `"The source is not empty; no demo data was written"`,
      )
      expect((await seedDemo({ sourceUrl, size: 'tiny' })).outcome).toBe('written')
    })
  })

  test('says what to do about a source without tables, or none at all', async () => {
    const empty = await createDatabase()
    const nowhere = 'postgres://postgres@127.0.0.1:1/postgres'

    expect(await reasonOf(seedDemo({ sourceUrl: empty }))).toMatchInlineSnapshot(
      `"CliError: The source has no tables yet: run \`pt migrate\` first"`,
    )
    expect(await reasonOf(seedDemo({ sourceUrl: nowhere }))).toMatchInlineSnapshot(
      `"CliError: Can't reach the database 127.0.0.1:1/postgres: ECONNREFUSED"`,
    )
  })
})

/** Starts the demo in a process and kills that, without a warning, after some of its commits. */
async function killAfter(sourceUrl: string, commits: number): Promise<void> {
  const child = Bun.spawn([process.execPath, seedProcess, sourceUrl], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let seen = 0
  for await (const chunk of child.stdout) {
    seen += chunk.filter((byte) => byte === 10).length
    if (seen >= commits) child.kill('SIGKILL')
  }
  await child.exited
  expect(child.signalCode).toBe('SIGKILL')
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no reason',
    (error: Error) => `${error.name}: ${error.message}`,
  )
}
