/** A customer's purchases with all that is in them, page by page, for whoever wants all of them. */
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  forCustomer,
  fromHead,
  headColumns,
  instantText,
  visible,
} from './customer.ts'
import type { Position } from './list.ts'
import { type Receipt, type ReceiptRow, receiptOf } from './receipt.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** A receipt as it is by itself: what was brought back of it is a purchase of its own. */
export type WholePurchase = Omit<Receipt, 'parent' | 'returns'>

interface WholePage {
  purchases: WholePurchase[]
  next: Position | null
}

const BEFORE_ALL: Position = {
  occurredAt: 'infinity',
  purchaseId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

/** Newest first, as the list is; of those that the scope shows. Null: no such customer in this tenant. */
export function readWholePurchases(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
  after: Position | null,
  limit: number,
): Promise<Answer<WholePage> | null> {
  const start = after ?? BEFORE_ALL
  const query = (id: string) =>
    tenantRows<ReceiptRow>(
      sql,
      scope,
      sql`
      select ${headColumns(sql)}, t.purchase_id, t.kind, t.type, t.status, t.counted,
        ${instantText(sql, 't.occurred_at')} as occurred, t.receipt_number,
        t.location_id, l.name as location_name, t.employee_id, null as employee_name,
        t.currency, t.subtotal, t.discount_total, t.tax_total, t.tip_total, t.total, t.refunded,
        t.item_count, t.guest_count, t.parent_purchase_id, t.order_id,
        to_json(t.settled_by) as settled_by, t.lines, t.payments, null as parent, null as returns
      from ${fromHead(sql, scope, id)}
      left join lateral (
        select k.* from purchase_timeline k
        where k.business_id = ${scope.businessId} and k.customer_id = ${id} and k.listed
          and (k.occurred_at, k.purchase_id)
            < (${start.occurredAt}::timestamptz, ${start.purchaseId}::uuid)
          ${visible(sql, scope, 'k.location_id')}
        order by k.occurred_at desc, k.purchase_id desc
        limit ${limit + 1}
      ) t on c.customer_id is not null and c.merged_into is null
      left join location_card l on l.location_id = t.location_id and l.source_id = t.source_id
      order by t.occurred_at desc, t.purchase_id desc`,
    )
  return forCustomer(sql, scope, customerId, query, (rows) => {
    const found = rows.filter((row) => row.purchase_id !== null)
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1) : undefined
    return {
      purchases: shown.map((row) => receiptOf(row, scope)),
      next: last ? { occurredAt: last.occurred, purchaseId: last.purchase_id! } : null,
    }
  })
}
