/** Whose a purchase is, as a person says: a guest's receipt that turns up again, or a mistake at the till. */

import { EVIDENCE, type Evidence, type PurchaseKind } from '../domain/purchase.ts'
import { actsAt, type Scope } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { holdChain } from './customers.ts'
import { Refusal } from './refusal.ts'

export interface AttributionInput {
  scope: Scope
  /** A sale or an order; lower case, as all ids here. */
  purchaseId: string
  /** Whose it is; null: a guest's. */
  customerId: string | null
  /** How sure that is. */
  evidence: Evidence
  note: string | null
  /** The employee; null for a service. */
  attributedBy: string | null
  /** Whether it may be taken from a customer; else only a guest's finds its owner. */
  mayMove: boolean
  /** Whether this stands against stronger evidence, too. */
  overrule: boolean
}

interface AttributionResult {
  kind: PurchaseKind
  /** Whose it was; null: a guest's. */
  formerCustomerId: string | null
  /** How sure that was; null: nobody said so, a till wrote it. */
  formerEvidence: Evidence | null
  /** Whose it is now: the survivor, when the given customer has been merged. */
  customerId: string | null
}

interface PurchaseRow {
  kind: PurchaseKind
  customer_id: string | null
  location_id: string
}

/**
 * Attributes a purchase to a customer, or to nobody, and keeps who said so. An order and the sales that
 * settle it are one purchase: those of the same owner move together. From now on it stays where it was put,
 * whatever merge is undone.
 * @throws Refusal `purchase-not-found`, `customer-not-found`, `erased`, `blocked`, `not-permitted`,
 * `stronger-evidence`
 */
export async function attributePurchase(
  tx: Statements,
  input: AttributionInput,
): Promise<AttributionResult> {
  const { scope, purchaseId, customerId, evidence, note, attributedBy } = input
  const { businessId } = scope
  // The customer first, as merges do.
  const owner = customerId && (await heldOwner(tx, businessId, customerId))
  const { kind, customer_id: former } = await holdPurchase(tx, scope, purchaseId)
  if (former !== null && former !== owner && !input.mayMove) {
    const message = `purchase ${purchaseId} is a customer's already: to move it takes another role`
    throw new Refusal('not-permitted', message, purchaseId)
  }
  const formerEvidence = former === null ? null : await readEvidence(tx, purchaseId, former)
  if (formerEvidence && rank(formerEvidence) > rank(evidence) && !input.overrule) {
    const message = `whose purchase ${purchaseId} is was ${formerEvidence}`
    throw new Refusal('stronger-evidence', message, purchaseId)
  }
  await tx`
    with sales as (
      update sale set customer_id = ${owner}
      where (id = ${purchaseId} or order_id = ${purchaseId})
        and customer_id is not distinct from ${former} returning id),
    orders as (
      update "order" set customer_id = ${owner}
      where (id = ${purchaseId} or id = (select order_id from sale where id = ${purchaseId}))
        and customer_id is not distinct from ${former} returning id),
    moved as (select 'sale' as kind, id from sales union all select 'order', id from orders),
    unclaimed as (
      delete from customer_merge_purchase where purchase_id in (select id from moved))
    insert into purchase_attribution (business_id, purchase_kind, purchase_id, from_customer_id,
      to_customer_id, evidence, note, attributed_by)
    select ${businessId}::uuid, kind, id, ${former}::uuid, ${owner}::uuid, ${evidence}::text,
      ${note}::text, ${attributedBy}::uuid
    from moved`
  return { kind, formerCustomerId: former, formerEvidence, customerId: owner }
}

async function heldOwner(tx: Statements, businessId: string, customerId: string): Promise<string> {
  const { id, status } = (await holdChain(tx, businessId, customerId)).at(-1)!
  if (status === 'erased' || status === 'blocked') {
    throw new Refusal(status, `customer ${id} is ${status} and gets no purchases`, id)
  }
  return id
}

async function holdPurchase(tx: Statements, scope: Scope, id: string): Promise<PurchaseRow> {
  const { businessId } = scope
  const [sale] = await tx<PurchaseRow[]>`
    select 'sale' as kind, customer_id::text, location_id::text from sale
    where id = ${id} and business_id = ${businessId} for no key update`
  const [order] = sale
    ? []
    : await tx<PurchaseRow[]>`
        select 'order' as kind, customer_id::text, location_id::text from "order"
        where id = ${id} and business_id = ${businessId} for no key update`
  const found = sale ?? order
  if (found && actsAt(scope, found.location_id)) return found
  throw new Refusal('purchase-not-found', `the business has no purchase ${id}`, id)
}

/** How sure it is that the purchase is its owner's: what was said last, if a till did not move it since. */
async function readEvidence(
  tx: Statements,
  purchaseId: string,
  owner: string,
): Promise<Evidence | null> {
  const [row] = await tx<{ evidence: Evidence }[]>`
    with recursive last as (
      select evidence, to_customer_id from purchase_attribution
      where purchase_id = ${purchaseId} order by id desc limit 1),
    chain as (
      select to_customer_id as id from last
      union select merged_into_id from chain join customer using (id))
    select evidence from last where ${owner} in (select id from chain)`
  return row?.evidence ?? null
}

function rank(evidence: Evidence): number {
  return EVIDENCE.indexOf(evidence)
}
