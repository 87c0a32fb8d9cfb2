/** Whether the read store can answer: it is there, it has its schema, and the read model is whole. */
import { type AsOf, asOfRow, type FreshnessRow, freshnessColumns } from './customer.ts'
import { isSchemaMissing, type ReadSql } from './store.ts'

export type Readiness =
  | { ready: true; asOf: AsOf }
  | { ready: false; schema: 'missing' }
  | { ready: false; schema: 'ok'; phase: string | null }

/** Rejects when the store can't be reached. */
export async function readReadiness(sql: ReadSql): Promise<Readiness> {
  try {
    const [row] = await sql<FreshnessRow[]>`
      select ${freshnessColumns(sql)} from read_model rm`
    if (row?.phase !== 'live') return { ready: false, schema: 'ok', phase: row?.phase ?? null }
    return { ready: true, asOf: asOfRow(row) }
  } catch (error) {
    if (isSchemaMissing(error)) return { ready: false, schema: 'missing' }
    throw error
  }
}
