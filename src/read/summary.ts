/** A customer's totals per currency, over the locations that the scope shows. */
import { type CurrencyTotals, type Figures, sumByCurrency } from '../domain/counting.ts'
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  forCustomer,
  fromHead,
  type HeadRow,
  headColumns,
  instantText,
  visible,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** Totals with their times exact to the microsecond, as canonical text. */
export interface Totals extends Omit<CurrencyTotals, 'firstPurchaseAt' | 'lastPurchaseAt'> {
  firstPurchaseAt: string | null
  lastPurchaseAt: string | null
}

interface CellRow extends HeadRow {
  currency: string | null
  order_count: number
  return_count: number
  exchange_count: number
  net: string
  refunded: string
  first_at: string | null
  last_at: string | null
}

/** Null when the tenant has no such customer. */
export function readSummary(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
): Promise<Answer<Totals[]> | null> {
  const query = (id: string) =>
    tenantRows<CellRow>(
      sql,
      scope,
      sql`
      select ${headColumns(sql)}, m.currency, m.order_count, m.return_count, m.exchange_count,
        m.net, m.refunded,
        ${instantText(sql, 'm.first_purchase_at')} as first_at,
        ${instantText(sql, 'm.last_purchase_at')} as last_at
      from ${fromHead(sql, scope, id, customerId)}
      left join customer_metrics m on m.customer_id = c.customer_id
        and m.business_id = c.business_id and c.merged_into is null
        ${visible(sql, scope, 'm.location_id')}`,
    )
  return forCustomer(sql, scope, customerId, query, totalsOf)
}

/** A currency in which nothing counts (all voided since) is no line of the summary. */
function totalsOf(rows: readonly CellRow[]): Totals[] {
  const cells = rows.filter((row) => row.currency && (row.order_count > 0 || row.return_count > 0))
  return sumByCurrency(cells.map(figuresOf)).map((sum) => {
    const times = cells.filter((cell) => cell.currency === sum.currency)
    return {
      ...sum,
      firstPurchaseAt: extreme(times.map((cell) => cell.first_at)),
      lastPurchaseAt: extreme(
        times.map((cell) => cell.last_at),
        true,
      ),
    }
  })
}

function figuresOf(row: CellRow): Figures {
  return {
    currency: row.currency!,
    orderCount: row.order_count,
    returnCount: row.return_count,
    exchangeCount: row.exchange_count,
    net: BigInt(row.net),
    refunded: BigInt(row.refunded),
    firstPurchaseAt: row.first_at === null ? null : Date.parse(row.first_at),
    lastPurchaseAt: row.last_at === null ? null : Date.parse(row.last_at),
  }
}

/** The first or last of canonical instants, which sort as text. */
function extreme(instants: (string | null)[], last = false): string | null {
  const known = instants.filter((at) => at !== null).sort()
  return (last ? known.at(-1) : known[0]) ?? null
}
