/** `pt projector` as a process: killed at any moment, asked for proof, and told of what it can't use. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { seedDemo } from '../../cli/demo/index.ts'
import { RECORDING } from '../replay/support.ts'
import { createDatabase, createTestDatabases, type TestDatabases } from '../support/postgres.ts'
import { pt, startPt, until } from '../support/pt.ts'

const SLOW_MS = 180_000
let databases: TestDatabases
let read: Sql
let env: Record<string, string>
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pt-projector-'))
  databases = await createTestDatabases()
  read = postgres(databases.readUrl, { max: 1, onnotice() {} })
  env = { SOURCE_DATABASE_URL: databases.sourceUrl, READ_DATABASE_URL: databases.readUrl }
}, SLOW_MS)
afterAll(async () => {
  await read.end({ timeout: 1 })
  await databases.drop()
  await rm(directory, { recursive: true, force: true })
}, SLOW_MS)

interface Report {
  equal: boolean
  tables: { table: string; rows: number }[]
  differences: { table: string; key: string; column: string | null }[]
}

async function verify(): Promise<{ code: number; report: Report }> {
  const { code, stdout } = await pt(['projector', 'verify', '--json'], env)
  return { code, report: JSON.parse(stdout) }
}

describe('pt projector', () => {
  test(
    'killed with -9 at ten moments of a load, it ends equal to the source',
    async () => {
      const load = seedDemo({ sourceUrl: databases.sourceUrl, perCommit: 3 })
      for (let kill = 0; kill < 10; kill++) {
        const projector = startPt(['projector', 'run'], env)
        // From before the first copy to the middle of the stream.
        while (!projector.output.stderr.includes(kill < 2 ? 'slot made' : 'streaming')) {
          if (kill < 2 && projector.output.stderr.includes('streaming')) break
          await Bun.sleep(5)
        }
        await Bun.sleep(Math.random() * 300)
        projector.signal('SIGKILL')
        await projector.finished
      }
      const last = startPt(['projector', 'run'], env)
      await load
      // Where nobody streams, it is soon said that nothing will come.
      await until(() => last.output.stderr.includes('streaming') || undefined, 'it streams')

      const { code, report } = await verify()
      expect(report.differences).toEqual([])
      expect(code).toBe(0)
      expect(
        report.tables.find(({ table }) => table === 'purchase_timeline')!.rows,
      ).toBeGreaterThan(6_000)
      last.signal('SIGTERM')
      expect((await last.finished).code).toBe(0)
    },
    SLOW_MS,
  )

  const tampered = [
    { table: 'purchase_timeline', key: 'purchase_id', column: 'total', change: 'total + 1' },
    { table: 'customer_metrics', key: 'customer_id', column: 'net', change: 'net + 1' },
    { table: 'customer_card', key: 'customer_id', column: 'status', change: "'blocked '" },
    { table: 'location_card', key: 'location_id', column: 'region', change: "region || '!'" },
    { table: 'employee_card', key: 'employee_id', column: 'display_name', change: "'X'" },
  ]
  for (const { table, key, column, change } of tampered)
    test(
      `verify names the one row of ${table} that was tampered with, and exits 1`,
      async () => {
        const [row] = await read.unsafe(
          `select ctid::text as at, ${key}::text as key, ${column}::text as was from ${table} limit 1`,
        )
        const [now] = await read.unsafe(
          `update ${table} set ${column} = ${change} where ctid = '${row!.at}' returning ctid::text as at`,
        )
        const { code, report } = await verify()
        await read.unsafe(`update ${table} set ${column} = '${row!.was}' where ctid = '${now!.at}'`)

        expect(code).toBe(1)
        const named = report.differences.map((of) => [of.table, of.key.split('/')[0], of.column])
        expect(named).toEqual([[table, row!.key, column]])
      },
      SLOW_MS,
    )

  test(
    'replays a recording into an empty database, and leaves nothing of one that breaks off',
    async () => {
      const { readUrl, drop } = await createTestDatabases()
      const broken = join(directory, 'broken.ndjson')
      const text = await Bun.file(RECORDING).text()
      await writeFile(broken, text.slice(0, Math.floor(text.length / 2)))
      const failed = await pt(['projector', 'replay', broken], { READ_DATABASE_URL: readUrl })
      expect(failed.code).toBe(1)
      expect(failed.stderr).toContain('the recording breaks off in line')

      const replayed = await pt(['projector', 'replay', RECORDING, '--json'], {
        READ_DATABASE_URL: readUrl,
      })

      expect(replayed.code).toBe(0)
      const { transactions, tables } = JSON.parse(replayed.stdout)
      expect(transactions).toBe(text.trimEnd().split('\n').length - 2)
      expect(tables[0]).toMatchObject({ table: 'purchase_timeline' })
      await drop()
    },
    SLOW_MS,
  )

  test(
    'says what to do with a database that is not migrated',
    async () => {
      const url = await createDatabase()
      const run = await pt(['projector', 'run'], {
        SOURCE_DATABASE_URL: url,
        READ_DATABASE_URL: url,
      })

      expect(run.code).toBe(1)
      expect(run.stderr.trimEnd().split('\n').at(-1)).toContain('run `pt migrate` first')
    },
    SLOW_MS,
  )
})
