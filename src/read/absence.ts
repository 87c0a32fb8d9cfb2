/** That a customer is not there, as an answer with a position: so that a cache can tell how old it is. */
import type { Scope } from '../domain/scope.ts'
import { asOfRow, fromHead, type HeadRow, headColumns } from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

export interface Absence {
  /** The read model's position at which the tenant has no such customer. */
  position: string
}

/** Null when the tenant has a card under this id, whatever it leads to. */
export async function readAbsence(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
): Promise<Absence | null> {
  const query = sql`select ${headColumns(sql)} from ${fromHead(sql, scope, customerId)}`
  const [head] = await tenantRows<HeadRow>(sql, scope, query)
  asOfRow(head)
  return head!.card_id === null ? { position: head!.position } : null
}
