/** The import's one database session: its temporary tables and its lock live and die with it. */
import postgres, { type ReservedSql } from 'postgres'
import { CliError } from '../command.ts'
import { describeDatabase, unreachable } from '../database-errors.ts'

/** "pt" and "im", in ASCII: a lock that nobody else takes. */
const ADVISORY_LOCK = 0x70_74_69_6d
const LOOK_AGAIN_MS = 250

/**
 * Runs `work` on one connection to the source, which is closed afterwards.
 * @throws CliError when the database can't be reached, has no tables, or is lost on the way
 */
export async function withSession<T>(
  url: string,
  work: (sql: ReservedSql) => Promise<T>,
): Promise<T> {
  const pool = postgres(url, {
    max: 1,
    onnotice() {},
    // The driver closes a connection after about an hour of its own accord; this one has a memory.
    max_lifetime: 0,
    idle_timeout: 0,
    connection: { application_name: 'pt import' },
  })
  let sql: ReservedSql | undefined
  try {
    sql = await pool.reserve().catch((error) => {
      throw unreachable(url, error)
    })
    const [row] = await sql<{ sale: string | null }[]>`select to_regclass('public.sale') as sale`
    if (!row?.sale) {
      throw new CliError(`${describeDatabase(url)} has no source tables: run \`pt migrate\` first`)
    }
    // The plan is a few large queries once; compiling them costs more than it saves.
    await sql.unsafe(`set jit = off; set work_mem = '64MB'; set statement_timeout = 0`)
    return await work(sql)
  } catch (error) {
    throw lost(url, error)
  } finally {
    sql?.release()
    await pool.end({ timeout: 2 })
  }
}

/**
 * Waits until no other import writes to this database. The lock ends with the session, also when the
 * process is killed.
 */
export async function lockImports(
  sql: ReservedSql,
  signal: AbortSignal,
  onWait: () => void,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const [row] = await sql<{ locked: boolean }[]>`
      select pg_try_advisory_lock(${ADVISORY_LOCK}) as locked`
    if (row!.locked) return
    if (tries === 0) onWait()
    await pause(LOOK_AGAIN_MS, signal)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
  signal.throwIfAborted()
}

/** A server that went away or is full, in one line; any other error as it is. */
function lost(url: string, error: unknown): unknown {
  if (error instanceof CliError) return error
  const code = String((error as { code?: string }).code ?? '')
  const again = 'run the same command again, and it goes on where it stopped'
  if (/^(CONNECTION_|EPIPE|ECONNRESET|08|57P0)/.test(code)) {
    return new CliError(
      `The connection to ${describeDatabase(url)} was lost (${code}); ${again}`,
      1,
      { cause: error },
    )
  }
  if (code.startsWith('53')) {
    return new CliError(
      `${describeDatabase(url)} is out of disk or memory (${code}); make room, then ${again}`,
      1,
      { cause: error },
    )
  }
  return error
}
