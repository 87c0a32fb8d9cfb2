/** Turns the projector's failures into the one line that a command prints. */
import postgres from 'postgres'
import { FatalProjectorError, sqlState } from '../projector/errors.ts'
import { CliError } from './command.ts'
import type { Connections } from './connections.ts'
import { describeDatabase, unreachable } from './database-errors.ts'

/**
 * Checks that both databases answer, then runs `work`.
 * @throws CliError for a database that can't be reached or isn't migrated, and for what the projector
 *   says a person must do
 */
export async function projecting<T>(
  { sourceUrl, readUrl }: Connections,
  work: () => Promise<T>,
): Promise<T> {
  await checkReachable(sourceUrl)
  await checkReachable(readUrl)
  return explaining(work)
}

/** Runs `work`. @throws CliError for what the projector says a person must do */
export async function explaining<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FatalProjectorError) throw new CliError(error.message, 1, { cause: error })
    if (sqlState(error) === '42P01')
      throw new CliError('A table is missing: run `pt migrate` first', 1, { cause: error })
    throw error
  }
}

async function checkReachable(url: string) {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice() {} })
  try {
    await sql`select 1`
  } catch (error) {
    const told = unreachable(url, error)
    if (told instanceof CliError) throw told
    throw new CliError(`Can't use the database ${describeDatabase(url)}`, 1, { cause: error })
  } finally {
    await sql.end({ timeout: 1 })
  }
}
