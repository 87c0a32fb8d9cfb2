/** A checksum a table of the read model: two read models are equal when all of these are. */
import { connectReadStore } from '../apply/writing-connection.ts'

export interface TableChecksum {
  table: string
  rows: number
  checksum: string
}

/** The derived tables and what orders them. The checkpoint and the outbox say when, not what. */
const TABLES = {
  purchase_timeline: 'purchase_id',
  customer_metrics: 'customer_id, location_id, currency',
  customer_card: 'customer_id',
  location_card: 'location_id',
  employee_card: 'employee_id',
}

/** @param searchPath where the tables are; default: as the API sees them */
export async function readChecksums(
  readUrl: string,
  searchPath = 'public',
): Promise<TableChecksum[]> {
  const sql = connectReadStore(readUrl, { max: 1, searchPath })
  try {
    const checksums: TableChecksum[] = []
    for (const [table, key] of Object.entries(TABLES)) {
      // `lsn` says when a row came: a rebuild has it from the copy, the tail from the transaction.
      const [row] = await sql.unsafe<{ rows: number; checksum: string | null }[]>(
        `select count(*)::int as rows,
           md5(string_agg(md5((to_jsonb(t) - 'lsn' - 'source_id')::text), '' order by ${key}, source_id)) as checksum
         from ${table} t`,
      )
      checksums.push({ table, rows: row!.rows, checksum: row!.checksum ?? 'empty' })
    }
    return checksums
  } finally {
    await sql.end({ timeout: 1 })
  }
}
