import { connectReadStore } from '../../projector/apply/writing-connection.ts'
import { linesOfFile, openRecording } from '../../projector/record/recording.ts'
import { replay } from '../../projector/record/replay.ts'
import type { IntakeLimits } from '../../projector/stream/intake.ts'

export const RECORDING = new URL('./recordings/demo-tiny.ndjson', import.meta.url).pathname
export const GOLDEN = new URL('./demo-tiny.golden.json', import.meta.url).pathname

export type Tables = Record<string, Record<string, unknown>[]>

const KEYS = {
  purchase_timeline: 'occurred_at, purchase_id',
  customer_metrics: 'customer_id, location_id, currency',
  customer_card: 'customer_id',
  location_card: 'location_id',
  employee_card: 'employee_id',
  dead_letter: 'commit_lsn, ordinal',
}

/** Replays a recording, the demo's, into an empty read database, and returns all of its tables. */
export async function replayInto(
  readUrl: string,
  limits: Partial<IntakeLimits> = {},
  file = RECORDING,
): Promise<Tables> {
  const { pieces } = await openRecording(linesOfFile(file))
  await replay({ readUrl, pieces, limits })
  return readTables(readUrl)
}

export async function readTables(readUrl: string): Promise<Tables> {
  const sql = connectReadStore(readUrl, { max: 1 })
  try {
    const tables: Tables = {}
    for (const [table, key] of Object.entries(KEYS)) {
      const rows = await sql.unsafe<{ row: string }[]>(
        `select (to_jsonb(t) - '{created_at,id,source_id,generation,retry_requested_at,attempts,discarded_at,discard_reason}'::text[])::text as row
         from ${table} t order by ${key}`,
      )
      tables[table] = rows.map(({ row }) => JSON.parse(row))
    }
    return tables
  } finally {
    await sql.end({ timeout: 1 })
  }
}
