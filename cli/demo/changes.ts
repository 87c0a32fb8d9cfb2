/**
 * What the demo's tills do to the source, as plain data: a dated list of row changes is one source
 * transaction. The generator yields them, the writer turns them into SQL; neither knows the other.
 *
 * Every row is whole, defaults included: a column left to the database (`now()`, a random id) would
 * differ from run to run.
 */
import * as source from '../../src/schema/source.ts'

/** The tables that the demo fills; parents come before their children. */
export const TABLES = {
  business: source.business,
  location: source.location,
  employee: source.employee,
  customer: source.customer,
  category: source.category,
  product: source.product,
  productVariant: source.productVariant,
  order: source.order,
  orderItem: source.orderItem,
  orderPayment: source.orderPayment,
  sale: source.sale,
  saleLine: source.saleLine,
  salePayment: source.salePayment,
  customerMerge: source.customerMerge,
  customerMergePurchase: source.customerMergePurchase,
  customerErasure: source.customerErasure,
} as const

export type Table = keyof typeof TABLES
export const TABLE_NAMES = Object.keys(TABLES) as Table[]

/** Times are ISO texts with microseconds, which a Date cannot hold. */
type Plain<Row> = { [Column in keyof Row]: Textual<Row[Column]> }
type Textual<Value> = Value extends Date ? string : Value

export type Rows = { [T in Table]: Plain<(typeof TABLES)[T]['$inferSelect']> }
/** A column's value in any row. */
export type Value = string | number | bigint | null

export type Change = {
  [T in Table]:
    | { op: 'insert'; table: T; row: Rows[T] }
    | { op: 'update'; table: T; ids: string[]; set: Partial<Rows[T]> }
    | { op: 'delete'; table: T; ids: string[] }
}[Table]

export interface SourceTransaction {
  /** When the till did it, ISO 8601 in UTC with microseconds; never before the one ahead of it. */
  at: string
  changes: Change[]
}

// The casts below are sound: a Change is exactly one table's name beside that table's row, which
// TypeScript cannot see for a table that is still a type parameter.

/** An insert of a copy: the caller may go on to change its row without rewriting the past. */
export function insert<T extends Table>(table: T, row: Rows[T]): Change {
  return { op: 'insert', table, row: { ...row } } as unknown as Change
}

export function update<T extends Table>(table: T, ids: string[], set: Partial<Rows[T]>): Change {
  return { op: 'update', table, ids: [...ids], set: { ...set } } as unknown as Change
}

export function remove(table: Table, ids: string[]): Change {
  return { op: 'delete', table, ids: [...ids] } as Change
}
