/** A mark in the source's WAL, which says that a stream has come so far. */
import { type Lsn, parseLsn } from '../domain/lsn.ts'
import type { Statements } from './held-connection.ts'

/**
 * Writes a mark into the source's WAL and returns where it stands: a stream that has come this far has
 * passed every transaction that was visible before the call, and a projector's checkpoint gets there
 * however idle the source is. The message is part of a transaction so that its commit flushes it: on a
 * source at rest, one outside of any waits for the WAL writer, for seconds.
 */
export async function emitMark(sql: Statements): Promise<Lsn> {
  const [row] = await sql<{ lsn: string }[]>`
    select set_config('synchronous_commit', 'on', true),
      pg_logical_emit_message(true, 'purchase_timeline', 'mark')::text as lsn`
  return parseLsn(row!.lsn)
}
