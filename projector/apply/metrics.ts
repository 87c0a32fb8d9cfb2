/** Metrics made anew from the timeline: after a copy, and where a change names no rows. */
import type { ReservedSql } from 'postgres'
import { METRICS_OF_TIMELINE } from './statements.ts'

/** In the current transaction, of the generation that the connection's search path names. */
export async function rebuildMetrics(sql: ReservedSql): Promise<void> {
  await sql.unsafe('delete from customer_metrics')
  await sql.unsafe(
    `insert into customer_metrics (business_id, customer_id, location_id, currency, order_count,
      return_count, exchange_count, net, refunded, first_purchase_at, last_purchase_at)
     ${METRICS_OF_TIMELINE}`,
  )
}
