/** The demo's rows without a database: the changes of its transactions, applied one by one. */
import {
  type Rows,
  type SourceTransaction,
  TABLE_NAMES,
  type Table,
} from '../../../cli/demo/changes.ts'

export type Tables = { [T in Table]: Map<string, Rows[T]> }

export function emptyTables(): Tables {
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, new Map()])) as Tables
}

/** What a row is found by: its id, its customer's, or, in the ledger, all of its parts. */
export function keyOf(row: object): string {
  if ('id' in row) return row.id as string
  if ('customerId' in row) return row.customerId as string
  const { mergeId, purchaseKind, purchaseId } = row as Rows['customerMergePurchase']
  return `${mergeId} ${purchaseKind} ${purchaseId}`
}

/** Applies one transaction; throws where a database would refuse it, or change nothing. */
export function apply(tables: Tables, { changes }: SourceTransaction): void {
  for (const change of changes) {
    const rows = tables[change.table] as Map<string, object>
    if (change.op === 'insert') {
      const key = keyOf(change.row)
      if (rows.has(key)) throw new Error(`${change.table} ${key} is inserted twice`)
      rows.set(key, { ...change.row })
      continue
    }
    for (const id of change.ids) {
      const row = rows.get(id)
      if (!row) throw new Error(`${change.table} ${id} is changed and is not there`)
      if (change.op === 'update') rows.set(id, { ...row, ...change.set })
      else rows.delete(id)
    }
  }
}

export function tablesOf(transactions: Iterable<SourceTransaction>): Tables {
  const tables = emptyTables()
  for (const transaction of transactions) apply(tables, transaction)
  return tables
}

/** The children of each parent. */
export function groupBy<Row, Key>(rows: Iterable<Row>, key: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(row)
    else groups.set(key(row), [row])
  }
  return groups
}

export function milliOf(qty: string): bigint {
  return BigInt(qty.replace('.', ''))
}

export function sum<Row>(rows: Iterable<Row>, amount: (row: Row) => bigint): bigint {
  let total = 0n
  for (const row of rows) total += amount(row)
  return total
}
