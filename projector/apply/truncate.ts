/**
 * TRUNCATE on the source, projected as statements over the whole read model: the one change that names
 * no rows. Metrics are then built again from what is left.
 */
import type { ReservedSql, Sql } from 'postgres'
import { CARDS, isCardTable } from '../project/directory.ts'
import { PURCHASE_TABLES } from '../project/purchase.ts'
import type { TableName } from '../source/tables.ts'
import { METRICS_OF_TIMELINE } from './statements.ts'

const EMPTIED = {
  lines: "lines = '[]', item_count = 0, refunded = 0",
  payments: "payments = '[]'",
}

export async function truncateTables(sql: ReservedSql, tables: readonly TableName[]) {
  for (const name of tables) {
    if (isCardTable(name)) {
      await sql.unsafe(`delete from ${CARDS[name].table}`)
      continue
    }
    const { kind, part } = PURCHASE_TABLES[name]
    if (part !== 'header') {
      await sql.unsafe(`update purchase_timeline set ${EMPTIED[part]} where kind = '${kind}'`)
      continue
    }
    await sql.unsafe(`delete from purchase_timeline where kind = '${kind}'`)
    if (kind === 'sale') {
      // No sale settles an order any more.
      await sql.unsafe(`update purchase_timeline set settled_by = null, listed = true,
        counted = (status = 'closed') where kind = 'order' and settled_by is not null`)
    }
  }
  await rebuildMetrics(sql)
}

/** Metrics anew from the timeline, in the current transaction. */
async function rebuildMetrics(sql: ReservedSql) {
  await sql.unsafe('delete from customer_metrics')
  await sql.unsafe(
    `insert into customer_metrics (business_id, customer_id, location_id, currency, order_count,
      return_count, exchange_count, net, refunded, first_purchase_at, last_purchase_at)
     ${METRICS_OF_TIMELINE}`,
  )
}

/** Forgets everything that is projected, checkpoint and all. */
export async function emptyReadModel(sql: Sql): Promise<void> {
  await sql`
    truncate purchase_timeline, customer_metrics, customer_card, location_card, employee_card,
      projection_checkpoint, dead_letter, cache_outbox`
}
