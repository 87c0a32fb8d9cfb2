/**
 * What has had its time goes: people who have not bought for years are forgotten as if they had asked for it,
 * old rows of the audit and old notes of Idempotency-Keys are deleted. In small transactions: tills wait for
 * none of them for long, and whoever runs it again goes on where it was left.
 */
import { commit, look } from '../command/commit.ts'
import { eraseCustomer, holdPerson } from '../command/erase-customer.ts'
import { KEY_DAYS } from '../command/perform.ts'
import { Refusal } from '../command/refusal.ts'
import { scopeOf } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'

interface RetentionOptions {
  sourceUrl: string
  businessId: string
  /** Who has not bought for so many years, and was not new then, is forgotten. */
  years: number
  /** How long the audit is kept. */
  auditMonths: number
  /** Only count. */
  dryRun: boolean
  /** Ends it behind the transaction at hand. */
  signal: AbortSignal
  /** Called behind each transaction, with the counts so far. */
  onProgress?(counts: RetentionCounts): void
}

export interface RetentionCounts {
  /** People; predecessors that were merged into them are not counted. */
  customers: number
  /** Their purchases, nobody's from now on; of a dry run not counted: 0. */
  purchases: number
  auditRows: number
  idempotencyKeys: number
}

/** Law in most places wants the audit for a year; one month more, so that a year's review has it all. */
export const AUDIT_MONTHS = 13

const CUSTOMERS_A_TRANSACTION = 50
const ROWS_A_TRANSACTION = 5_000
const COUNTED_A_LOOK = 2_000

/** Resolves to the counts, also when it was ended early. Rejects with SourceUnavailable. */
export async function retain(options: RetentionOptions): Promise<RetentionCounts> {
  const counts = { customers: 0, purchases: 0, auditRows: 0, idempotencyKeys: 0 }
  const { sourceUrl, years, auditMonths } = options
  const [cutoffs] = await look(
    sourceUrl,
    (sql) => sql<{ bought: string; audited: string; answered: string }[]>`
      select (now() - make_interval(years => ${years}))::text as bought,
        (now() - make_interval(months => ${auditMonths}))::text as audited,
        (now() - make_interval(days => ${KEY_DAYS}))::text as answered`,
  )
  const { bought, audited, answered } = cutoffs!
  await forgetIdle(options, bought, counts)
  await deleteOld(options, 'access_audit', 'at', audited, (rows) => {
    counts.auditRows += rows
    options.onProgress?.(counts)
  })
  await deleteOld(options, 'idempotency_key', 'created_at', answered, (rows) => {
    counts.idempotencyKeys += rows
    options.onProgress?.(counts)
  })
  return counts
}

async function forgetIdle(options: RetentionOptions, cutoff: string, counts: RetentionCounts) {
  const { sourceUrl, businessId, dryRun, signal, onProgress } = options
  const atOnce = dryRun ? COUNTED_A_LOOK : CUSTOMERS_A_TRANSACTION
  for (let after = '00000000-0000-0000-0000-000000000000'; !signal.aborted; ) {
    const page = (sql: Statements) => idleCustomers(sql, businessId, cutoff, after, atOnce)
    if (dryRun) {
      const ids = await look(sourceUrl, page)
      counts.customers += ids.length
      after = ids.at(-1) ?? ''
    } else {
      const { result } = await commit(sourceUrl, async (tx) => {
        const ids = await page(tx)
        return { last: ids.at(-1) ?? '', ...(await forget(tx, businessId, cutoff, ids)) }
      })
      counts.customers += result.customers
      counts.purchases += result.purchases
      after = result.last
    }
    onProgress?.(counts)
    if (after === '') return
  }
}

async function idleCustomers(
  sql: Statements,
  businessId: string,
  cutoff: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select c.id::text from customer c
    where c.business_id = ${businessId} and c.id > ${after}::text::uuid and ${isIdle(sql, cutoff)}
    order by c.id limit ${limit}`
  return rows.map(({ id }) => id)
}

/** Of a customer `c`: not merged, as the survivor speaks for the person; not new; and no purchase since. */
function isIdle(sql: Statements, cutoff: string) {
  return sql`c.status in ('active', 'blocked') and c.created_at < ${cutoff}::text::timestamptz
    and not exists (select from sale s where s.customer_id = c.id
      and greatest(s.created_at, s.completed_at) >= ${cutoff}::text::timestamptz)
    and not exists (select from "order" o where o.customer_id = c.id
      and greatest(o.opened_at, o.closed_at) >= ${cutoff}::text::timestamptz)`
}

async function forget(tx: Statements, businessId: string, cutoff: string, ids: readonly string[]) {
  const done = { customers: 0, purchases: 0 }
  const scope = await scopeOf(businessId, '*')
  for (const customerId of ids) {
    try {
      // Held first: who buys at this moment is not idle any more.
      await holdPerson(tx, businessId, customerId)
      const [idle] = await tx`
        select 1 from customer c where c.id = ${customerId} and ${isIdle(tx, cutoff)}`
      if (!idle) continue
      const { detached } = await eraseCustomer(tx, { scope, customerId, requestedBy: null })
      await tx`
        insert into access_audit (business_id, role, action, customer_id, outcome)
        values (${businessId}, 'service', 'retention', ${customerId}, 'done')`
      done.customers += 1
      done.purchases += detached.sale + detached.order
    } catch (error) {
      // Merged, erased or deleted since it was looked for.
      if (!(error instanceof Refusal)) throw error
    }
  }
  return done
}

async function deleteOld(
  { sourceUrl, businessId, dryRun, signal }: RetentionOptions,
  table: 'access_audit' | 'idempotency_key',
  column: string,
  cutoff: string,
  onRows: (rows: number) => void,
) {
  const old = (sql: Statements) =>
    sql`business_id = ${businessId} and ${sql(column)} < ${cutoff}::text::timestamptz`
  if (dryRun) {
    const [row] = await look(
      sourceUrl,
      (sql) => sql<{ rows: number }[]>`
        select count(*)::int as rows from ${sql(table)} where ${old(sql)}`,
    )
    return onRows(row!.rows)
  }
  while (!signal.aborted) {
    const { result: rows } = await commit(sourceUrl, async (tx) => {
      // The audit lets nothing go but for this.
      await tx`select set_config('pt.retention', 'on', true)`
      const gone = await tx`
        delete from ${tx(table)} where ctid = any (array(
          select ctid from ${tx(table)} where ${old(tx)} limit ${ROWS_A_TRANSACTION}))`
      return gone.count
    })
    onRows(rows)
    if (rows < ROWS_A_TRANSACTION) return
  }
}
