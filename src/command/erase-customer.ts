/** A person asks to be forgotten. The books stay: every purchase with its totals, and nobody's. */
import type { Scope } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import {
  type CustomerRow,
  countPurchases,
  holdCustomers,
  type PurchaseCounts,
} from './customers.ts'
import { Refusal } from './refusal.ts'

interface ErasureInput {
  scope: Scope
  /** Lower case, as all ids here. */
  customerId: string
  /** The employee who was asked; null for a service. */
  requestedBy: string | null
  /** Whom somebody was shown that it takes: nobody else goes. Null: whoever is the same person by then. */
  expectedIds?: readonly string[] | null
  /** Says what would be erased, or refuses, and changes and locks nothing. */
  dryRun?: boolean
}

interface ErasureResult {
  /** The customer, and all that were merged into it: they were the same person. */
  customerIds: string[]
  /** Purchases that are nobody's from now on. */
  detached: PurchaseCounts
  /** Merges, also undone ones, whose reasons and ledgers go. */
  merges: number
}

/**
 * Erases a customer and all predecessors that were merged into it: contact, external ref, the reasons of
 * their merges and the ledgers go, their purchases become a guest's. It can't be undone, so it is refused
 * for a merged customer: the person is the survivor, or the merge was a mistake to be undone first.
 * @throws Refusal `customer-not-found`, `already-merged`, `erased`, `others-merged`
 */
export async function eraseCustomer(
  tx: Statements,
  { scope, customerId, requestedBy, expectedIds = null, dryRun = false }: ErasureInput,
): Promise<ErasureResult> {
  const { businessId } = scope
  const { customer, customerIds } = await holdPerson(tx, businessId, customerId, dryRun)
  const { status, merged_into_id: survivor } = customer
  if (status === 'erased') {
    throw new Refusal('erased', `customer ${customerId} is erased already`, customerId)
  }
  if (status === 'merged') {
    const message = `customer ${customerId} was merged into ${survivor}: erase that one, or undo the merge`
    throw new Refusal('already-merged', message, customerId)
  }
  const unexpected = expectedIds && customerIds.find((id) => !expectedIds.includes(id))
  if (unexpected) {
    const message = `customer ${unexpected} was merged into ${customerId} since it was said who would be erased`
    throw new Refusal('others-merged', message, unexpected)
  }
  const detached = await countPurchases(tx, scope, customerId)
  const ids = `{${customerIds.join(',')}}`
  const [row] = await tx<{ merges: number }[]>`
    select count(*)::int as merges from customer_merge
    where from_customer_id = any(${ids}::text::uuid[]) or into_customer_id = any(${ids}::text::uuid[])`
  if (!dryRun) {
    await tx`
      insert into customer_erasure (customer_id, business_id, requested_by)
      select unnest(${ids}::text::uuid[]), ${businessId}::uuid, ${requestedBy}::uuid`
    // All that goes with it, predecessors too, is a rule of the source (customer_gone).
    await tx`update customer set status = 'erased' where id = ${customerId}`
  }
  return { customerIds, detached, merges: row!.merges }
}

/**
 * The customer and all that were merged into it, none of whom gets purchases from now on. They are locked as
 * tills lock them, from the id that a till knows towards the survivor: no till becomes a deadlock's victim.
 * @throws Refusal `customer-not-found`
 */
export async function holdPerson(
  tx: Statements,
  businessId: string,
  customerId: string,
  dryRun = false,
): Promise<{ customer: CustomerRow; customerIds: string[] }> {
  // Nobody is merged into it while it is held.
  const first = await holdCustomers(tx, businessId, { [customerId]: dryRun ? 'none' : 'stays' })
  const person = await tx<{ id: string }[]>`
    with recursive person as (
      select ${customerId}::uuid as id, 0 as depth
      union all
      select c.id, depth + 1 from person join customer c on c.merged_into_id = person.id)
    select id::text from person order by depth desc, person.id`
  const customerIds = person.map(({ id }) => id)
  if (!dryRun) for (const id of customerIds) await holdCustomers(tx, businessId, { [id]: 'leaves' })
  return { customer: first[customerId]!, customerIds }
}
