/** Two cards, one person: all purchases of one customer become another's, and can be told apart again. */
import type { Scope } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import {
  type CustomerRow,
  countPurchases,
  holdCustomers,
  noCustomer,
  type PurchaseCounts,
  readCustomers,
  seenOnly,
} from './customers.ts'
import { Refusal } from './refusal.ts'

interface MergePair {
  scope: Scope
  /** Lower case, as all ids here. */
  fromCustomerId: string
  intoCustomerId: string
}

interface MergeInput extends MergePair {
  /** The employee; null for a service. */
  mergedBy: string | null
  reason: string | null
}

interface MergeResult {
  /** For unmerging. */
  mergeId: string
  /** As far as the scope shows; all of them move. */
  moved: PurchaseCounts
}

/**
 * Merges `from` into `into`: every purchase moves, the ledger keeps which, and the old id leads to the
 * survivor from now on. Purchases that come for the old id later are the survivor's too.
 * @throws Refusal `customer-not-found`, `into-itself`, `already-merged`, `target-merged`, `erased`, `blocked`
 */
export async function mergeCustomers(tx: Statements, input: MergeInput): Promise<MergeResult> {
  const { scope, fromCustomerId: from, intoCustomerId: into } = input
  const { businessId } = scope
  if (from === into) throw intoItself(from)
  const customers = await holdCustomers(tx, businessId, { [into]: 'stays', [from]: 'leaves' })
  const [blocker] = blockersOf(from, into, Object.values(customers))
  if (blocker) throw blocker

  const [merge] = await tx<{ id: string }[]>`
    insert into customer_merge (business_id, from_customer_id, into_customer_id, merged_by, reason)
    values (${businessId}, ${from}, ${into}, ${input.mergedBy}, ${input.reason})
    returning id::text`
  const mergeId = merge!.id
  const note = (kind: keyof PurchaseCounts) => tx<{ count: number }[]>`
    with moved as (
      select id, location_id from ${tx(kind)} where customer_id = ${from}),
    noted as (
      insert into customer_merge_purchase (business_id, merge_id, purchase_kind, purchase_id)
      select ${businessId}::uuid, ${mergeId}::uuid, ${kind}::text, id from moved)
    select count(*)::int as count from moved where true ${seenOnly(tx, scope)}`
  const [sales] = await note('sale')
  const [orders] = await note('order')
  // The purchases follow their customer: a rule of the source (customer_gone).
  await tx`update customer set status = 'merged', merged_into_id = ${into} where id = ${from}`
  return { mergeId, moved: { sale: sales!.count, order: orders!.count } }
}

export interface MergePreview {
  /** As far as the scope shows. */
  moved: PurchaseCounts
  /** All that the merge would be refused for, one after the other; none: it would be done. */
  blockers: Refusal[]
}

/**
 * Says what a merge would do, without doing or locking anything.
 * @throws Refusal `customer-not-found` for the one who stays
 */
export async function previewMerge(
  tx: Statements,
  { scope, fromCustomerId: from, intoCustomerId: into }: MergePair,
): Promise<MergePreview> {
  const customers = await readCustomers(tx, scope.businessId, [from, into])
  if (!customers.some(({ id }) => id === into)) throw noCustomer(into)
  return {
    moved: await countPurchases(tx, scope, from),
    blockers: blockersOf(from, into, customers),
  }
}

function blockersOf(from: string, into: string, customers: readonly CustomerRow[]): Refusal[] {
  if (from === into) return [intoItself(from)]
  const ofCustomer = (id: string, merged: 'already-merged' | 'target-merged') => {
    const customer = customers.find((each) => each.id === id)
    if (!customer) return [noCustomer(id)]
    const { status } = customer
    if (status === 'active') return []
    const reason = status === 'merged' ? merged : status
    return [new Refusal(reason, `customer ${id} is ${status} and cannot be merged`, id)]
  }
  return [...ofCustomer(from, 'already-merged'), ...ofCustomer(into, 'target-merged')]
}

function intoItself(id: string): Refusal {
  return new Refusal('into-itself', `customer ${id} cannot be merged into itself`, id)
}
