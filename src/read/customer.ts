/**
 * What the queries about one customer share: how fresh the answer is, whether the customer is there,
 * and where an id leads after a merge. Freshness comes with the data, in one statement and so in one
 * snapshot; an answer can never claim to be newer than its rows.
 */
import type { Fragment } from 'postgres'
import { type Scope, seenLocations } from '../domain/scope.ts'
import { ReadModelBuilding, type ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** How fresh an answer is: all source transactions up to `lsn` are in it. */
export interface AsOf {
  /** As Postgres prints it. */
  lsn: string
  /** When the last of them was committed on the source; null when there was none yet. */
  committedAt: string | null
  /** When several sources feed the read model: up to where each is in it. `lsn` is then the position. */
  sources?: Record<string, string>
}

/** An answer about a customer. */
export interface Answer<T> {
  /** Whose data it is: the survivor, when the id that was asked for has been merged. */
  customerId: string
  /** The id that was asked for, when it is not the survivor's. */
  mergedFrom: string | null
  asOf: AsOf
  /** The read model's position (see `src/schema/read.ts`), by which the cache tells what is newer. */
  position: string
  value: T
}

export interface FreshnessRow {
  phase: string | null
  position: string
  lsn: string | null
  committed_at: string | null
  sources: Record<string, string> | null
}

export interface HeadRow extends FreshnessRow {
  card_id: string | null
  merged_into: string | null
  erased: boolean
}

/** The person was erased: there is nothing to tell, and nothing to keep. */
export class CustomerErased extends Error {
  override readonly name = 'CustomerErased'
  readonly customerId: string
  constructor(customerId: string) {
    super('the customer was erased')
    this.customerId = customerId
  }
}

/** A timestamptz as canonical text, whatever the session's time zone and DateStyle. */
export function instantText(sql: Pick<ReadSql, 'unsafe'>, column: string): Fragment {
  return sql.unsafe(
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  ) as never
}

/** Of `read_model rm`, which is always one row. */
export function freshnessColumns(sql: ReadSql): Fragment {
  return sql`rm.phase, rm.position::text, rm.lsn::text, ${instantText(sql, 'rm.committed_at')} as committed_at,
    rm.sources`
}

export function headColumns(sql: ReadSql): Fragment {
  return sql`${freshnessColumns(sql)}, c.customer_id as card_id, c.merged_into,
    c.status = 'erased' as erased`
}

/**
 * The read model's state and the customer's card, which may be missing; join the data to `c`. Sources
 * that share customers have a card each: she is erased as soon as one says so, merged when all do.
 * With another id asked for, the card is there only while that one leads to it: a merge may be undone
 * between the statement that found out and this one.
 */
export function fromHead(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
  askedFor = customerId,
): Fragment {
  const isLedTo = sql`and ${customerId}::uuid = (${survivor(sql, scope, askedFor)})`
  return sql`read_model rm
    left join lateral (
      select customer_id, business_id, merged_into, status from customer_card
      where customer_id = ${customerId} and business_id = ${scope.businessId}
        ${askedFor === customerId ? sql`` : isLedTo}
      order by ${cardOrder(sql)} limit 1
    ) c on true`
}

/** Which of several sources' cards of a customer is the one to go by. */
export function cardOrder(sql: ReadSql): Fragment {
  return sql`status <> 'erased', status = 'merged', source_id`
}

/** Of a card's phone number what confirms it, and is no number to carry away; null where it has fewer digits. */
export function phoneEnding(sql: Pick<ReadSql, 'unsafe'>, column: string): Fragment {
  return sql.unsafe(`substring(regexp_replace(${column}, '\\D', '', 'g') from '\\d{4}$')`) as never
}

/** `and <column> is of a location that is seen`; nothing for a scope that sees all. */
export function visible(sql: ReadSql, scope: Scope, column: string): Fragment {
  const seen = seenLocations(scope)
  if (seen === 'all') return sql``
  return sql`and ${sql.unsafe(column) as never} = any (${uuidArray(seen)}::uuid[])`
}

/** An array literal: the driver knows no array types, as it is told not to ask for them. */
export function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`
}

/** Throws ReadModelBuilding unless the read model is whole. */
export function asOfRow(row: FreshnessRow | undefined): AsOf {
  if (row?.phase !== 'live') throw new ReadModelBuilding(row?.phase ?? 'not started')
  const { lsn, committed_at: committedAt, sources } = row
  return { lsn: lsn!, committedAt, ...(sources && { sources }) }
}

/**
 * Runs `query` for the customer, or for whom the customer was merged into. One statement in the
 * common case; after a merge the chain is resolved and the query asked again for the survivor, until
 * the query's own snapshot says that it has the survivor. Null: no such customer in this tenant.
 * Throws CustomerErased.
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
    if (!head?.card_id) {
      if (id === customerId) return null
      id = customerId
      continue
    }
    if (head.erased) throw new CustomerErased(id)
    if (head.merged_into === null) {
      const mergedFrom = id === customerId ? null : customerId
      const { position } = head
      return { customerId: id, mergedFrom, asOf, position, value: toValue(rows) }
    }
    const survivor = await survivorOf(sql, scope, id)
    if (survivor === null) return null
    id = survivor
  }
  return null
}

/** Merges and their undoing would have to keep coming, one between each two statements, to use these up. */
const MAX_ATTEMPTS = 8
/** Longer chains are taken for loops, which the source's own checks do not rule out. */
const MAX_CHAIN = 64

async function survivorOf(sql: ReadSql, scope: Scope, customerId: string): Promise<string | null> {
  const query = survivor(sql, scope, customerId)
  const [end] = await tenantRows<{ customer_id: string }>(sql, scope, query)
  return end?.customer_id ?? null
}

/**
 * Whose a purchase is, by its row's column, as a subquery of `customer_id`, `name`, `external_ref` and `status`: the
 * survivor's card. No row for a guest's, and none for whom was erased.
 */
export function owner(sql: ReadSql, scope: Scope, column: string): Fragment {
  const customerId = sql.unsafe(column) as never
  return sql`
    select customer_id, name, external_ref, status from (
      select customer_id, name, external_ref, status from customer_card
      where customer_id = (${survivor(sql, scope, customerId)}) and business_id = ${scope.businessId}
      order by ${cardOrder(sql)} limit 1
    ) card where status <> 'erased'`
}

/** Where the id leads to, over whatever merges; no row when it leads nowhere. */
function survivor(sql: ReadSql, scope: Scope, customerId: string | Fragment): Fragment {
  return sql`
    with recursive chain as (
      (select customer_id, merged_into, 1 as depth from customer_card
       where customer_id = ${customerId} and business_id = ${scope.businessId}
       order by ${cardOrder(sql)} limit 1)
      union all
      select c.customer_id, c.merged_into, chain.depth + 1
      from chain cross join lateral (
        select customer_id, merged_into from customer_card
        where customer_id = chain.merged_into and business_id = ${scope.businessId}
        order by ${cardOrder(sql)} limit 1
      ) c
      where chain.depth < ${MAX_CHAIN}
    )
    select customer_id from chain where merged_into is null`
}
