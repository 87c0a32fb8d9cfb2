/** Whether the read store can answer: it is there, it has its schema, and the read model is whole. */
import { type AsOf, type FreshnessRow, freshnessColumns, fromCheckpoint } from './customer.ts'
import { isSchemaMissing, type ReadSql } from './store.ts'

export type Readiness =
  | { ready: true; asOf: AsOf }
  | { ready: false; schema: 'missing' }
  | { ready: false; schema: 'ok'; phase: string | null }

/** Rejects when the store can't be reached. */
export async function readReadiness(sql: ReadSql): Promise<Readiness> {
  try {
    const [row] = await sql<FreshnessRow[]>`
      select ${freshnessColumns(sql)} from ${fromCheckpoint(sql)}`
    if (row?.phase !== 'live') return { ready: false, schema: 'ok', phase: row?.phase ?? null }
    return { ready: true, asOf: { lsn: row.lsn!, committedAt: row.committed_at } }
  } catch (error) {
    if (isSchemaMissing(error)) return { ready: false, schema: 'missing' }
    throw error
  }
}
