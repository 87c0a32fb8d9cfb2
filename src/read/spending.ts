/**
 * What a customer spent in each month, over the locations that the scope shows. Summed from the purchases when it
 * is asked for: kept as a table it would be more rows for the projector to write, for a figure that is read for
 * one customer at a time.
 */
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  forCustomer,
  fromHead,
  type HeadRow,
  headColumns,
  visible,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** What counts of one month in one currency. Money in minor units. */
export interface MonthlySpending {
  /** `2011-12`, on the clock of each purchase's location; UTC's where that has none. */
  month: string
  currency: string
  /** net + refunded. */
  gross: bigint
  refunded: bigint
  net: bigint
  /** Without returns. */
  orderCount: number
}

interface MonthRow extends HeadRow {
  month: string | null
  currency: string
  net: string
  refunded: string
  order_count: number
}

/** Oldest first, then by currency; months without purchases are left out. Null: no such customer in this tenant. */
export function readSpending(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
): Promise<Answer<MonthlySpending[]> | null> {
  const query = (id: string) =>
    tenantRows<MonthRow>(
      sql,
      scope,
      sql`
      with zones as materialized (
        select location_id, source_id, known_time_zone(timezone) as zone from location_card
        where business_id = ${scope.businessId} ${visible(sql, scope, 'location_id')}
      )
      select ${headColumns(sql)}, to_char(s.month, 'YYYY-MM') as month, s.currency, s.net, s.refunded,
        s.order_count
      from ${fromHead(sql, scope, id, customerId)}
      left join lateral (
        select date_trunc('month', t.occurred_at at time zone coalesce(z.zone, 'UTC')) as month,
          t.currency, sum(t.total) as net, sum(t.refunded) as refunded,
          (count(*) filter (where t.type <> 'return'))::int as order_count
        from purchase_timeline t
        left join zones z on z.location_id = t.location_id and z.source_id = t.source_id
        where t.business_id = ${scope.businessId} and t.customer_id = ${id} and t.listed and t.counted
          ${visible(sql, scope, 't.location_id')}
        group by 1, 2
      ) s on c.customer_id is not null and c.merged_into is null
      order by s.month, s.currency`,
    )
  return forCustomer(sql, scope, customerId, query, (rows) =>
    rows.filter((row) => row.month !== null).map(spendingOf),
  )
}

function spendingOf(row: MonthRow): MonthlySpending {
  const net = BigInt(row.net)
  const refunded = BigInt(row.refunded)
  const { currency, order_count: orderCount } = row
  return { month: row.month!, currency, gross: net + refunded, refunded, net, orderCount }
}
