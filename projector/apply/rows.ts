/**
 * The read store's rows as text: how a purchase is written (COPY and JSON) and read back. The texts are
 * the same whichever way a row took, so that equal states are equal bytes.
 */
import type { PurchaseKind } from '../../src/domain/purchase.ts'
import { LINE, type Tuple } from '../../src/domain/receipt.ts'
import {
  countsInTotals,
  dearestLine,
  isListed,
  lineCounts,
  orderedLines,
  orderedPayments,
  type Purchase,
  refundedOf,
} from '../project/purchase.ts'

/** Columns of purchase_timeline that follow from a purchase's header, in the order of `headerRow`. */
export const HEADER_COLUMNS = [
  'purchase_id',
  'business_id',
  'kind',
  'type',
  'status',
  'counted',
  'listed',
  'customer_id',
  'location_id',
  'employee_id',
  'occurred_at',
  'receipt_number',
  'currency',
  'subtotal',
  'discount_total',
  'tax_total',
  'tip_total',
  'total',
  'refunded',
  'guest_count',
  'parent_purchase_id',
  'order_id',
  'settled_by',
  'lsn',
] as const

/** Columns of purchase_timeline in the order of `purchaseRow`. */
export const PURCHASE_COLUMNS = [
  ...HEADER_COLUMNS,
  'item_count',
  'top_product',
  'top_variant',
  'lines',
  'payments',
] as const

/** A purchase as the texts of its row; null is SQL's NULL. */
export function purchaseRow(purchase: Purchase, lsn: string): (string | null)[] {
  const lines = orderedLines(purchase)
  let items = 0
  for (const line of lines) if (lineCounts(line)) items++
  const row = headerRow(purchase, lsn)
  const top = dearestLine(lines)
  row.push(
    items.toString(),
    top?.[LINE.productName] ?? null,
    top?.[LINE.variantName] ?? null,
    JSON.stringify(lines),
    JSON.stringify(orderedPayments(purchase)),
  )
  return row
}

/** The texts of a row whose lines and payments stay as they are. */
export function headerRow(purchase: Purchase, lsn: string): (string | null)[] {
  return [
    purchase.id,
    purchase.businessId,
    purchase.kind,
    purchase.type,
    purchase.status,
    countsInTotals(purchase) ? 'true' : 'false',
    isListed(purchase) ? 'true' : 'false',
    purchase.customerId,
    purchase.locationId,
    purchase.employeeId,
    purchase.occurredAt,
    purchase.receiptNumber,
    purchase.currency,
    purchase.subtotal,
    purchase.discountTotal,
    purchase.taxTotal,
    purchase.tipTotal,
    purchase.total,
    refundedOf(purchase).toString(),
    purchase.guestCount,
    purchase.parentPurchaseId,
    purchase.orderId,
    purchase.settledBy.size > 0 ? `{${[...purchase.settledBy].sort().join(',')}}` : null,
    lsn,
  ]
}

/** Columns that hold what people type: only there can COPY's own characters stand. */
const TYPED: readonly boolean[] = PURCHASE_COLUMNS.map((column) =>
  [
    'type',
    'status',
    'receipt_number',
    'currency',
    'top_product',
    'top_variant',
    'lines',
    'payments',
  ].includes(column),
)
const SPECIAL = /[\\\t\n\r]/

/** A purchase's row as one line of COPY's text format. */
export function copyLine(row: (string | null)[]): string {
  let line = ''
  for (let at = 0; at < row.length; at++) {
    const value = row[at]!
    const text =
      value === null ? '\\N' : TYPED[at] && SPECIAL.test(value) ? escapeCopy(value) : value
    line += at === 0 ? text : `\t${text}`
  }
  return `${line}\n`
}

function escapeCopy(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}

const RAW_JSON: ReadonlySet<string> = new Set(['lines', 'payments'])

/** A row, or a header's, as a JSON object of its columns' names, for `json_populate_recordset`. */
export function jsonObject(row: (string | null)[]): string {
  const members = row.map((value, at) => {
    const column = PURCHASE_COLUMNS[at]!
    if (value === null) return `"${column}":null`
    if (RAW_JSON.has(column)) return `"${column}":${value}`
    if (column === 'settled_by')
      return `"${column}":${JSON.stringify(value.slice(1, -1).split(','))}`
    return `"${column}":${JSON.stringify(value)}`
  })
  return `{${members.join(',')}}`
}

/** What a row is read back from: every value as text, in UTC. */
export const PURCHASE_TEXTS = PURCHASE_COLUMNS.map((column) => `${column}::text as ${column}`).join(
  ', ',
)
export type PurchaseTexts = Record<(typeof PURCHASE_COLUMNS)[number], string | null>

/** The state that a stored row was written from. */
export function purchaseOfRow(row: PurchaseTexts): Purchase {
  return {
    id: row.purchase_id!,
    kind: row.kind as PurchaseKind,
    businessId: row.business_id!,
    type: row.type!,
    status: row.status!,
    customerId: row.customer_id,
    locationId: row.location_id!,
    employeeId: row.employee_id,
    occurredAt: row.occurred_at!,
    receiptNumber: row.receipt_number,
    currency: row.currency!,
    subtotal: row.subtotal!,
    discountTotal: row.discount_total!,
    taxTotal: row.tax_total!,
    tipTotal: row.tip_total!,
    total: row.total!,
    guestCount: row.guest_count,
    parentPurchaseId: row.parent_purchase_id,
    orderId: row.order_id,
    settledBy: new Set(row.settled_by ? row.settled_by.slice(1, -1).split(',') : []),
    // Many changes, such as a merge's, leave them alone: they are parsed when somebody looks.
    get lines() {
      return replaced(this, 'lines', byId(row.lines!))
    },
    get payments() {
      return replaced(this, 'payments', byId(row.payments!))
    },
  }
}

function replaced<T>(purchase: object, name: 'lines' | 'payments', value: T): T {
  Object.defineProperty(purchase, name, { value, writable: true })
  return value
}

function byId(json: string): Map<string, Tuple> {
  return new Map((JSON.parse(json) as Tuple[]).map((tuple) => [tuple[0]!, tuple]))
}
