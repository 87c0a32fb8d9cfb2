/** A source database of its own, files for it, and its tables as a test wants to look at them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { type ImportOptions, importOnlineRetail } from '../../../cli/import/import-online-retail.ts'
import { silentProgress } from '../../../cli/import/progress.ts'
import type { ImportReport } from '../../../cli/import/report.ts'
import { createTestDatabases } from '../../support/postgres.ts'

export interface Source {
  url: string
  sql: Sql
  /** Writes a file into a directory that goes with the source; returns its path. */
  file(content: string | Uint8Array, name?: string): Promise<string>
  /** Imports what the file holds. */
  load(
    content: string | Uint8Array,
    options?: Partial<ImportOptions> & { name?: string },
  ): Promise<ImportReport>
  /** Empties the tables: a fresh source without the cost of one. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openSource(): Promise<Source> {
  const databases = await createTestDatabases()
  const directory = await mkdtemp(join(tmpdir(), 'pt-import-'))
  const sql = postgres(databases.sourceUrl, { max: 2, onnotice() {} })
  const file = async (content: string | Uint8Array, name = 'retail.csv') => {
    const path = join(directory, name)
    await writeFile(path, content)
    return path
  }
  return {
    url: databases.sourceUrl,
    sql,
    file,
    async load(content, { name, ...options } = {}) {
      return importOnlineRetail({
        file: await file(content, name),
        sourceUrl: databases.sourceUrl,
        signal: new AbortController().signal,
        progress: silentProgress,
        ...options,
      })
    },
    async clear() {
      await sql.begin(async (tx) => {
        // The audit stays, unless it is said that it goes.
        await tx`select set_config('pt.retention', 'on', true)`
        await tx`truncate business cascade`
      })
    },
    async close() {
      await sql.end()
      await databases.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const TABLES = [
  'business',
  'location',
  'customer',
  'product',
  'product_variant',
  'sale',
  'sale_line',
  'sale_payment',
] as const

export type Dump = Record<(typeof TABLES)[number], string[]>

/**
 * All rows as texts. With `versions`, each with the transaction that wrote it and its place: equal
 * dumps then mean that not one row was written again, not even with the same values.
 */
export async function dump(sql: Sql, { versions = false } = {}): Promise<Dump> {
  const tables = {} as Dump
  await sql.begin('isolation level repeatable read', async (tx) => {
    await tx`set local timezone = 'UTC'`
    for (const table of TABLES) {
      const row = versions ? tx`t::text || ' ' || xmin::text || ' ' || ctid::text` : tx`t::text`
      const rows = await tx<{ row: string }[]>`
        select ${row} as row from ${tx(table)} t order by t.id`
      tables[table] = rows.map(({ row }) => row)
    }
  })
  return tables
}

/** The imported sales in plain words, for tests that compare with what a file says. */
export interface SaleView {
  receipt: string
  type: string
  customer: string | null
  location: string
  createdAt: string
  completedAt: string
  total: number
  paid: number | null
  /** `sku name qty × unit = total`, in the order of the receipt. */
  lines: string[]
}

export async function sales(sql: Sql): Promise<SaleView[]> {
  const rows = await sql<SaleView[]>`
    select s.receipt_number as receipt, s.type, c.external_ref as customer, l.name as location,
      to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as "createdAt",
      to_char(s.completed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as "completedAt",
      s.total::float8 as total,
      (select amount::float8 from sale_payment where sale_id = s.id) as paid,
      array(
        select concat(sku, ' ', product_name, ' ', trim_scale(qty), ' × ', unit_price, ' = ', total)
        from sale_line where sale_id = s.id order by line_no) as lines
    from sale s
    join location l on l.id = s.location_id
    left join customer c on c.id = s.customer_id
    order by s.created_at, s.receipt_number`
  return rows.map((row) => ({ ...row }))
}
