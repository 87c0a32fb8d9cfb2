/** What the read model must hold, made from the source's current rows by the projector's own fold. */
import type { Sql } from 'postgres'
import { LSN_ZERO } from '../../src/domain/lsn.ts'
import { PURCHASE_COLUMNS, purchaseRow } from '../apply/rows.ts'
import type { PagedTable } from '../copy/source-pages.ts'
import { Batch, LIVE } from '../project/batch.ts'
import { CARDS, flawOfCard, isCardTable } from '../project/directory.ts'
import type { RowChange } from '../source/change.ts'

/** A row's texts by its key, in the order of `columns`. */
export type Rows = Map<string, (string | null)[]>

export interface Compared {
  /** Table of the read model. */
  table: string
  key: string
  columns: readonly string[]
  /** Restricts the read model's table to what comes from the source table. */
  condition: string
  /** Columns that say when, not what. */
  ignored: ReadonlySet<string>
  /** Whether values may be shown: a name or a phone number is not. */
  showValues: boolean
}

/** What a paged source table is compared with. */
export function comparedWith(name: PagedTable): Compared {
  if (isCardTable(name)) {
    const { table, columns } = CARDS[name]
    return {
      table,
      key: columns[0],
      columns,
      condition: 'true',
      ignored: new Set(),
      showValues: name === 'location',
    }
  }
  return {
    table: 'purchase_timeline',
    key: 'purchase_id',
    columns: PURCHASE_COLUMNS,
    condition: `kind = '${name}'`,
    ignored: new Set(['lsn']),
    showValues: true,
  }
}

/** The rows that follow from these source rows (parents and children of one paged table). */
export async function expectedRows(
  source: Sql,
  name: PagedTable,
  changes: RowChange[],
): Promise<Rows> {
  if (isCardTable(name)) {
    const rows: Rows = new Map()
    for (const change of changes) {
      const values = change.op === 'delete' ? change.old : change.values
      if (!flawOfCard(name, values)) rows.set(values[0]!, values as (string | null)[])
    }
    return rows
  }
  const batch = new Batch(LIVE)
  batch.addAll({ commitLsn: LSN_ZERO, ordinal: 0, changes })
  await batch.resolve(async () => new Map())
  const { inserts } = batch.result()
  if (name === 'order') {
    const orders = new Map(inserts.map(({ purchase }) => [purchase.id, purchase]))
    // A parameter of the array's own type: a cast from text would be parsed again for every sale.
    const settlements = await source.unsafe<{ order_id: string; sale_id: string }[]>(
      `select order_id::text, id::text as sale_id from sale
       where order_id is not null and order_id = any($1::uuid[])`,
      [`{${[...orders.keys()].join(',')}}`],
      { prepare: true },
    )
    for (const { order_id, sale_id } of settlements) orders.get(order_id)?.settledBy.add(sale_id)
  }
  return new Map(inserts.map(({ purchase, lsn }) => [purchase.id, purchaseRow(purchase, lsn)]))
}
