/**
 * From source transactions to SQL. The demo's transactions are committed in their order, several at
 * a time, each commit with one INSERT a table: all at once is fast, and a commit is whole or absent.
 */
import { getTableColumns, getTableName } from 'drizzle-orm'
import {
  type Change,
  type SourceTransaction,
  TABLE_NAMES,
  TABLES,
  type Table,
  type Value,
} from './changes.ts'

/** From here on a change to a row is an edit after the fact, and no more a part of what is going on. */
const AFTER_THE_FACT_MS = 6 * 3_600_000

/**
 * Cuts the transactions into commits of at most `limit`. A row that is touched again hours later is
 * so in another commit: a merge, a void or a late link never shares one with what it changes.
 */
export function* commitsOf(
  transactions: Iterable<SourceTransaction>,
  limit: number,
): Generator<SourceTransaction[]> {
  let commit: SourceTransaction[] = []
  let touched = new Map<string, number>()
  for (const transaction of transactions) {
    const at = Date.parse(transaction.at)
    const ids = transaction.changes.flatMap(idsOf)
    const isLate = (id: string) => at - (touched.get(id) ?? at) >= AFTER_THE_FACT_MS
    if (commit.length >= limit || ids.some(isLate)) {
      yield commit
      commit = []
      touched = new Map()
    }
    commit.push(transaction)
    for (const id of ids) touched.set(id, at)
  }
  if (commit.length > 0) yield commit
}

/** The id of the first row that the transaction inserts: it is there once the transaction is. */
export function markerOf({ changes }: SourceTransaction): { table: Table; id: string } | null {
  for (const change of changes) {
    const [id] = change.op === 'insert' ? idsOf(change) : []
    if (id) return { table: change.table, id }
  }
  return null
}

/**
 * One commit as one query of several statements, which Postgres runs as one transaction, in one
 * round trip: the inserts with parents before children, then all else in its order. That is as good
 * as the order of the changes: an insert never waits for an edit.
 */
export function queryOf(commit: readonly SourceTransaction[]): string {
  const inserts = new Map<Table, object[]>()
  const edits: string[] = []
  for (const change of commit.flatMap((transaction) => transaction.changes)) {
    if (change.op === 'update') edits.push(updateText(change))
    else if (change.op === 'delete') edits.push(deleteText(change))
    else {
      const rows = inserts.get(change.table) ?? []
      inserts.set(change.table, rows)
      rows.push(named(change.table, change.row))
    }
  }
  const texts = TABLE_NAMES.filter((table) => inserts.has(table)).map((table) =>
    insertText(table, inserts.get(table)!),
  )
  return [...texts, ...edits].join(';\n')
}

/** A query for which of the ids the table holds. */
export function lookupText(table: Table, ids: readonly string[]): string {
  const key = table === 'customerErasure' ? 'customer_id' : 'id'
  return `select ${key}::text as id from ${quoted(table)} where ${key} = any(${idArray(ids)})`
}

/** bigints as texts, which Postgres reads whole, and a JSON number cannot hold. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
}

const columnNames = Object.fromEntries(
  TABLE_NAMES.map((table) => [
    table,
    Object.fromEntries(
      Object.entries(getTableColumns(TABLES[table])).map(([key, column]) => [key, column.name]),
    ),
  ]),
) as Record<Table, Record<string, string>>

function insertText(table: Table, rows: object[]): string {
  const columns = Object.values(columnNames[table]).map(identifier).join(', ')
  return (
    `insert into ${quoted(table)} (${columns}) select ${columns} ` +
    `from jsonb_populate_recordset(null::${quoted(table)}, ${literal(json(rows))}::jsonb)`
  )
}

function updateText({ table, ids, set }: Extract<Change, { op: 'update' }>): string {
  const values = named(table, set)
  const assignments = Object.keys(values)
    .map((name) => `${identifier(name)} = value.${identifier(name)}`)
    .join(', ')
  return (
    `update ${quoted(table)} as target set ${assignments} ` +
    `from jsonb_populate_record(null::${quoted(table)}, ${literal(json(values))}::jsonb) as value ` +
    `where target.id = any(${idArray(ids)})`
  )
}

function deleteText({ table, ids }: Extract<Change, { op: 'delete' }>): string {
  return `delete from ${quoted(table)} where id = any(${idArray(ids)})`
}

function idArray(ids: readonly string[]): string {
  return `${literal(`{${ids.join(',')}}`)}::uuid[]`
}

/** A text as SQL says it where a backslash is a backslash: `standard_conforming_strings` is on. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name}"`
}

function idsOf(change: Change): string[] {
  if (change.op !== 'insert') return change.ids
  if (change.table === 'customerErasure') return [change.row.customerId]
  return 'id' in change.row ? [change.row.id] : []
}

/** The row under the names of the database. */
function named(table: Table, row: object): Record<string, Value> {
  const names = columnNames[table]
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [names[key]!, value]))
}

function quoted(table: Table): string {
  return identifier(getTableName(TABLES[table]))
}
