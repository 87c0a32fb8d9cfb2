/**
 * What the queries about one customer share: how fresh the answer is, whether the customer is there,
 * and where an id leads after a merge. Freshness comes with the data, in one statement and so in one
 * snapshot; an answer can never claim to be newer than its rows.
 */
import type { Fragment } from 'postgres'
import type { Scope } from '../domain/scope.ts'
import { ReadModelBuilding, type ReadSql } from './store.ts'

/** How fresh an answer is: all source transactions up to `lsn` are in it. */
export interface AsOf {
  /** As Postgres prints it. */
  lsn: string
  /** When the last of them was committed on the source; null when there was none yet. */
  committedAt: string | null
}

/** An answer about a customer. */
export interface Answer<T> {
  /** Whose data it is: the survivor, when the id that was asked for has been merged. */
  customerId: string
  /** The id that was asked for, when it is not the survivor's. */
  mergedFrom: string | null
  asOf: AsOf
  value: T
}

export interface FreshnessRow {
  phase: string | null
  lsn: string | null
  committed_at: string | null
}

export interface HeadRow extends FreshnessRow {
  card_id: string | null
  merged_into: string | null
}

/** A timestamptz as canonical text, whatever the session's time zone and DateStyle. */
export function instantText(sql: ReadSql, column: string): Fragment {
  return sql.unsafe(
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  ) as never
}

export function freshnessColumns(sql: ReadSql): Fragment {
  return sql`cp.phase, cp.applied_lsn::text as lsn, ${instantText(sql, 'cp.committed_at')} as committed_at`
}

/** One row, also when there is no checkpoint. A generation that is being built beside is not asked. */
export function fromCheckpoint(sql: ReadSql): Fragment {
  return sql`(select 1) as one left join lateral (
    select phase, applied_lsn, committed_at from projection_checkpoint
    order by (phase = 'live') desc, source_id limit 1
  ) cp on true`
}

export function headColumns(sql: ReadSql): Fragment {
  return sql`${freshnessColumns(sql)}, c.customer_id as card_id, c.merged_into`
}

/** The checkpoint and the customer's card, each of which may be missing; join the data to `c`. */
export function fromHead(sql: ReadSql, scope: Scope, customerId: string): Fragment {
  return sql`${fromCheckpoint(sql)}
    left join customer_card c on c.customer_id = ${customerId} and c.business_id = ${scope.businessId}`
}

/** `and <column> is visible`; nothing for a scope that sees all. */
export function visible(sql: ReadSql, scope: Scope, column: string): Fragment {
  if (scope.locations === 'all') return sql``
  return sql`and ${sql.unsafe(column) as never} = any (${uuidArray(scope.locations)}::uuid[])`
}

/** An array literal: the driver knows no array types, as it is told not to ask for them. */
export function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`
}

/** Throws ReadModelBuilding unless the read model is whole. */
export function asOfRow(row: FreshnessRow | undefined): AsOf {
  if (row?.phase !== 'live') throw new ReadModelBuilding(row?.phase ?? 'not started')
  return { lsn: row.lsn!, committedAt: row.committed_at }
}

/**
 * Runs `query` for the customer, or for whom the customer was merged into. One statement in the
 * common case; after a merge the chain is resolved and the query asked again for the survivor, until
 * the query's own snapshot says that it has the survivor. Null: no such customer in this tenant.
 */
export async function forCustomer<Row extends HeadRow, T>(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
  query: (survivorId: string) => Promise<readonly Row[]>,
  toValue: (rows: readonly Row[]) => T,
): Promise<Answer<T> | null> {
  let id = customerId
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const rows = await query(id)
    const head = rows[0]
    const asOf = asOfRow(head)
    if (!head?.card_id) return null
    if (head.merged_into === null) {
      const mergedFrom = id === customerId ? null : customerId
      return { customerId: id, mergedFrom, asOf, value: toValue(rows) }
    }
    const survivor = await survivorOf(sql, scope, id)
    if (survivor === null) return null
    id = survivor
  }
  return null
}

/** Merges would have to keep coming, one between each two statements, to use these up. */
const MAX_ATTEMPTS = 4
/** Longer chains are taken for loops, which the source's own checks do not rule out. */
const MAX_CHAIN = 64

async function survivorOf(sql: ReadSql, scope: Scope, customerId: string): Promise<string | null> {
  const [end] = await sql<{ customer_id: string }[]>`
    with recursive chain as (
      select customer_id, merged_into, 1 as depth from customer_card
      where customer_id = ${customerId} and business_id = ${scope.businessId}
      union all
      select c.customer_id, c.merged_into, chain.depth + 1
      from chain join customer_card c
        on c.customer_id = chain.merged_into and c.business_id = ${scope.businessId}
      where chain.depth < ${MAX_CHAIN}
    )
    select customer_id from chain where merged_into is null`
  return end?.customer_id ?? null
}
