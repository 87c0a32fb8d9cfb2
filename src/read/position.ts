/** How far the read model is. */
import type { ReadSql } from './store.ts'

interface ModelPosition {
  /** Of the whole read model. */
  position: string
  /** End LSN of what is applied of the source; null while it does not serve. */
  applied: string | null
  /** Whether there is such a source at all. */
  known: boolean
}

export async function readPosition(sql: ReadSql, sourceId: string): Promise<ModelPosition> {
  const [row] = await sql<ModelPosition[]>`
    select rm.position::text, p.applied_lsn::text as applied,
      exists (select from projection_checkpoint where source_id = ${sourceId}) as known
    from read_model rm
    left join projection_checkpoint p on p.source_id = ${sourceId} and p.serving`
  return row!
}
