/**
 * Proves that the read model equals the source, also while both are moving.
 *
 * Every row of the read model is compared with the fold of the source's current rows. A row that differs
 * may only be on its way, so it is looked at again: once the projector has passed the moment of the first
 * look, a row that has changed since on neither side must be equal. What still differs then, differs.
 * Metrics are compared with the sum of the timeline, in one snapshot of the read store.
 */
import type { Sql } from 'postgres'
import { formatLsn } from '../../src/domain/lsn.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { readCheckpoint, type Which } from '../apply/checkpoint.ts'
import { searchPath } from '../apply/generation.ts'
import { METRICS_OF_TIMELINE } from '../apply/statements.ts'
import { connectReadStore } from '../apply/writing-connection.ts'
import { PAGED, type PagedTable, SourceReader } from '../copy/source-pages.ts'
import { FatalProjectorError } from '../errors.ts'
import { type KeptChange, targetsOf } from '../letters/targets.ts'
import { readPosition, waitUntilApplied } from '../position.ts'
import { connectSource } from '../source/slot.ts'
import { type Compared, comparedWith, expectedRows, type Rows } from './expected.ts'

export interface Difference {
  table: string
  key: string
  /** null: the whole row is missing or too much. */
  column: string | null
  expected: string | null
  actual: string | null
}

interface TableReport {
  table: string
  rows: number
  different: number
  /** Of those that differ: what could not be projected, with a dead letter that says why. */
  refused: number
}

export interface VerifyReport {
  equal: boolean
  /** Up to where the read model is applied, at the end. */
  lsn: string
  tables: TableReport[]
  /** At most `MAX_DIFFERENCES`; `tables` counts all rows that differ. */
  differences: Difference[]
}

interface VerifyOptions {
  sourceUrl: string
  readUrl: string
  /** Where the source's tables are. Default `public`. */
  sourceSchema?: string
  sourceId?: string
  /** `building`: what a rebuild has made so far. */
  which?: Which
  signal?: AbortSignal
  /** Called now and then with the rows that were compared so far. */
  onProgress?(table: string, rows: number): void
}

const PAGE_ROWS = 1_000
const MAX_DIFFERENCES = 100
const MAX_ROUNDS = 50

/** Throws a FatalProjectorError when there is nothing to verify. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { sourceUrl, readUrl, sourceId = 'main', which = 'serving' } = options
  const source = connectSource(sourceUrl, 2, options.sourceSchema)
  const read = connectReadStore(readUrl)
  try {
    const checkpoint = await readCheckpoint(read, sourceId, which)
    if (!checkpoint)
      throw new FatalProjectorError('there is no read model yet: run `pt projector run` first')
    const { generation } = checkpoint
    const reader = await SourceReader.open(sourceUrl, options.sourceSchema)
    const rows = connectReadStore(readUrl, { searchPath: searchPath(generation) })
    const on = { source, reader, read, rows, sourceId, generation, which }
    try {
      return await new Verification(on, options).run()
    } finally {
      await Promise.allSettled([reader.close(), rows.end({ timeout: 1 })])
    }
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}

interface Compare {
  source: Sql
  reader: SourceReader
  /** The read store as everybody sees it. */
  read: Sql
  /** The read store as the generation at hand has it. */
  rows: Sql
  sourceId: string
  generation: number
  which: Which
}

class Verification {
  readonly #on: Compare
  readonly #options: VerifyOptions
  readonly #differences: Difference[] = []
  /** Customers of purchases that differ: what their sums should be can't be told from the timeline. */
  readonly #doubted = new Set<string>()

  constructor(on: Compare, options: VerifyOptions) {
    this.#on = on
    this.#options = options
  }

