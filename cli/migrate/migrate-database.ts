/** Brings a database to the schema of this code, with the SQL of `migrations/`. */
import { readFile } from 'node:fs/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { CliError } from '../command.ts'
import { describeDatabase, unreachable } from '../database-errors.ts'

/** Which of the two models a database holds. */
export type Model = 'source' | 'read'

export interface MigrationReport {
  /** Names of the migrations that this run applied, in order. */
  applied: string[]
  /** The newest migration that the database now has. */
  current: string
}

interface Journal {
  entries: { tag: string; when: number }[]
}

/** Any number will do, as long as nobody else takes this one: "pt" and "mi", in ASCII. */
const ADVISORY_LOCK = 0x70_74_6d_69

/**
 * Applies what is missing, in one transaction; doing it again changes nothing. Of two at once one
 * waits for the other.
 * @throws CliError when the database can't be reached, or has migrations that this code has not
 */
export async function migrateDatabase(url: string, model: Model): Promise<MigrationReport> {
  const journal = await readJournal(model)
  // One connection: the lock is of its session.
  const sql = postgres(url, { max: 1, onnotice() {} })
  try {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK})`.catch((error) => {
      throw unreachable(url, error)
    })
    const before = await newestApplied(sql)
    const newest = journal.entries.at(-1)!
    if (before > newest.when) {
      const when = new Date(before).toISOString()
      throw new CliError(
        `${describeDatabase(url)} was migrated by a newer version (a migration of ${when}, and this code ends at ${newest.tag}); update the code`,
      )
    }
    await migrate(drizzle(sql), { migrationsFolder: folderOf(model) }).catch((error) => {
      throw refusal(error)
    })
    const applied = journal.entries.filter(({ when }) => when > before).map(({ tag }) => tag)
    return { applied, current: newest.tag }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Of an error that a migration itself raises: its text says what to do, and repeats no data. */
function refusal(error: Error): unknown {
  const cause = (error.cause ?? error) as { code?: string; message: string }
  return cause.code === 'P0001' ? new CliError(cause.message, 1, { cause: error }) : error
}

/** What `migrateDatabase` would apply, in order. Changes nothing. */
export async function pendingMigrations(url: string, model: Model): Promise<string[]> {
  const journal = await readJournal(model)
  const sql = postgres(url, { max: 1, onnotice() {} })
  try {
    const newest = await newestApplied(sql)
    return journal.entries.filter(({ when }) => when > newest).map(({ tag }) => tag)
  } catch (error) {
    throw unreachable(url, error)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function readJournal(model: Model): Promise<Journal> {
  return JSON.parse(await readFile(`${folderOf(model)}/meta/_journal.json`, 'utf8'))
}

const folderOf = (model: Model) => new URL(`../../migrations/${model}`, import.meta.url).pathname

/** The time stamp of the last applied migration, in epoch ms; 0 for an empty database. */
async function newestApplied(sql: postgres.Sql): Promise<number> {
  const [table] = await sql`select to_regclass('drizzle.__drizzle_migrations') as name`
  if (!table?.name) return 0
  const [row] = await sql`select max(created_at)::text as newest from drizzle.__drizzle_migrations`
  return Number(row?.newest ?? 0)
}
