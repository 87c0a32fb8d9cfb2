/**
 * Runs commands as one source transaction, and says from when on the read model has them. A command
 * itself takes the transaction, so that what belongs to it (the note of an idempotency key, say) can be
 * written in the same one.
 */
import type { Lsn } from '../domain/lsn.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { emitMark } from '../postgres/mark.ts'
import { codeOf } from '../read/store.ts'
import { refusalOf } from './refusal.ts'
import { onSource, RACES } from './source.ts'

interface Committed<T> {
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
/** How long a command waits for a lock of tills and other commands. */
const LOCK_TIMEOUT_MS = 4_000
/** The server ends a statement that takes longer, so that no till waits behind a command for ever. */
const STATEMENT_TIMEOUT_MS = 20_000
/** A command that has gone dead keeps no locks: its transaction is ended. */
const IDLE_TIMEOUT_MS = 10_000

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

/** What `work` finds, in one snapshot; nothing is changed or locked. Rejects with a Refusal as it would be. */
export function look<T>(sourceUrl: string, work: (tx: Statements) => Promise<T>): Promise<T> {
  return onSource(sourceUrl, async (sql) => {
    await sql`begin isolation level repeatable read read only`
    await limitTransaction(sql)
    // It ends with the connection.
    return work(sql)
  })
}

/** In the transaction, not at the session's start: a pooler would refuse it there, or forget it. */
async function limitTransaction(sql: Statements): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true),
    set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true),
    set_config('idle_in_transaction_session_timeout', ${String(IDLE_TIMEOUT_MS)}, true),
    -- What is answered for is on the disk, whatever the database's habit.
    case current_setting('synchronous_commit')
      when 'off' then set_config('synchronous_commit', 'on', true) end`
}

async function attempt<T>(
  sql: Statements,
  work: (tx: Statements) => Promise<T>,
  attempts: number,
): Promise<T> {
  await sql`begin`
  try {
    await limitTransaction(sql)
    const result = await work(sql)
    await sql`commit`
    return result
  } catch (error) {
    // No rollback but for another attempt: the transaction ends with the connection, which may be gone
    // already, and a statement to a connection that is gone would end the process (postgres.js 3.4.9).
    if (attempts > 1 && RACES.includes(String(codeOf(error)))) {
      await sql`rollback`
      return attempt(sql, work, attempts - 1)
    }
    throw refusalOf(error) ?? error
  }
}
