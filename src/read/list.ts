/**
 * A page of a customer's timeline, newest first, by keyset: the page starts right after a position
 * in the index (business, customer, occurred_at desc, purchase_id desc), so that page 500 costs what
 * page 1 costs, nothing is counted, and sales that arrive meanwhile neither repeat nor hide a row.
 *
 * The upper end is always one row comparison. A `toDate` is a position too (just above its last
 * microsecond), and whoever holds a position from an earlier page is below `toDate` already.
 *
 * Where the scope masks what is elsewhere, those purchases are keys without rows: no more of them than the
 * key leaves the store.
 *
 * The page's keys are found first and its rows fetched after: a filter that few of a customer's
 * purchases pass is then decided on index entries alone, where the index holds the filtered columns.
 */
import type { PurchaseKind, SaleType } from '../domain/purchase.ts'
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  forCustomer,
  fromHead,
  type HeadRow,
  headColumns,
  instantText,
  visible,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

export interface ListFilters {
  /** Inclusive canonical instants. */
  from: string | null
  to: string | null
  kind: PurchaseKind | null
  saleType: SaleType | null
  locationId: string | null
}

/** The last row of the page before. */
export interface Position {
  occurredAt: string
  purchaseId: string
}

export interface ListedPurchase {
  id: string
  kind: PurchaseKind
  type: string
  status: string
  counted: boolean
  occurredAt: string
  receiptNumber: string | null
  location: { id: string; name: string | null }
  currency: string
  total: bigint
  refunded: bigint
  tip: bigint
  discount: bigint
  itemCount: number
  parentPurchaseId: string | null
  /** The product of the largest amount; null where no line counts. */
  topItem: { productName: string; variantName: string | null } | null
}

/** In characters: a page is of a bounded size, whatever the products are called. */
const NAME_LENGTH = 100

/** A purchase elsewhere, of which the scope shows that it was. */
export interface MaskedPurchase {
  id: string
  kind: PurchaseKind
  masked: true
  occurredAt: string
}

export interface Page {
  purchases: (ListedPurchase | MaskedPurchase)[]
  /** Where the next page starts; null on the last. */
  next: Position | null
}

interface PurchaseRow extends HeadRow {
  purchase_id: string | null
  kind: PurchaseKind
  masked: boolean
  type: string
  status: string
  counted: boolean
  occurred: string
  receipt_number: string | null
  location_id: string
  location_name: string | null
  currency: string
  total: string
  refunded: string
  tip_total: string
  discount_total: string
  item_count: number
  parent_purchase_id: string | null
  top_product: string | null
  top_variant: string | null
}

/** Null when the tenant has no such customer. */
export function readPage(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
  filters: ListFilters,
  after: Position | null,
  limit: number,
): Promise<Answer<Page> | null> {
  const start = after ?? startOf(filters.to)
  const masks = listsMasked(scope, filters)
  const query = (id: string) =>
    tenantRows<PurchaseRow>(
      sql,
      scope,
      sql`
      select ${headColumns(sql)}, k.purchase_id, k.kind, p.purchase_id is null as masked, p.type, p.status, p.counted,
        p.receipt_number, p.location_id, p.currency, p.total, p.refunded, p.tip_total,
        p.discount_total, p.item_count, p.parent_purchase_id,
        left(p.top_product, ${NAME_LENGTH}) as top_product, left(p.top_variant, ${NAME_LENGTH}) as top_variant,
        ${instantText(sql, 'k.occurred_at')} as occurred,
        l.name as location_name
      from ${fromHead(sql, scope, id, customerId)}
      left join lateral (
        select t.purchase_id, t.occurred_at, t.kind
        from purchase_timeline t
        where t.business_id = ${scope.businessId} and t.customer_id = ${id} and t.listed
          and (t.occurred_at, t.purchase_id)
            < (${start.occurredAt}::timestamptz, ${start.purchaseId}::uuid)
          and t.occurred_at >= ${filters.from ?? '-infinity'}::timestamptz
          ${filters.kind ? sql`and t.kind = ${filters.kind}` : sql``}
          ${filters.saleType ? sql`and t.type = ${filters.saleType}` : sql``}
          ${filters.locationId ? sql`and t.location_id = ${filters.locationId}` : sql``}
          ${masks ? sql`` : visible(sql, scope, 't.location_id')}
        order by t.occurred_at desc, t.purchase_id desc
        limit ${limit + 1}
      ) k on c.customer_id is not null and c.merged_into is null
      left join purchase_timeline p on p.purchase_id = k.purchase_id
        ${visible(sql, scope, 'p.location_id')}
      left join location_card l on l.location_id = p.location_id and l.source_id = p.source_id
      order by k.occurred_at desc, k.purchase_id desc`,
    )
  return forCustomer(sql, scope, customerId, query, (rows) => pageOf(rows, limit))
}

/**
 * Whether purchases elsewhere are listed, masked. Not under a filter by more than time: to be in such a
 * list would tell what the mask hides.
 */
function listsMasked(scope: Scope, { kind, saleType, locationId }: ListFilters): boolean {
  return scope.visibility === 'masked' && !kind && !saleType && !locationId
}

const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The position just above the last row that `to`, which is inclusive, lets in. */
function startOf(to: string | null): Position {
  if (to === null) return { occurredAt: 'infinity', purchaseId: HIGHEST_ID }
  return { occurredAt: to, purchaseId: HIGHEST_ID }
}

function pageOf(rows: readonly PurchaseRow[], limit: number): Page {
  const found = rows.filter((row) => row.purchase_id !== null)
  const shown = found.slice(0, limit)
  const last = found.length > limit ? shown.at(-1) : undefined
  return {
    purchases: shown.map((row) => (row.masked ? maskedOf(row) : purchaseOf(row))),
    next: last ? { occurredAt: last.occurred, purchaseId: last.purchase_id! } : null,
  }
}

function maskedOf(row: PurchaseRow): MaskedPurchase {
  return { id: row.purchase_id!, kind: row.kind, masked: true, occurredAt: row.occurred }
}

function purchaseOf(row: PurchaseRow): ListedPurchase {
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
    refunded: BigInt(row.refunded),
    tip: BigInt(row.tip_total),
    discount: BigInt(row.discount_total),
    itemCount: row.item_count,
    parentPurchaseId: row.parent_purchase_id,
    topItem: row.top_product
      ? { productName: row.top_product, variantName: row.top_variant }
      : null,
  }
}
