/** One-line builders of what a decoder hands on: changes of the projected tables, as texts. */
import type { RowChange, Transaction, Values } from '../../../projector/source/change.ts'
import { TABLES, type TableName } from '../../../projector/source/tables.ts'
import type { Lsn } from '../../../src/domain/lsn.ts'

export type Row = Record<string, string | null>

/** A UUID that says its number. */
export const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

export const BUSINESS = uuid(0xb)
export const SHOP = uuid(0x10)

/** Columns that are not null on the source, so that a test names only what it is about. */
const DEFAULTS: Record<TableName, Row> = {
  location: {
    business_id: BUSINESS,
    name: 'Shop',
    region: 'North',
    timezone: 'UTC',
    kind: 'retail',
  },
  employee: { business_id: BUSINESS, display_name: 'Kim' },
  customer: { business_id: BUSINESS, status: 'active' },
  sale: {
    business_id: BUSINESS,
    location_id: SHOP,
    type: 'sale',
    status: 'completed',
    currency: 'EUR',
    subtotal: '1000',
    discount_total: '0',
    tax_total: '0',
    tip_total: '0',
    total: '1000',
    created_at: '2026-01-01 09:00:00+00',
    completed_at: '2026-01-01 09:01:00+00',
  },
  order: {
    business_id: BUSINESS,
    location_id: SHOP,
    type: 'dine_in',
    status: 'closed',
    currency: 'EUR',
    subtotal: '2000',
    discount_total: '0',
    tax_total: '0',
    tip_total: '0',
    total: '2000',
    opened_at: '2026-01-01 19:00:00+00',
    closed_at: '2026-01-01 21:00:00+00',
  },
  sale_line: line('1000'),
  order_item: line('2000'),
  sale_payment: { method: 'card', amount: '1000' },
  order_payment: { method: 'cash', amount: '2000' },
}

function line(total: string): Row {
  return {
    line_no: '1',
    product_name: 'Shirt',
    qty: '1.000',
    unit_price: total,
    discount_total: '0',
    tax_total: '0',
    total,
  }
}

/** A whole row of a table; what is not given is its default, or null. */
export function rowOf(name: TableName, row: Row): Row {
  const defaults = DEFAULTS[name]
  return Object.fromEntries(
    TABLES[name].columns.map((column) => [
      column,
      column in row ? row[column]! : (defaults[column] ?? null),
    ]),
  )
}

/** Values in the table's order; `unsent` columns are left out, as unchanged TOAST is. */
export function valuesOf(name: TableName, row: Row, unsent: readonly string[] = []): Values {
  return TABLES[name].columns.map((column) =>
    unsent.includes(column) ? undefined : (row[column] ?? null),
  )
}

/** The values of a row's replica identity alone. */
export function keyOf(name: TableName, row: Row): Values {
  const { columns, key } = TABLES[name]
  return columns.map((column) => (key.includes(column) ? row[column] : undefined))
}

export const insert = (name: TableName, row: Row): RowChange => ({
  op: 'insert',
  table: TABLES[name],
  values: valuesOf(name, rowOf(name, row)),
})

export const update = (
  name: TableName,
  row: Row,
  { unsent = [], old }: { unsent?: readonly string[]; old?: Row } = {},
): RowChange => ({
  op: 'update',
  table: TABLES[name],
  values: valuesOf(name, rowOf(name, row), unsent),
  old: old ? keyOf(name, old) : null,
})

export const remove = (name: TableName, key: Row): RowChange => ({
  op: 'delete',
  table: TABLES[name],
  old: keyOf(name, key),
})

export const lsn = (n: number | bigint) => BigInt(n) as Lsn

/** The nth transaction of a test: commit records of 16 bytes, each right behind the one before. */
export const transaction = (n: number, ...changes: Transaction['changes']): Transaction => ({
  commitLsn: lsn(n * 16),
  endLsn: lsn(n * 16 + 16),
  committedAt: 1_767_225_600_000_000n + BigInt(n),
  changes,
})
