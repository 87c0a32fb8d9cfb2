/**
 * The source's current rows as inserts, page by page in key order: what a first copy writes, and what
 * `verify` compares with. A page is read in one snapshot, children with their parents.
 */
import type { Sql, TransactionSql } from 'postgres'
import type { RowChange } from '../source/change.ts'
import { type SourceTable, TABLES, type TableName } from '../source/tables.ts'

/** Tables that are paged by themselves, in an order in which what is referred to comes first. */
export const PAGED = ['location', 'employee', 'customer', 'order', 'sale'] as const
export type PagedTable = (typeof PAGED)[number]

const CHILDREN: Partial<Record<PagedTable, { table: SourceTable; parent: string }[]>> = {
  order: [
    { table: TABLES.order_item, parent: 'order_id' },
    { table: TABLES.order_payment, parent: 'order_id' },
  ],
  sale: [
    { table: TABLES.sale_line, parent: 'sale_id' },
    { table: TABLES.sale_payment, parent: 'sale_id' },
  ],
}

export interface SourcePage {
  /** Parents before their children. */
  changes: RowChange[]
  /** How many rows of the paged table. */
  rows: number
  /** Key to go on behind; null when this was the last page. */
  next: string | null
}

/** @param after key of the last row before the page; null for the first page */
export async function readSourcePage(
  sql: Sql,
  name: PagedTable,
  after: string | null,
  limit: number,
): Promise<SourcePage> {
  return sql.begin('isolation level repeatable read read only', (tx) =>
    selectPage(tx, name, after, limit),
  ) as Promise<SourcePage>
}

/** The same, as the transaction at hand sees it. */
export async function selectPage(
  tx: TransactionSql,
  name: PagedTable,
  after: string | null,
  limit: number,
): Promise<SourcePage> {
  const parents = await selectRows(
    tx,
    TABLES[name],
    `${after === null ? '' : 'where id > $1::uuid'} order by "${name}".id limit ${limit}`,
    after === null ? [] : [after],
  )
  const ids = parents.map((values) => values[TABLES[name].at.id]!)
  const changes = parents.map((values) => insertOf(TABLES[name], values))
  changes.push(...(await childrenOf(tx, name, ids)))
  return { changes, rows: parents.length, next: parents.length < limit ? null : ids.at(-1)! }
}

/** The current rows of these ids, with their children; ids that are gone are left out. */
export async function readSourceRows(
  sql: Sql,
  name: PagedTable,
  ids: string[],
): Promise<RowChange[]> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const parents = await selectRows(tx, TABLES[name], 'where id = any($1::uuid[])', [
      `{${ids.join(',')}}`,
    ])
    const found = parents.map((values) => values[TABLES[name].at.id]!)
    const changes = parents.map((values) => insertOf(TABLES[name], values))
    changes.push(...(await childrenOf(tx, name, found)))
    return changes
  }) as Promise<RowChange[]>
}

async function childrenOf(
  tx: TransactionSql,
  name: PagedTable,
  ids: string[],
): Promise<RowChange[]> {
  if (ids.length === 0) return []
  const changes: RowChange[] = []
  for (const { table, parent } of CHILDREN[name] ?? []) {
    const rows = await selectRows(tx, table, `where ${parent} = any($1::uuid[])`, [
      `{${ids.join(',')}}`,
    ])
    for (const values of rows) changes.push(insertOf(table, values))
  }
  return changes
}

function selectRows(
  tx: TransactionSql,
  table: SourceTable,
  condition: string,
  parameters: string[],
): Promise<(string | null)[][]> {
  const columns = table.columns.map((column) => `"${column}"::text`).join(', ')
  // `order by id` alone would mean the output column, a text, and no index: conditions qualify it.
  return tx
    .unsafe(`select ${columns} from "${table.name}" ${condition}`, parameters, { prepare: true })
    .values() as Promise<(string | null)[][]>
}

function insertOf(table: SourceTable, values: (string | null)[]): RowChange {
  return { op: 'insert', table, values }
}

/** How many rows a table has about, for progress. */
export async function estimateRows(sql: Sql, name: TableName): Promise<number> {
  const [row] = await sql<{ rows: string }[]>`
    select greatest(reltuples, 0)::bigint::text as rows from pg_class
    where oid = ${`"${name}"`}::regclass`
  return Number(row?.rows ?? 0)
}
