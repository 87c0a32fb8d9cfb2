/** Whose a purchase is, as a person says: a guest's receipt that turns up again, or a mistake at the till. */

import type { PurchaseKind } from '../domain/purchase.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { holdChain } from './customers.ts'
import { Refusal } from './refusal.ts'

export interface AttributionInput {
  businessId: string
  /** A sale or an order; lower case, as all ids here. */
  purchaseId: string
  /** Whose it is; null: a guest's. */
  customerId: string | null
}

export interface AttributionResult {
  kind: PurchaseKind
  /** Whose it was; null: a guest's. */
  formerCustomerId: string | null
  /** Whose it is now: the survivor, when the given customer has been merged. */
  customerId: string | null
}

interface PurchaseRow {
  kind: PurchaseKind
  customer_id: string | null
}

/**
 * Attributes a purchase to a customer, or to nobody. An order and the sales that settle it are one
 * purchase: those of the same owner move together. From now on it stays where it was put, whatever merge
 * is undone.
 * @throws Refusal `purchase-not-found`, `customer-not-found`, `erased`, `blocked`
 */
export async function attributePurchase(
  tx: Statements,
  { businessId, purchaseId, customerId }: AttributionInput,
): Promise<AttributionResult> {
  // The customer first, as merges do.
  const owner = customerId && (await heldOwner(tx, businessId, customerId))
  const [purchase] = await tx<PurchaseRow[]>`
    select 'sale' as kind, customer_id::text from sale
    where id = ${purchaseId} and business_id = ${businessId} for no key update`
  const [order] = purchase
    ? []
    : await tx<PurchaseRow[]>`
        select 'order' as kind, customer_id::text from "order"
        where id = ${purchaseId} and business_id = ${businessId} for no key update`
  const found = purchase ?? order
  if (!found) {
    const message = `the business has no purchase ${purchaseId}`
    throw new Refusal('purchase-not-found', message, purchaseId)
  }
  await tx`
    with sales as (
      update sale set customer_id = ${owner}
      where (id = ${purchaseId} or order_id = ${purchaseId})
        and customer_id is not distinct from ${found.customer_id} returning id),
    orders as (
      update "order" set customer_id = ${owner}
      where (id = ${purchaseId} or id = (select order_id from sale where id = ${purchaseId}))
        and customer_id is not distinct from ${found.customer_id} returning id)
    delete from customer_merge_purchase
    where purchase_id in (select id from sales union all select id from orders)`
  return { kind: found.kind, formerCustomerId: found.customer_id, customerId: owner }
}

async function heldOwner(tx: Statements, businessId: string, customerId: string): Promise<string> {
  const { id, status } = (await holdChain(tx, businessId, customerId)).at(-1)!
  if (status === 'erased' || status === 'blocked') {
    throw new Refusal(status, `customer ${id} is ${status} and gets no purchases`, id)
  }
  return id
}
