/** What a dead letter is about: the purchases and cards that its kept change would have changed. */
import type { PagedTable } from '../copy/source-pages.ts'
import { isCardTable } from '../project/directory.ts'
import { PURCHASE_TABLES, type PurchaseTable } from '../project/purchase.ts'
import { type SourceTable, tableNamed } from '../source/tables.ts'

/** A change as `describeChange` keeps it. */
export interface KeptChange {
  table: string
  new?: Record<string, string | null>
  old?: Record<string, string | null>
}

/** What is written anew as a whole: a purchase, or a row of the directory. */
export interface Target {
  name: PagedTable
  id: string
}

/** A row that has moved is of two purchases, or was under two ids. */
export function targetsOf({ table: name, new: row, old }: KeptChange): Target[] {
  const table = tableNamed(name)
  if (!table) return []
  const paged = pagedOf(table)
  const key = paged === table.name ? 'id' : `${paged}_id`
  const ids = [old?.[key], row?.[key]].filter((id) => typeof id === 'string')
  return [...new Set(ids)].map((id) => ({ name: paged, id }))
}

function pagedOf({ name }: SourceTable): PagedTable {
  return isCardTable(name) ? name : PURCHASE_TABLES[name as PurchaseTable].kind
}