  async run(): Promise<VerifyReport> {
    const tables = new Map<string, TableReport>()
    for (const name of PAGED) {
      const { table } = comparedWith(name)
      const sum = tables.get(table) ?? { table, rows: 0, different: 0, refused: 0 }
      const { rows, suspects } = await this.#comparePages(name)
      sum.rows += rows
      const different = await this.#settle(name, suspects)
      sum.different += different.length
      if (different.length > 0) sum.refused += await this.#countRefused(name, different)
      tables.set(table, sum)
    }
    const { source, read, sourceId, which } = this.#on
    // What is being built is not to blame for it: the generation that serves has it as well.
    if (which === 'serving') tables.get('purchase_timeline')!.different += await this.#findDoubles()
    tables.set('customer_metrics', await this.#compareMetrics())
    const { appliedLsn } = await readPosition(source, read, sourceId, which)
    return {
      equal: [...tables.values()].every(({ different }) => different === 0),
      lsn: formatLsn(appliedLsn),
      tables: [...tables.values()],
      differences: this.#differences,
    }
  }

  /** @returns how many rows were compared, and what both sides said of those that differ */
  async #comparePages(name: PagedTable): Promise<{ rows: number; suspects: Map<string, string> }> {
    const compared = comparedWith(name)
    const suspects = new Map<string, string>()
    const { reader } = this.#on
    let rows = 0
    let after: string | null = null
    let ahead = reader.page(name, null, PAGE_ROWS)
    do {
      this.#options.signal?.throwIfAborted()
      const page = await ahead
      if (page.next !== null) ahead = reader.page(name, page.next, PAGE_ROWS)
      const expected = await expectedRows(this.#on.source, name, page.changes)
      const actual = await this.#readRange(compared, after, page.next)
      for (const key of new Set([...expected.keys(), ...actual.keys()])) {
        if (!sameRow(compared, expected.get(key), actual.get(key)))
          suspects.set(key, fingerprint(expected.get(key), actual.get(key)))
      }
      rows += page.rows
      this.#options.onProgress?.(compared.table, rows)
      after = page.next
    } while (after !== null)
    return { rows, suspects }
  }

  /** Looks again at what differed, until each row is equal or proven different: the keys of these. */
  async #settle(name: PagedTable, suspects: Map<string, string>): Promise<string[]> {
    const { source, reader, read, sourceId, which } = this.#on
    const compared = comparedWith(name)
    const different: string[] = []
    let open = suspects
    for (let round = 0; open.size > 0; round++) {
      this.#options.signal?.throwIfAborted()
      const mark = await emitMark(source)
      const passed = await waitUntilApplied(source, read, sourceId, mark, { which })
      const next = new Map<string, string>()
      const keys = [...open.keys()]
      for (let at = 0; at < keys.length; at += PAGE_ROWS) {
        const part = keys.slice(at, at + PAGE_ROWS)
        // The read model first: a source that is unchanged after this look was so during it.
        const actual = await this.#readRows(compared, part)
        const changes = await reader.rows(name, part)
        const expected = await expectedRows(source, name, changes)
        for (const key of part) {
          if (sameRow(compared, expected.get(key), actual.get(key))) continue
          const print = fingerprint(expected.get(key), actual.get(key))
          if (passed && print !== open.get(key) && round < MAX_ROUNDS) next.set(key, print)
          else {
            different.push(key)
            this.#report(compared, key, expected.get(key), actual.get(key))
          }
        }
      }
      open = next
    }
    return different
  }

