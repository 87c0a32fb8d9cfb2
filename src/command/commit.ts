/**
 * Runs commands as one source transaction, and says from when on the read model has them. A command
 * itself takes the transaction, so that what belongs to it (the note of an idempotency key, say) can be
 * written in the same one.
 */
import type { Lsn } from '../domain/lsn.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { emitMark } from '../postgres/mark.ts'
import { refusalOf } from './refusal.ts'
import { onSource } from './source.ts'

export interface Committed<T> {
  result: T
  /**
   * The consistency token: the read model has the command once its source's checkpoint (`applied_lsn`) is
   * at or beyond it. It lies behind the command's commit, in a transaction of its own that holds nothing
   * but a message: the projector follows that one too, so the checkpoint gets there by itself, however
   * idle the source is.
   */
  lsn: Lsn
}

const ATTEMPTS = 3
/** Deadlock, serialization failure: nothing was done, and it will go well when it is done again. */
const RACES = ['40P01', '40001']

/**
 * When it resolves, the command is durable. Rejects with a Refusal when a rule of the source forbids it;
 * `work` is called again when it lost a race, so it must do nothing outside of its transaction.
 */
export function commit<T>(
  sourceUrl: string,
  work: (tx: Statements) => Promise<T>,
): Promise<Committed<T>> {
  return onSource(sourceUrl, async (sql) => {
    const result = await attempt(sql, work, ATTEMPTS)
    return { result, lsn: await emitMark(sql) }
  })
}

async function attempt<T>(
  sql: Statements,
  work: (tx: Statements) => Promise<T>,
  attempts: number,
): Promise<T> {
  await sql`begin`
  try {
    // What is answered for is on the disk, whatever the database's habit.
    await sql`select set_config('synchronous_commit', 'on', true)
      where current_setting('synchronous_commit') = 'off'`
    const result = await work(sql)
    await sql`commit`
    return result
  } catch (error) {
    await sql`rollback`
    const refusal = refusalOf(error)
    if (refusal) throw refusal
    const code = (error as { code?: unknown }).code
    if (attempts > 1 && RACES.includes(String(code))) return attempt(sql, work, attempts - 1)
    throw error
  }
}
