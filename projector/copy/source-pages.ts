/**
 * The source's current rows as inserts, page by page in key order: what a first copy writes, and what
 * `verify` compares with. A page is read in one snapshot, children with their parents.
 *
 * Rows come by COPY and are cut into texts here: a driver that makes objects of each row and value costs
 * several times what the fold does.
 */
import { Client } from 'pg'
import type { Sql } from 'postgres'
import type { RowChange } from '../source/change.ts'
import { clientConfig } from '../source/client-config.ts'
import { DEFAULT_SCHEMA } from '../source/slot.ts'
import { type SourceTable, TABLES, type TableName } from '../source/tables.ts'
import { interceptCopyData } from '../stream/copy-frames.ts'

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

/** A page takes a fraction of a second; a connection that is dead says nothing, milliseconds. */
const READ_TIMEOUT_MS = 120_000
const FIRST_KEY = '00000000-0000-0000-0000-000000000000'
const UUID = /^[0-9a-f-]{36}$/

/** A connection that reads pages of the source, one at a time and in the order they are asked for. */
export class SourceReader {
  readonly #client: Client
  readonly #begin: string
  readonly #bytes = new Bytes()

  private constructor(client: Client, snapshot: string | undefined) {
    this.#client = client
    const begin = 'begin isolation level repeatable read read only'
    this.#begin = snapshot ? `${begin};set transaction snapshot '${snapshot}'` : begin
  }

  /**
   * @param schema where the source's tables are
   * @param snapshot the name of an exported one, for every page to be read in
   */
  static async open(
    url: string,
    schema = DEFAULT_SCHEMA,
    snapshot?: string,
  ): Promise<SourceReader> {
    const client = new Client({
      ...clientConfig(url, schema),
      query_timeout: READ_TIMEOUT_MS,
    })
    // Whoever waits for a page is told by its rejection.
    client.on('error', () => {})
    await client.connect()
    const reader = new SourceReader(client, snapshot)
    const { stream } = (client as unknown as { connection: { stream: never } }).connection
    interceptCopyData(
      stream,
      (buffer, at, end) => reader.#bytes.add(buffer, at, end),
      () => {},
    )
    return reader
  }

  /**
   * Rejections are for whoever waits: a page may be asked for ahead.
   * @param after key of the last row before the page; null for the first page
   */
  page(name: PagedTable, after: string | null, limit: number): Promise<SourcePage> {
    const page = this.#page(name, after, limit)
    page.catch(() => {})
    return page
  }

  async #page(name: PagedTable, after: string | null, limit: number): Promise<SourcePage> {
    const behind = after === null ? `>= '${FIRST_KEY}'` : `> '${checked(after)}'`
    const keys = `select id from "${name}" where id ${behind} order by id limit ${limit}`
    const last = `(select id from (${keys}) page order by id desc limit 1)`
    const changes = await this.#read([
      { table: TABLES[name], where: `id ${behind} order by "${name}".id limit ${limit}` },
      ...(CHILDREN[name] ?? []).map(({ table, parent }) => ({
        table,
        where: `${parent} ${behind} and ${parent} <= ${last}`,
      })),
    ])
    let rows = 0
    while (changes[rows]?.table === TABLES[name]) rows++
    return { changes, rows, next: rows < limit ? null : idOf(changes[rows - 1]!) }
  }

  /** The current rows of these ids, with their children; ids that are gone are left out. */
  rows(name: PagedTable, ids: readonly string[]): Promise<RowChange[]> {
    const among = `= any('{${ids.map(checked).join(',')}}'::uuid[])`
    return this.#read([
      { table: TABLES[name], where: `id ${among}` },
      ...(CHILDREN[name] ?? []).map(({ table, parent }) => ({
        table,
        where: `${parent} ${among}`,
      })),
    ])
  }

  async close(): Promise<void> {
    // A goodbye that a dead connection never answers is not waited for.
    await Promise.race([this.#client.end().catch(() => {}), Bun.sleep(1_000)])
  }

  async #read(parts: { table: SourceTable; where: string }[]): Promise<RowChange[]> {
    const copies = parts.map(({ table, where }, n) => {
      const columns = table.columns.map((column) => `"${column}"`).join(', ')
      return `copy (select ${columns}, '${n}' from "${table.name}" where ${where}) to stdout`
    })
    await this.#client.query([this.#begin, ...copies, 'commit'].join(';'))
    const changes: RowChange[] = []
    for (const line of this.#bytes.take().split('\n')) {
      if (line === '') continue
      const values = valuesOf(line)
      const { table } = parts[Number(values.pop())]!
      changes.push({ op: 'insert', table, values })
    }
    return changes
  }
}

/** The rows of one answer, as they come. */
class Bytes {
  #buffer = Buffer.allocUnsafe(1 << 20)
  #length = 0

  add(from: Buffer, at: number, end: number): void {
    const needed = this.#length + end - at
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    from.copy(this.#buffer, this.#length, at, end)
    this.#length = needed
  }

  take(): string {
    const text = this.#buffer.toString('utf8', 0, this.#length)
    this.#length = 0
    return text
  }
}

/** A line of COPY's text format. */
function valuesOf(line: string): (string | null)[] {
  const values: (string | null)[] = line.split('\t')
  if (!line.includes('\\')) return values
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (value === '\\N') values[at] = null
    else if (value.includes('\\')) values[at] = value.replace(/\\(.)/g, escaped)
  }
  return values
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function escaped(_: string, char: string): string {
  return ESCAPES[char] ?? char
}

function idOf(change: RowChange): string {
  const values = change.op === 'delete' ? change.old : change.values
  return values[0]!
}

/** Keys stand in the statements themselves: they must be nothing but keys. */
function checked(key: string): string {
  if (!UUID.test(key)) throw new Error('a key of the source that is no UUID')
  return key
}

/** How many rows a table has about, for progress. */
export async function estimateRows(sql: Sql, name: TableName): Promise<number> {
  const [row] = await sql<{ rows: string }[]>`
    select greatest(reltuples, 0)::bigint::text as rows from pg_class
    where oid = ${`"${name}"`}::regclass`
  return Number(row?.rows ?? 0)
}