  /** A purchase is one source's: from two it would be listed, and counted, twice. */
  async #findDoubles(): Promise<number> {
    const table = 'purchase_timeline'
    const { rows, sourceId } = this.#on
    const doubles = await rows<{ key: string; other: string }[]>`
      select t.purchase_id::text as key, o.source_id as other
      from purchase_timeline t join public.purchase_timeline o using (purchase_id)
      where o.source_id <> ${sourceId} order by 1, 2`
    for (const { key, other } of doubles)
      this.#add({ table, key, column: 'source_id', expected: sourceId, actual: other })
    return doubles.length
  }

  /** How many of these rows have a dead letter of this generation. */
  async #countRefused(name: PagedTable, keys: readonly string[]): Promise<number> {
    const { read, sourceId, generation } = this.#on
    const letters = await read<{ change: string }[]>`
      select change::text from dead_letter
      where source_id = ${sourceId} and generation = ${generation}`
    const targets = letters.flatMap(({ change }) => targetsOf(JSON.parse(change) as KeptChange))
    const refused = new Set(targets.filter((of) => of.name === name).map(({ id }) => id))
    return keys.filter((key) => refused.has(key)).length
  }

  async #compareMetrics(): Promise<TableReport> {
    const table = 'customer_metrics'
    const [count] = await this.#on.rows<{ rows: string }[]>`
      select count(*)::text as rows from customer_metrics`
    // Two looks at one key differ only if the sums are wrong: rows and sums commit together.
    const columns = [
      'business_id',
      'order_count',
      'return_count',
      'exchange_count',
      'net',
      'refunded',
      'first_purchase_at',
      'last_purchase_at',
    ]
    const pairs = columns
      .map((c) => `e.${c}::text as expected_${c}, a.${c}::text as actual_${c}`)
      .join(', ')
    const rows = await this.#on.rows.unsafe<Record<string, string | null>[]>(
      `select concat_ws('/', customer_id, location_id, currency) as key, ${pairs}
       from (${METRICS_OF_TIMELINE}) e full join customer_metrics a using (customer_id, location_id, currency)
       where (${columns.map((c) => `e.${c}`).join(', ')}) is distinct from (${columns.map((c) => `a.${c}`).join(', ')})
       order by 1`,
    )
    // A metrics row is judged by the timeline; where the timeline is wrong itself, that is what is named.
    const judged = rows.filter((row) => !this.#doubted.has(row.key!.split('/')[0]!))
    for (const row of judged) {
      const isThere = row.actual_business_id !== null
      const shouldBe = row.expected_business_id !== null
      if (!isThere || !shouldBe) {
        const [expected, actual] = [shouldBe ? 'a row' : null, isThere ? 'a row' : null]
        this.#add({ table, key: row.key!, column: null, expected, actual })
        continue
      }
      for (const column of columns) {
        const expected = row[`expected_${column}`] ?? null
        const actual = row[`actual_${column}`] ?? null
        if (expected !== actual) this.#add({ table, key: row.key!, column, expected, actual })
      }
    }
    return { table, rows: Number(count!.rows), different: judged.length, refused: 0 }
  }

  #report(
    compared: Compared,
    key: string,
    expected: (string | null)[] | undefined,
    actual: (string | null)[] | undefined,
  ) {
    const { table, columns, ignored, showValues } = compared
    const customer = columns.indexOf('customer_id')
    for (const row of [expected, actual])
      if (table === 'purchase_timeline' && row?.[customer]) this.#doubted.add(row[customer])
    if (!expected || !actual) {
      this.#add({
        table,
        key,
        column: null,
        expected: expected ? 'a row' : null,
        actual: actual ? 'a row' : null,
      })
      return
    }
    for (const [at, column] of columns.entries()) {
      if (ignored.has(column) || expected[at] === actual[at]) continue
      const shown = (value: string | null | undefined) =>
        value === null || value === undefined ? null : showValues ? value : '(not shown)'
      this.#add({ table, key, column, expected: shown(expected[at]), actual: shown(actual[at]) })
    }
  }

  #add(difference: Difference) {
    if (this.#differences.length < MAX_DIFFERENCES) this.#differences.push(difference)
  }

  #readRange(compared: Compared, after: string | null, upTo: string | null): Promise<Rows> {
    const { key, condition } = compared
    // A bound that is there or not would hide the index from the planner: it is left out instead.
    const bounds = [
      { operator: '>', value: after },
      { operator: '<=', value: upTo },
    ].filter(({ value }) => value !== null)
    const conditions = bounds.map(({ operator }, at) => `${key} ${operator} $${at + 1}::uuid`)
    return this.#select(
      compared,
      [condition, ...conditions].join(' and '),
      bounds.map(({ value }) => value),
    )
  }

  #readRows(compared: Compared, keys: string[]): Promise<Rows> {
    return this.#select(compared, `${compared.condition} and ${compared.key} = any($1::uuid[])`, [
      `{${keys.join(',')}}`,
    ])
  }

  async #select(
    { table, columns }: Compared,
    condition: string,
    parameters: (string | null)[],
  ): Promise<Rows> {
    const rows = (await this.#on.rows
      .unsafe(
        `select ${columns.map((column) => `${column}::text`).join(', ')} from ${table} where ${condition}`,
        parameters,
        { prepare: true },
      )
      .values()) as (string | null)[][]
    return new Map(rows.map((row) => [row[0]!, row]))
  }
}

function sameRow(
  { columns, ignored }: Compared,
  expected: (string | null)[] | undefined,
  actual: (string | null)[] | undefined,
): boolean {
  if (!expected || !actual) return expected === actual
  for (let at = 0; at < columns.length; at++)
    if (expected[at] !== actual[at] && !ignored.has(columns[at]!)) return false
  return true
}

/**
 * Stands for both states between two looks; the states themselves may be large. The source's alone would
 * not do: a payment that came and went between two looks leaves it as it was, and may be seen on its way.
 */
function fingerprint(...states: ((string | null)[] | undefined)[]): string {
  return states.map((row) => (row ? Bun.hash(JSON.stringify(row)).toString(36) : '')).join('/')
}
