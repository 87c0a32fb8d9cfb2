/** Looks now and then whether somebody wants dead letters tried again. */
import type { Sql } from 'postgres'
import type { Checkpoint } from '../apply/checkpoint.ts'

const LOOK_EVERY_MS = 1_000

/**
 * Calls `onRequested` at each look that finds a request. A look that fails finds none: what ails the
 * read store, others will notice.
 * @returns ends it
 */
export function watchRetries(
  sql: Sql,
  { sourceId, generation }: Checkpoint,
  onRequested: () => void,
): () => void {
  let looking = false
  const timer = setInterval(async () => {
    if (looking) return
    looking = true
    const found = await sql`
      select 1 from dead_letter
      where source_id = ${sourceId} and generation = ${generation}
        and retry_requested_at is not null and discarded_at is null
      limit 1`.catch(() => [])
    looking = false
    if (found.length > 0) onRequested()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}
