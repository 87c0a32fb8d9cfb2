/** Who was merged with whom, for whoever wants to undo it. */
import type { Statements } from '../postgres/held-connection.ts'
import { instantText } from '../read/customer.ts'
import { readChain } from './customers.ts'

export interface Named {
  id: string
  name: string | null
}

export interface PastMerge {
  mergeId: string
  from: Named
  into: Named
  reason: string | null
  /** RFC 3339 in UTC, as everywhere. */
  mergedAt: string
  /** The employee; null for a service. */
  mergedBy: Named | null
  /** Null: it holds. */
  undoneAt: string | null
}

export interface MergeHistory {
  /** The survivor of the customer that was asked for. */
  customerId: string
  /** Newest first. */
  merges: PastMerge[]
}

/** A person has two or three cards; more merges than these are some import's. */
const MAX_MERGES = 100

interface MergeRow {
  id: string
  from_id: string
  from_name: string | null
  into_id: string
  into_name: string | null
  reason: string | null
  merged_at: string
  employee_id: string | null
  employee_name: string | null
  undone_at: string | null
}

/**
 * All merges of the person, whichever of the merged ids is asked for; also what was undone since.
 * @throws Refusal `customer-not-found`
 */
export async function readMerges(
  tx: Statements,
  businessId: string,
  customerId: string,
): Promise<MergeHistory> {
  const survivorId = (await readChain(tx, businessId, customerId)).at(-1)!.id
  const rows = await tx<MergeRow[]>`
    with recursive person as (
      select ${survivorId}::uuid as id
      union select c.id from person join customer c on c.merged_into_id = person.id)
    select m.id::text, m.from_customer_id::text as from_id, f.name as from_name,
      m.into_customer_id::text as into_id, i.name as into_name, m.reason,
      ${instantText(tx, 'm.merged_at')} as merged_at, ${instantText(tx, 'm.undone_at')} as undone_at,
      m.merged_by::text as employee_id, e.display_name as employee_name
    from customer_merge m
    join customer f on f.id = m.from_customer_id
    join customer i on i.id = m.into_customer_id
    left join employee e on e.id = m.merged_by
    where m.business_id = ${businessId} and (m.from_customer_id in (select id from person)
      or m.into_customer_id in (select id from person))
    order by m.merged_at desc, m.id
    limit ${MAX_MERGES}`
  return { customerId: survivorId, merges: rows.map(mergeOf) }
}

function mergeOf(row: MergeRow): PastMerge {
  return {
    mergeId: row.id,
    from: { id: row.from_id, name: row.from_name },
    into: { id: row.into_id, name: row.into_name },
    reason: row.reason,
    mergedAt: row.merged_at,
    mergedBy: row.employee_id ? { id: row.employee_id, name: row.employee_name } : null,
    undoneAt: row.undone_at,
  }
}
