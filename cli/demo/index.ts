/**
 * Demo data for an empty source: two years of two invented chains, written through the source's
 * tables in time order, as their tills would have. `generate.ts` makes it, `writer.ts` says it in
 * SQL, and this writes it once: a call after a kill goes on where the last commit stands.
 */
import postgres, { type Sql } from 'postgres'
import { CliError } from '../command.ts'
import { unreachable } from '../database-errors.ts'
import { type SourceTransaction, TABLE_NAMES, type Table } from './changes.ts'
import {
  DEMO_BUSINESS_NAMES,
  type DemoOptions,
  demoIdentity,
  demoTransactions,
} from './generate.ts'
import { commitsOf, lookupText, markerOf, queryOf } from './writer.ts'

export { DEMO_BUSINESS_NAMES, DEMO_UNTIL, type DemoOptions, type DemoSize } from './generate.ts'

interface SeedOptions extends DemoOptions {
  sourceUrl: string
  /** How many of the demo's transactions one source transaction holds. Default: 50; tiny: 1. */
  perCommit?: number
  /** Writes nothing when the source holds a business that is not the demo's. */
  onlyIfEmpty?: boolean
  signal?: AbortSignal
  /** After every commit. */
  onProgress?: (progress: DemoProgress) => void
}

interface DemoProgress {
  /** Of the demo's transactions, those that are durable in the source. */
  done: number
  total: number
}

interface DemoSummary {
  /**
   * `written`: all of it by this call; `resumed`: what an interrupted call had left; `present`:
   * nothing, it is there; `other`: nothing, the source holds other data in its place.
   */
  outcome: 'written' | 'resumed' | 'present' | 'other'
  /** The outcome in one line for people. */
  message: string
  businesses: { id: string; name: string }[]
  /** A customer worth looking at first; null with other data. */
  example: { business: string; customerId: string } | null
  /** What this call wrote. */
  transactions: number
  rows: Record<Table, number>
  seconds: number
}

/**
 * Writes the demo, or what is missing of it. When it resolves, all of it is committed; when it
 * throws, on an abort too, whole commits from the beginning are, and the next call writes the rest
 * so that every row is as one undisturbed call would have left it.
 */
export async function seedDemo(options: SeedOptions): Promise<DemoSummary> {
  const { sourceUrl, signal } = options
  signal?.throwIfAborted()
  const sql = postgres(sourceUrl, {
    max: 1,
    onnotice: () => {},
    // The texts of `writer.ts` are quoted for standard strings.
    connection: { application_name: 'pt demo', standard_conforming_strings: 'on' },
  })
  try {
    await lockSource(sql, signal)
    return await seed(sql, options)
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === '42P01') {
      throw new CliError('The source has no tables yet: run `pt migrate` first', 1, {
        cause: error,
      })
    }
    throw unreachable(sourceUrl, error)
  } finally {
    await sql.end({ timeout: 0 })
  }
}

async function seed(sql: Sql, options: SeedOptions): Promise<DemoSummary> {
  const startedAt = performance.now()
  const identity = demoIdentity(options)
  const ids = [identity.fashionId, identity.foodId]
  const businesses = ids.map((id, at) => ({ id, name: DEMO_BUSINESS_NAMES[at]! }))
  const summary = (
    outcome: DemoSummary['outcome'],
    message: string,
    written: readonly SourceTransaction[] = [],
  ): DemoSummary => ({
    outcome,
    message,
    businesses: outcome === 'other' ? [] : businesses,
    example: outcome === 'other' ? null : identity.example,
    transactions: written.length,
    rows: insertedRows(written),
    seconds: (performance.now() - startedAt) / 1000,
  })

  const found = await sql<{ id: string; name: string }[]>`select id::text, name from business`
  const begun = found.some(({ id }) => ids.includes(id))
  if (!begun && found.some(({ name }) => DEMO_BUSINESS_NAMES.includes(name))) {
    return summary('other', 'Another demo is in the source; nothing was written')
  }
  if (!begun && options.onlyIfEmpty && found.length > 0) {
    return summary('other', 'The source is not empty; no demo data was written')
  }
  const [last] = await sql`select 1 from "order" where id = ${identity.lastOrderId}`
  if (last) return summary('present', 'The demo data is there already; nothing was written')

  const all = [...demoTransactions(options)]
  const from = begun ? await durableCount(sql, all) : 0
  await write(sql, all, from, options)
  const written = all.slice(from)
  const { customer, sale, order } = insertedRows(all)
  const made = `${customer} customers, ${sale} sales and ${order} orders in ${ids.length} chains`
  return from > 0
    ? summary('resumed', `Demo data completed: ${made}`, written)
    : summary('written', `Demo data made: ${made}`, written)
}

async function write(
  sql: Sql,
  all: readonly SourceTransaction[],
  from: number,
  { signal, onProgress, size, perCommit = size === 'tiny' ? 1 : 50 }: SeedOptions,
): Promise<void> {
  let done = from
  for (const commit of commitsOf(all.slice(from), perCommit)) {
    signal?.throwIfAborted()
    // Not sql.begin: when its connection dies, postgres.js 3.4.9 throws where nobody can catch it.
    await sql.unsafe(queryOf(commit))
    done += commit.length
    onProgress?.({ done, total: all.length })
  }
}

/**
 * How many transactions are surely in the source: up to the last one whose first inserted row is
 * there, since commits went in their order. Transactions after it may be there too if they insert
 * nothing; they set fixed values, so that writing them again, in order, changes nothing.
 */
async function durableCount(sql: Sql, all: readonly SourceTransaction[]): Promise<number> {
  const markers = all.map(markerOf)
  const present = new Set<string>()
  for (const table of TABLE_NAMES) {
    const ids = markers.filter((marker) => marker?.table === table).map((marker) => marker!.id)
    if (ids.length === 0) continue
    const rows = await sql.unsafe<{ id: string }[]>(lookupText(table, ids))
    for (const { id } of rows) present.add(`${table} ${id}`)
  }
  return (
    markers.findLastIndex(
      (marker) => marker !== null && present.has(`${marker.table} ${marker.id}`),
    ) + 1
  )
}

/** `pt demo` in ASCII: the advisory lock under which one process at a time writes a demo. */
const LOCK = 0x7074_2064_656d_6fn

/**
 * Two calls at once would write the same rows. Of a killed one, the lock lasts until the server is
 * through with its last commit. The connection's end gives it back.
 */
async function lockSource(sql: Sql, signal?: AbortSignal): Promise<void> {
  while (true) {
    signal?.throwIfAborted()
    const [row] = await sql`select pg_try_advisory_lock(${String(LOCK)}::bigint) as locked`
    if (row?.locked) return
    await Bun.sleep(50)
  }
}

function insertedRows(transactions: readonly SourceTransaction[]): Record<Table, number> {
  const counts = Object.fromEntries(TABLE_NAMES.map((table) => [table, 0])) as Record<Table, number>
  for (const { changes } of transactions) {
    for (const change of changes) if (change.op === 'insert') counts[change.table]++
  }
  return counts
}
