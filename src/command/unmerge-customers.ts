/** A merge was wrong: two persons after all. */
import type { Scope } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { holdChain, type PurchaseCounts, seenOnly } from './customers.ts'
import { Refusal } from './refusal.ts'

interface UnmergeInput {
  scope: Scope
  /** Lower case, as all ids here. */
  mergeId: string
  /** One of the two, or who `into` was merged into since: a merge of others is not there. */
  customerId: string
}

interface UnmergeResult {
  /** Active again. */
  fromCustomerId: string
  /** Whose the purchases were until now: whom the merge's target is, or was itself merged into. */
  survivorId: string
  /** As far as the scope shows. */
  movedBack: PurchaseCounts
}

interface MergeRow {
  from_customer_id: string
  into_customer_id: string
  undone: boolean
}

/**
 * Moves back what the merge moved, as far as it is still with the survivor through that merge, and makes
 * `from` active again. What came later stays, and so does what a person has attributed since. Merges may
 * be undone in any order: when the survivor was merged on, what is moved back leaves the later ledgers.
 * @throws Refusal `merge-not-found`, `already-undone`, `erased`
 */
export async function unmergeCustomers(
  tx: Statements,
  { scope, mergeId, customerId }: UnmergeInput,
): Promise<UnmergeResult> {
  const { businessId } = scope
  const { from_customer_id: from } = await readMerge(tx, businessId, mergeId)
  const chain = await holdChain(tx, businessId, from, 'leaves')
  // Now that the customers are held, nobody else can undo it.
  const merge = await readMerge(tx, businessId, mergeId)
  const [customer, ...later] = chain
  const people = [...chain.map(({ id }) => id), merge.into_customer_id]
  if (!people.includes(customerId)) throw noMerge(mergeId)
  if (customer!.status === 'erased') {
    throw new Refusal('erased', `customer ${from} was erased, and stays so`, from)
  }
  // A till may have unmerged them without a note in the ledger.
  if (merge.undone || customer!.merged_into_id !== merge.into_customer_id) {
    throw new Refusal('already-undone', `merge ${mergeId} is undone already`, mergeId)
  }
  const survivorId = later.at(-1)!.id

  // First: a purchase of a merged customer would be turned to the survivor.
  await tx`update customer set status = 'active', merged_into_id = null where id = ${from}`
  const moveBack = (kind: keyof PurchaseCounts) => tx<{ count: number }[]>`
    with back as (
      update ${tx(kind)} purchase set customer_id = ${from} from customer_merge_purchase moved
      where merge_id = ${mergeId} and purchase_kind = ${kind} and purchase_id = purchase.id
        and customer_id = ${survivorId}
      returning purchase.location_id)
    select count(*)::int as count from back where true ${seenOnly(tx, scope)}`
  const [sales] = await moveBack('sale')
  const [orders] = await moveBack('order')
  await tx`
    delete from customer_merge_purchase claim using customer_merge_purchase moved, customer_merge m
    where moved.merge_id = ${mergeId} and claim.purchase_id = moved.purchase_id
      and m.id = claim.merge_id and m.undone_at is null
      and m.from_customer_id = any(${`{${later.map(({ id }) => id).join(',')}}`}::text::uuid[])`
  await tx`update customer_merge set undone_at = now() where id = ${mergeId}`
  return {
    fromCustomerId: from,
    survivorId,
    movedBack: { sale: sales!.count, order: orders!.count },
  }
}

async function readMerge(tx: Statements, businessId: string, mergeId: string): Promise<MergeRow> {
  const [row] = await tx<MergeRow[]>`
    select from_customer_id::text, into_customer_id::text, undone_at is not null as undone
    from customer_merge where id = ${mergeId} and business_id = ${businessId}`
  if (!row) throw noMerge(mergeId)
  return row
}

function noMerge(mergeId: string): Refusal {
  return new Refusal('merge-not-found', `the customer has no merge ${mergeId}`, mergeId)
}
