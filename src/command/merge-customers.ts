/** Two cards, one person: all purchases of one customer become another's, and can be told apart again. */
import type { Statements } from '../postgres/held-connection.ts'
import { countPurchases, holdCustomers, type PurchaseCounts } from './customers.ts'
import { Refusal } from './refusal.ts'

export interface MergeInput {
  businessId: string
  /** Lower case, as all ids here. */
  fromCustomerId: string
  intoCustomerId: string
  /** The employee; null for a service. */
  mergedBy: string | null
  reason: string | null
  /** Says what would be moved, or refuses, and changes and locks nothing. */
  dryRun?: boolean
}

export interface MergeResult {
  /** For unmerging; null of a dry run. */
  mergeId: string | null
  moved: PurchaseCounts
}

/**
 * Merges `from` into `into`: every purchase moves, the ledger keeps which, and the old id leads to the
 * survivor from now on. Purchases that come for the old id later are the survivor's too.
 * @throws Refusal `customer-not-found`, `into-itself`, `already-merged`, `target-merged`, `erased`, `blocked`
 */
export async function mergeCustomers(tx: Statements, input: MergeInput): Promise<MergeResult> {
  const { businessId, fromCustomerId: from, intoCustomerId: into, dryRun = false } = input
  if (from === into) {
    throw new Refusal('into-itself', `customer ${from} cannot be merged into itself`, from)
  }
  const customers = await holdCustomers(tx, businessId, {
    [from]: dryRun ? 'none' : 'leaves',
    [into]: dryRun ? 'none' : 'stays',
  })
  for (const [id, merged] of [
    [from, 'already-merged'],
    [into, 'target-merged'],
  ] as const) {
    const { status } = customers[id]!
    if (status === 'active') continue
    const reason = status === 'merged' ? merged : status
    throw new Refusal(reason, `customer ${id} is ${status} and cannot be merged`, id)
  }
  if (dryRun) return { mergeId: null, moved: await countPurchases(tx, from) }

  const [merge] = await tx<{ id: string }[]>`
    insert into customer_merge (business_id, from_customer_id, into_customer_id, merged_by, reason)
    values (${businessId}, ${from}, ${into}, ${input.mergedBy}, ${input.reason})
    returning id::text`
  const mergeId = merge!.id
  const note = tx`insert into customer_merge_purchase (business_id, merge_id, purchase_kind, purchase_id)`
  const sales = await tx`${note}
    select ${businessId}::uuid, ${mergeId}::uuid, 'sale', id from sale where customer_id = ${from}`
  const orders = await tx`${note}
    select ${businessId}::uuid, ${mergeId}::uuid, 'order', id from "order" where customer_id = ${from}`
  // The purchases follow their customer: a rule of the source (customer_gone).
  await tx`update customer set status = 'merged', merged_into_id = ${into} where id = ${from}`
  return { mergeId, moved: { sale: sales.count, order: orders.count } }
}
