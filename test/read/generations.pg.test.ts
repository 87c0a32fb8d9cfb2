/** A read store from before generations is migrated with all that it holds, and goes on where it was. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { migrateDatabase } from '../../cli/migrate/migrate-database.ts'
import { readChecksums } from '../../projector/record/checksums.ts'
import { connect, Projection } from '../projector/support/projection.ts'
import { openShop, put, ringUp, ringUpMany, serve } from '../projector/support/till.ts'
import { createDatabase } from '../support/postgres.ts'

const MIGRATIONS = new URL('../../migrations/read', import.meta.url).pathname
/** The last migration before generations. */
const BEFORE = 1

let now: Projection
/** The same source, and a read store as it was. */
let old: Projection

beforeEach(async () => {
  now = await Projection.open()
  await openShop(now.source)
  old = now.into(await createDatabase())
  await migrateBefore(old.readUrl)
})
afterEach(async () => {
  await old.close()
  await now.close()
})

/** Brings a database to what it was before generations. */
async function migrateBefore(url: string) {
  const folder = await mkdtemp(join(tmpdir(), 'pt-migrations-'))
  const journal = JSON.parse(await readFile(`${MIGRATIONS}/meta/_journal.json`, 'utf8'))
  journal.entries.length = BEFORE + 1
  await mkdir(`${folder}/meta`)
  await writeFile(`${folder}/meta/_journal.json`, JSON.stringify(journal))
  for (const { tag } of journal.entries)
    await writeFile(`${folder}/${tag}.sql`, await readFile(`${MIGRATIONS}/${tag}.sql`))
  const sql = connect(url, 1)
  await migrate(drizzle(sql), { migrationsFolder: folder })
  await sql.end()
  await rm(folder, { recursive: true })
}

const TABLES = {
  purchase_timeline: '*',
  customer_metrics: '*',
  customer_card: '*',
  location_card: '*',
  employee_card: '*',
  dead_letter: 'source_id, commit_lsn, ordinal, reason, change, created_at',
  projection_checkpoint: `source_id, system_identifier, slot_name, consistent_point, projection_version,
    phase, copy_table, copy_key, copied_rows, barrier_lsn, applied_lsn, committed_at`,
}

/** What the first copy of this code has made of the source, as the code of then would have left it. */
async function moveBack() {
  const [checkpoint] = await now.generations()
  for (const [table, columns] of Object.entries(TABLES)) {
    const known = await old.read<{ columns: string }[]>`
      select string_agg(quote_ident(column_name), ', ') as columns
      from information_schema.columns where table_schema = 'public' and table_name = ${table}`
    const named = columns === '*' ? known[0]!.columns : columns
    const schema = table.match(/^(dead|proj)/) ? 'public' : `generation_${checkpoint!.generation}`
    const rows = await now.read.unsafe<{ row: string }[]>(
      `select to_json(t)::text as row from (select ${named} from ${schema}.${table}) t`,
    )
    await old.read.unsafe(
      `insert into ${table} (${named})
       select ${named} from json_populate_recordset(null::${table}, $1::text::json)`,
      [`[${rows.map(({ row }) => row).join(',')}]`],
    )
  }
}

/**
 * Migrates what was moved back. A column that came since is empty then, until a rebuild fills it, which a later
 * version of the projection asks for; these are of one version, and get its values at once.
 */
async function migrateMoved() {
  await migrateDatabase(old.readUrl, 'read')
  const [[from], [to]] = await Promise.all([now.generations(), old.generations()])
  const rows = await now.read.unsafe<{ row: string }[]>(
    `select to_json(t)::text as row
     from (select purchase_id, top_product, top_variant from generation_${from!.generation}.purchase_timeline) t`,
  )
  // What does not serve is no part of the table, and would be dropped for its version.
  if (!to!.serving)
    await old.read.unsafe(`alter table generation_${to!.generation}.purchase_timeline
      add column top_product text, add column top_variant text`)
  await old.read.unsafe(
    `update generation_${to!.generation}.purchase_timeline t
     set top_product = r.top_product, top_variant = r.top_variant
     from json_populate_recordset(null::public.purchase_timeline, $1::text::json) r
     where r.purchase_id = t.purchase_id`,
    [`[${rows.map(({ row }) => row).join(',')}]`],
  )
}

const slots = async () =>
  (
    await old.source<{ slot_name: string }[]>`
      select slot_name from pg_replication_slots where database = current_database()`
  ).map(({ slot_name }) => slot_name)

async function fillSource() {
  const customer_id = await put(old.source, 'customer', { name: 'Ann', phone: '0170 1234567' })
  await ringUp(old.source, { customer_id }, 2)
  await serve(old.source, { customer_id })
  await ringUp(old.source, { completed_at: 'infinity', customer_id })
  await ringUpMany(old.source, 8_500, 1, customer_id)
  return customer_id
}

describe('a read store from before generations', () => {
  test('that is live serves its rows, and its projector goes on without a new copy', async () => {
    await fillSource()
    await now.live().then((projector) => projector.stop())
    await moveBack()
    const before = await readChecksums(now.readUrl)

    await migrateMoved()

    expect(await readChecksums(old.readUrl)).toEqual(before)
    const [state] = await old.read`select phase, sources from read_model`
    expect(state).toMatchObject({ phase: 'live', sources: null })
    const told: string[] = []
    await old.live({ log: { info: (message) => void told.push(message), warn() {}, error() {} } })
    await ringUp(old.source)
    await old.expectEqual()
    expect(told).toEqual(['streaming'])
    expect(await slots()).toEqual([old.slotName])
    expect(await old.deadLetters()).toHaveLength(1)
    await old.expectNothingLeft()

    expect((await old.rebuild()).switched).toBe(true)
    await ringUp(old.source)
    await old.expectEqual()
    await old.expectNothingLeft()
  })

  for (const page of [1, 3, 5, 6])
    test(`that is in its first copy, after page ${page}, goes on with it`, async () => {
      await fillSource()
      let pages = 0
      const projector = now.start({
        onPoint(point) {
          if (point === 'page-copied' && ++pages === page) projector.stop()
        },
      })
      await projector.finished
      expect(await now.generations()).toMatchObject([{ phase: 'copying', serving: false }])
      await moveBack()

      await migrateMoved()

      const told: string[] = []
      await old.live({ log: { info: (message) => void told.push(message), warn() {}, error() {} } })
      expect(told).not.toContain('slot made, copying the source')
      await old.expectEqual()
      expect(await slots()).toEqual([old.slotName])
      await old.expectNothingLeft()
    })

  test('that is empty begins with its first copy', async () => {
    await fillSource()

    await migrateDatabase(old.readUrl, 'read')

    await old.live()
    await old.expectEqual()
    await old.expectNothingLeft()
  })
})
