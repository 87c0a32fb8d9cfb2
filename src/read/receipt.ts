/**
 * One purchase in full. Its own row holds the lines and payments; names, the parent, the returns and
 * the settled order are looked up by key in the same statement.
 */
import type { PurchaseKind } from '../domain/purchase.ts'
import { lineOfTuple, paymentOfTuple, type Tuple } from '../domain/receipt.ts'
import { isReturnable, type ReturningPurchase, remainingQuantities } from '../domain/returnable.ts'
import { type Scope, sees } from '../domain/scope.ts'
import {
  type Answer,
  type AsOf,
  asOfRow,
  type FreshnessRow,
  forCustomer,
  freshnessColumns,
  fromHead,
  type HeadRow,
  headColumns,
  instantText,
  owner,
  visible,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** A purchase that the receipt points at: its parent, or a return of it. */
export interface RelatedPurchase {
  id: string
  type: string
  status: string
  counted: boolean
  occurredAt: string
  receiptNumber: string | null
  location: { id: string; name: string | null }
  currency: string
  total: bigint
}

/** One elsewhere, of which the scope shows that it was. */
export interface MaskedRelated {
  id: string
  masked: true
  occurredAt: string
}

export type ReceiptLine = ReturnType<typeof lineOfTuple> & {
  /** In thousandths; null where nothing can be returned. */
  remaining: bigint | null
}

export interface Receipt extends RelatedPurchase {
  kind: PurchaseKind
  employee: { id: string; name: string | null } | null
  subtotal: bigint
  discount: bigint
  tax: bigint
  tip: bigint
  refunded: bigint
  itemCount: number
  guestCount: number | null
  parentPurchaseId: string | null
  parent: RelatedPurchase | MaskedRelated | null
  orderId: string | null
  settledBy: string[]
  returns: (RelatedPurchase | MaskedRelated)[]
  lines: ReceiptLine[]
  payments: ReturnType<typeof paymentOfTuple>[]
}

/** A related purchase as `json_build_object` gives it; money as text. */
interface RelatedJson {
  id: string
  type: string
  status: string
  counted: boolean
  occurredAt: string
  receiptNumber: string | null
  locationId: string
  locationName: string | null
  currency: string
  total: string
}

/** Of the purchase `t`; `purchase_id` is null where there is none. */
interface ReceiptColumns {
  purchase_id: string | null
  kind: PurchaseKind
  type: string
  status: string
  counted: boolean
  occurred: string
  receipt_number: string | null
  location_id: string
  location_name: string | null
  employee_id: string | null
  employee_name: string | null
  currency: string
  subtotal: string
  discount_total: string
  tax_total: string
  tip_total: string
  total: string
  refunded: string
  item_count: number
  guest_count: number | null
  parent_purchase_id: string | null
  parent: RelatedJson | null
  order_id: string | null
  settled_by: string[] | null
  returns: (RelatedJson & { lines: Tuple[] })[] | null
  lines: Tuple[]
  payments: Tuple[]
}

export interface ReceiptRow extends HeadRow, ReceiptColumns {}

interface OwnedRow extends FreshnessRow, ReceiptColumns {
  owner_id: string | null
}

/**
 * Null when the tenant has no such customer; a null value when the customer has no such purchase, or
 * none that the scope shows. Parent and returns in other locations are not shown to a scope that does
 * not see them, or masked, but they do lower what remains to be returned: nobody may take the same shirt back twice.
 */
export function readReceipt(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
  purchaseId: string,
): Promise<Answer<Receipt | null> | null> {
  const query = (id: string) =>
    tenantRows<ReceiptRow>(
      sql,
      scope,
      sql`
      select ${headColumns(sql)}, ${receiptColumns(sql, scope)}
      from ${fromHead(sql, scope, id, customerId)}
      left join purchase_timeline t on t.purchase_id = ${purchaseId}
        and t.business_id = ${scope.businessId} and t.customer_id = c.customer_id
        and c.merged_into is null ${visible(sql, scope, 't.location_id')}
      ${receiptJoins(sql, scope)}`,
    )
  return forCustomer(sql, scope, customerId, query, ([row]) =>
    row?.purchase_id ? receiptOf(row, scope) : null,
  )
}

/** A receipt whoever's it is. */
interface OwnedReceipt {
  /** Whose it is, after all merges; null: a guest's, or of somebody who was erased. */
  customerId: string | null
  receipt: Receipt
}

/** A null value when the tenant has no such purchase, or none that the scope shows; else as `readReceipt`. */
export async function readOwnedReceipt(
  sql: ReadSql,
  scope: Scope,
  purchaseId: string,
): Promise<{ asOf: AsOf; position: string; value: OwnedReceipt | null }> {
  const [row] = await tenantRows<OwnedRow>(
    sql,
    scope,
    sql`
    select ${freshnessColumns(sql)}, c.customer_id as owner_id, ${receiptColumns(sql, scope)}
    from read_model rm
    left join purchase_timeline t on t.purchase_id = ${purchaseId}
      and t.business_id = ${scope.businessId} ${visible(sql, scope, 't.location_id')}
    left join lateral (${owner(sql, scope, 't.customer_id')}) c on true
    ${receiptJoins(sql, scope)}`,
  )
  const asOf = asOfRow(row)
  const { position, purchase_id: found, owner_id: customerId } = row!
  return { asOf, position, value: found ? { customerId, receipt: receiptOf(row!, scope) } : null }
}

/** Of the purchase `t`, with what `receiptJoins` joins to it. */
function receiptColumns(sql: ReadSql, scope: Scope) {
  return sql`t.purchase_id, t.kind, t.type, t.status, t.counted,
    ${instantText(sql, 't.occurred_at')} as occurred, t.receipt_number,
    t.location_id, l.name as location_name, t.employee_id, e.display_name as employee_name,
    t.currency, t.subtotal, t.discount_total, t.tax_total, t.tip_total, t.total, t.refunded,
    t.item_count, coalesce(t.guest_count, o.guest_count) as guest_count,
    t.parent_purchase_id, t.order_id, to_json(t.settled_by) as settled_by, t.lines, t.payments,
    (select json_build_object(${relatedFields(sql, 'r')})
     from purchase_timeline r left join location_card rl on rl.location_id = r.location_id and rl.source_id = r.source_id
     where r.purchase_id = t.parent_purchase_id and r.business_id = ${scope.businessId}) as parent,
    (select json_agg(json_build_object(${relatedFields(sql, 'r')}, 'lines', r.lines)
       order by r.occurred_at, r.purchase_id)
     from purchase_timeline r left join location_card rl on rl.location_id = r.location_id and rl.source_id = r.source_id
     where r.parent_purchase_id = t.purchase_id and r.business_id = ${scope.businessId}) as returns`
}

function receiptJoins(sql: ReadSql, scope: Scope) {
  return sql`
    left join purchase_timeline o on o.purchase_id = t.order_id
      and o.business_id = ${scope.businessId} ${visible(sql, scope, 'o.location_id')}
    left join location_card l on l.location_id = t.location_id and l.source_id = t.source_id
    left join employee_card e on e.employee_id = t.employee_id and e.source_id = t.source_id`
}

function relatedFields(sql: ReadSql, r: string) {
  const text = `'id', ${r}.purchase_id, 'type', ${r}.type, 'status', ${r}.status,
    'counted', ${r}.counted,
    'occurredAt', to_char(${r}.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'receiptNumber', ${r}.receipt_number, 'locationId', ${r}.location_id,
    'locationName', ${r}l.name, 'currency', ${r}.currency, 'total', ${r}.total::text`
  return sql.unsafe(text) as never
}

/** What the row says; `parent` and `returns` may be null. */
export function receiptOf(row: ReceiptColumns, scope: Scope): Receipt {
  const returns = row.returns ?? []
  const lines = row.lines.map(lineOfTuple)
  const remaining = isReturnable(row)
    ? remainingQuantities(lines, returns.map(returningOf))
    : new Map<string, bigint>()
  return {
    id: row.purchase_id!,
    kind: row.kind,
    type: row.type,
    status: row.status,
    counted: row.counted,
    occurredAt: row.occurred,
    receiptNumber: row.receipt_number,
    location: { id: row.location_id, name: row.location_name },
    employee: row.employee_id ? { id: row.employee_id, name: row.employee_name } : null,
    currency: row.currency,
    subtotal: BigInt(row.subtotal),
    discount: BigInt(row.discount_total),
    tax: BigInt(row.tax_total),
    tip: BigInt(row.tip_total),
    total: BigInt(row.total),
    refunded: BigInt(row.refunded),
    itemCount: row.item_count,
    guestCount: row.guest_count,
    parentPurchaseId: row.parent_purchase_id,
    parent: row.parent ? (shown(scope, row.parent) ?? null) : null,
    orderId: row.order_id,
    settledBy: row.settled_by ?? [],
    returns: returns.flatMap((related) => shown(scope, related) ?? []),
    lines: lines.map((line) => ({ ...line, remaining: remaining.get(line.id!) ?? null })),
    payments: row.payments.map(paymentOfTuple),
  }
}

function returningOf(related: RelatedJson & { lines: Tuple[] }): ReturningPurchase {
  const { type, counted, lines } = related
  return { type, counted, lines: lines.map(lineOfTuple) }
}

/** As much of a related purchase as the scope shows; undefined: nothing. */
function shown(scope: Scope, related: RelatedJson): RelatedPurchase | MaskedRelated | undefined {
  if (sees(scope, related.locationId)) return relatedOf(related)
  if (scope.visibility !== 'masked') return undefined
  return { id: related.id, masked: true, occurredAt: related.occurredAt }
}

function relatedOf(related: RelatedJson): RelatedPurchase {
  const { locationId, locationName, total, id, type, status, counted, currency } = related
  return {
    id,
    type,
    status,
    counted,
    occurredAt: related.occurredAt,
    receiptNumber: related.receiptNumber,
    location: { id: locationId, name: locationName },
    currency,
    total: BigInt(total),
  }
}
