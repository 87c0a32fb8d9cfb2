/** Who a customer is: what a till shows above the purchases, and no more of the contact than confirms it. */
import type { CustomerStatus } from '../domain/purchase.ts'
import type { Scope } from '../domain/scope.ts'
import {
  type Answer,
  cardOrder,
  forCustomer,
  fromHead,
  type HeadRow,
  headColumns,
  phoneEnding,
} from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

interface CustomerCard {
  name: string | null
  externalRef: string | null
  /** The last four digits; null where there is no number of that length. */
  phoneEnding: string | null
  status: CustomerStatus
}

interface CardRow extends HeadRow {
  name: string | null
  external_ref: string | null
  phone_ending: string | null
  status: CustomerStatus
}

/** Null when the tenant has no such customer. Throws CustomerErased. */
export function readCard(
  sql: ReadSql,
  scope: Scope,
  customerId: string,
): Promise<Answer<CustomerCard> | null> {
  const query = (id: string) =>
    tenantRows<CardRow>(
      sql,
      scope,
      sql`
      select ${headColumns(sql)}, d.name, d.external_ref, d.status,
        ${phoneEnding(sql, 'd.phone')} as phone_ending
      from ${fromHead(sql, scope, id)}
      left join lateral (
        select name, external_ref, phone, status from customer_card
        where customer_id = c.customer_id and business_id = ${scope.businessId}
        order by ${cardOrder(sql)} limit 1
      ) d on true`,
    )
  return forCustomer(sql, scope, customerId, query, ([row]) => ({
    name: row!.name,
    externalRef: row!.external_ref,
    phoneEnding: row!.phone_ending,
    status: row!.status,
  }))
}
