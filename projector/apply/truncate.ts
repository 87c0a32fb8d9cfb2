/**
 * TRUNCATE on the source, projected as statements over the whole read model: the one change that names
 * no rows. Metrics are then built again from what is left.
 */
import type { ReservedSql } from 'postgres'
import { CARDS, isCardTable } from '../project/directory.ts'
import { NO_TIME, PURCHASE_TABLES } from '../project/purchase.ts'
import type { TableName } from '../source/tables.ts'
import { rebuildMetrics } from './metrics.ts'

const EMPTIED = {
  lines: "lines = '[]', item_count = 0, top_product = null, top_variant = null, refunded = 0",
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
      await sql.unsafe(`update purchase_timeline set settled_by = null,
        listed = (occurred_at <> '${NO_TIME}'), counted = (occurred_at <> '${NO_TIME}' and status = 'closed')
        where kind = 'order' and settled_by is not null`)
    }
  }
  await rebuildMetrics(sql)
}
