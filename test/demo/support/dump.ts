/** All rows of the demo's tables as texts, from Postgres and from memory, to be compared. */
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { Sql } from 'postgres'
import { TABLE_NAMES, TABLES, type Table, type Value } from '../../../cli/demo/changes.ts'
import type { Tables } from './tables.ts'

export type Dump = Record<Table, string[]>

/** The rows as Postgres holds them, times in UTC with all their microseconds. */
export async function dumpSource(sql: Sql): Promise<Dump> {
  const dump = {} as Dump
  for (const table of TABLE_NAMES) {
    const columns = Object.values(getTableColumns(TABLES[table])).map((column) =>
      column.getSQLType().startsWith('timestamp')
        ? `to_char("${column.name}" at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
        : `"${column.name}"::text`,
    )
    const rows = await sql
      .unsafe(`select ${columns.join(', ')} from "${getTableName(TABLES[table])}"`)
      .values()
    dump[table] = rows.map((row) => JSON.stringify(row)).sort()
  }
  return dump
}

/** The rows as the generator meant them. */
export function dumpTables(tables: Tables): Dump {
  const dump = {} as Dump
  for (const table of TABLE_NAMES) {
    const keys = Object.keys(getTableColumns(TABLES[table]))
    dump[table] = [...tables[table].values()]
      .map((row) => {
        const values = row as unknown as Record<string, Value>
        return JSON.stringify(keys.map((key) => textOf(values[key]!)))
      })
      .sort()
  }
  return dump
}

function textOf(value: Value): string | null {
  return value === null ? null : String(value)
}
