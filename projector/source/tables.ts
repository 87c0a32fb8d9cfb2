/**
 * The tables and columns of the source that the projector sees: nothing else is published, so nothing
 * else (a guest's allergies, say) can reach the read model.
 *
 * The order of a table's columns here is the order of a change's values, whatever the order in the
 * source is. A line's and a payment's columns stand in the order of their stored tuples
 * (`src/domain/receipt.ts`), with the purchase's id behind them.
 */

const TOTALS = [
  'currency',
  'subtotal',
  'discount_total',
  'tax_total',
  'tip_total',
  'total',
] as const

const SNAPSHOT = [
  'id',
  'line_no',
  'product_id',
  'variant_id',
  'product_name',
  'variant_name',
  'sku',
  'size',
  'color',
  'category_name',
  'qty',
  'unit_price',
  'discount_total',
  'tax_total',
  'total',
] as const

const COLUMNS = {
  location: ['id', 'business_id', 'name', 'region', 'timezone', 'kind'],
  employee: ['id', 'business_id', 'display_name'],
  customer: [
    'id',
    'business_id',
    'external_ref',
    'name',
    'phone',
    'email',
    'status',
    'merged_into_id',
  ],
  order: [
    'id',
    'business_id',
    'location_id',
    'employee_id',
    'customer_id',
    'type',
    'status',
    'guest_count',
    ...TOTALS,
    'opened_at',
    'closed_at',
  ],
  order_item: [...SNAPSHOT, 'order_id', 'seat_no', 'voided_at', 'comped_at'],
  order_payment: ['id', 'method', 'amount', 'order_id'],
  sale: [
    'id',
    'business_id',
    'location_id',
    'employee_id',
    'customer_id',
    'type',
    'status',
    'parent_sale_id',
    'order_id',
    'receipt_number',
    ...TOTALS,
    'created_at',
    'completed_at',
  ],
  sale_line: [...SNAPSHOT, 'promotion_ref', 'bundle_ref', 'parent_line_id', 'sale_id'],
  sale_payment: ['id', 'method', 'amount', 'reference', 'sale_id'],
} as const

/** What a column's values are, whatever their type in the source is called. */
export type ValueKind = 'id' | 'time' | 'money' | 'count' | 'quantity' | 'text'

export function kindOf(column: string): ValueKind {
  if (/^(.*_)?id$/.test(column)) return 'id'
  if (column.endsWith('_at')) return 'time'
  if (/^(subtotal|unit_price|amount|(.*_)?total)$/.test(column)) return 'money'
  if (['line_no', 'guest_count', 'seat_no'].includes(column)) return 'count'
  return column === 'qty' ? 'quantity' : 'text'
}

export type TableName = keyof typeof COLUMNS
type ColumnOf<Name extends TableName> = (typeof COLUMNS)[Name][number]

export interface SourceTable {
  readonly name: TableName
  readonly columns: readonly string[]
  /** What names a row of it in an update or a delete: its replica identity. */
  readonly key: readonly string[]
}

interface TypedTable<Name extends TableName> extends SourceTable {
  /** Where each column stands in a change's values. */
  readonly at: Readonly<Record<ColumnOf<Name>, number>>
}

const KEYS: Partial<Record<TableName, readonly string[]>> = {
  sale_line: ['sale_id', 'id'],
  sale_payment: ['sale_id', 'id'],
  order_item: ['order_id', 'id'],
  order_payment: ['order_id', 'id'],
}

function table<Name extends TableName>(name: Name): TypedTable<Name> {
  const columns: readonly string[] = COLUMNS[name]
  return {
    name,
    columns,
    at: Object.fromEntries(columns.map((column, at) => [column, at])) as TypedTable<Name>['at'],
    key: KEYS[name] ?? ['id'],
  }
}

/** In an order in which a copy never meets a child before its parent. */
export const TABLES: { readonly [Name in TableName]: TypedTable<Name> } = {
  location: table('location'),
  employee: table('employee'),
  customer: table('customer'),
  order: table('order'),
  order_item: table('order_item'),
  order_payment: table('order_payment'),
  sale: table('sale'),
  sale_line: table('sale_line'),
  sale_payment: table('sale_payment'),
}

/** The table of this name, or undefined when it isn't one that is projected. */
export function tableNamed(name: string): SourceTable | undefined {
  return Object.hasOwn(TABLES, name) ? TABLES[name as TableName] : undefined
}
