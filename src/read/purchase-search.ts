/**
 * The purchases with a number that is printed on a receipt, whoever's they are. Stores number by themselves,
 * so there may be several. The look-up is the function `purchase_ids_with_receipt` (`migrations/read/0005`).
 */
import type { CustomerStatus, PurchaseKind } from '../domain/purchase.ts'
import { type Scope, seenLocations } from '../domain/scope.ts'
import {
  type AsOf,
  asOfRow,
  type FreshnessRow,
  freshnessColumns,
  instantText,
  owner,
  uuidArray,
  visible,
} from './customer.ts'
import type { ListedPurchase } from './list.ts'
import { SEARCH_LIMIT } from './search.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** As the index has them: longer ones are not found. */
export const MAX_RECEIPT_NUMBER = 100

export interface FoundPurchase
  extends Omit<
    ListedPurchase,
    'receiptNumber' | 'refunded' | 'tip' | 'discount' | 'parentPurchaseId' | 'topItem'
  > {
  receiptNumber: string
  /** Whose it is, after all merges; null: a guest's, or of somebody who was erased. */
  customer: { id: string; name: string | null; status: CustomerStatus } | null
}

interface FoundRow extends FreshnessRow {
  purchase_id: string | null
  kind: PurchaseKind
  type: string
  status: string
  counted: boolean
  occurred: string
  receipt_number: string
  location_id: string
  location_name: string | null
  currency: string
  total: string
  item_count: number
  owner_id: string | null
  owner_name: string | null
  owner_status: CustomerStatus
}

/** At most 20 of those that the scope shows, newest first. The number's case does not matter. */
export async function searchPurchases(
  sql: ReadSql,
  scope: Scope,
  receiptNumber: string,
): Promise<{ asOf: AsOf; position: string; value: FoundPurchase[] }> {
  const seen = seenLocations(scope)
  const locations = seen === 'all' ? null : uuidArray(seen)
  const query = sql`
    select ${freshnessColumns(sql)}, p.*, ${instantText(sql, 'p.occurred_at')} as occurred
    from read_model rm
    left join lateral (
      select t.purchase_id, t.kind, t.type, t.status, t.counted, t.occurred_at, t.receipt_number,
        t.location_id, l.name as location_name, t.currency, t.total, t.item_count,
        c.customer_id as owner_id, c.name as owner_name, c.status as owner_status
      from purchase_ids_with_receipt(${receiptNumber}, ${locations}, ${SEARCH_LIMIT}) found
      join purchase_timeline t on t.purchase_id = found.purchase_id
        and t.business_id = ${scope.businessId} ${visible(sql, scope, 't.location_id')}
      left join lateral (${owner(sql, scope, 't.customer_id')}) c on true
      left join location_card l on l.location_id = t.location_id and l.source_id = t.source_id
    ) p on true
    order by p.occurred_at desc, p.purchase_id desc`
  const rows = await tenantRows<FoundRow>(sql, scope, query)
  return {
    asOf: asOfRow(rows[0]),
    position: rows[0]!.position,
    value: rows.filter((row) => row.purchase_id !== null).map(foundOf),
  }
}

function foundOf(row: FoundRow): FoundPurchase {
  const { owner_id, owner_name: name, owner_status: status } = row
  return {
    id: row.purchase_id!,
    kind: row.kind,
    type: row.type,
    status: row.status,
    counted: row.counted,
    occurredAt: row.occurred,
    receiptNumber: row.receipt_number,
    location: { id: row.location_id, name: row.location_name },
    currency: row.currency,
    total: BigInt(row.total),
    itemCount: row.item_count,
    customer: owner_id === null ? null : { id: owner_id, name, status },
  }
}
