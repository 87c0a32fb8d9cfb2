/**
 * Runs commands as one source transaction, and says from when on the read model has them. A command
 * itself takes the transaction, so that what belongs to it (the note of an idempotency key, say) can be
 * written in the same one.
 */
import type { Sql, TransactionSql } from 'postgres'
import { type Lsn, parseLsn } from '../domain/lsn.ts'
import { refusalOf } from './refusal.ts'

export interface Committed<T> {
  result: T
  /**
   * The consistency token: the read model has the command once its checkpoint (`applied_lsn`) is at or
   * beyond it. The position up to which the source's WAL was durable when the commit had returned: the
   * commit's own end, or, when somebody else wrote in that moment, a little more.
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
export async function commit<T>(
  sql: Sql,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<Committed<T>> {
  const result = await attempt(sql, work, ATTEMPTS)
  const [row] = await sql<{ lsn: string }[]>`select pg_current_wal_flush_lsn()::text as lsn`
  return { result, lsn: parseLsn(row!.lsn) }
}

async function attempt<T>(
  sql: Sql,
  work: (tx: TransactionSql) => Promise<T>,
  attempts: number,
): Promise<T> {
  try {
    return (await sql.begin(async (tx) => {
      // Else the commit could return before it is flushed, and the position would be before its end.
      await tx`select set_config('synchronous_commit', 'on', true)
        where current_setting('synchronous_commit') = 'off'`
      return work(tx)
    })) as T
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal) throw refusal
    const code = (error as { code?: unknown }).code
    if (attempts > 1 && RACES.includes(String(code))) return attempt(sql, work, attempts - 1)
    throw error
  }
}
