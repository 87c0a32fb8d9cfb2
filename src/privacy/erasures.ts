/** Who was erased, in the order in which a device that polls learns of it. */
import type { Statements } from '../postgres/held-connection.ts'

interface NoticedErasure {
  customerId: string
  /** UTC, microseconds. */
  erasedAt: string
  /** Rises in the order of commits: who has seen one has seen all below it that will ever be. */
  number: string
}

/** The erasures of a business behind `after`, first come first. */
export async function readErasures(
  sql: Statements,
  businessId: string,
  after: bigint,
  limit: number,
): Promise<NoticedErasure[]> {
  const rows = await sql<{ number: string; customer_id: string; erased_at: string }[]>`
    select n.number::text, n.customer_id::text,
      to_char(e.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as erased_at
    from erasure_notice n join customer_erasure e on e.customer_id = n.customer_id
    where n.business_id = ${businessId} and n.number > ${String(after)}::text::bigint
    order by n.number limit ${limit}`
  return rows.map((row) => ({
    customerId: row.customer_id,
    erasedAt: row.erased_at,
    number: row.number,
  }))
}
