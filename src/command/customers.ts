/** What the commands share about customers: finding and locking them, and following their merges. */

import type { Fragment } from 'postgres'
import type { CustomerStatus, PurchaseKind } from '../domain/purchase.ts'
import { type Scope, seenLocations } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { Refusal } from './refusal.ts'

/** How many purchases of each kind. */
export type PurchaseCounts = Record<PurchaseKind, number>

export interface CustomerRow {
  id: string
  status: CustomerStatus
  merged_into_id: string | null
}

/**
 * How strongly a customer's row is locked, until the transaction ends.
 * - `none`: not at all, for a look
 * - `stays`: it can't be merged, unmerged or erased meanwhile; tills go on selling to it
 * - `leaves`: nor can it get purchases: tills wait, and then see what became of it
 */
type Hold = 'none' | 'stays' | 'leaves'

const LOCKS: Record<Hold, string> = {
  none: '',
  stays: 'for no key update',
  leaves: 'for update',
}

/**
 * Locks customers of a business in the order of their ids, so that no two commands wait for each other.
 * @throws Refusal `customer-not-found`
 */
export async function holdCustomers<Id extends string>(
  tx: Statements,
  businessId: string,
  holds: Record<Id, Hold>,
): Promise<Record<Id, CustomerRow>> {
  const rows = {} as Record<Id, CustomerRow>
  for (const id of (Object.keys(holds) as Id[]).sort()) {
    const [row] = await tx<CustomerRow[]>`
      select id::text, status, merged_into_id::text from customer
      where id = ${id} and business_id = ${businessId} ${tx.unsafe(LOCKS[holds[id]])}`
    if (!row) throw noCustomer(id)
    rows[id] = row
  }
  return rows
}

/** Those of the customers that the business has, without locking them. */
export async function readCustomers(
  tx: Statements,
  businessId: string,
  ids: readonly string[],
): Promise<CustomerRow[]> {
  const rows = await tx<CustomerRow[]>`
    select id::text, status, merged_into_id::text from customer
    where id = any(${`{${ids.join(',')}}`}::text::uuid[]) and business_id = ${businessId}`
  return [...rows]
}

/**
 * The customer and those it was merged into, one after the other; the last one is the survivor. All are
 * held as `stays`, and the first as `first` says, so that none of them changes until the end.
 * @throws Refusal `customer-not-found`
 */
export async function holdChain(
  tx: Statements,
  businessId: string,
  customerId: string,
  first: Hold = 'stays',
): Promise<CustomerRow[]> {
  let ids = (await readChain(tx, businessId, customerId)).map(({ id }) => id)
  for (;;) {
    const holds = Object.fromEntries(ids.map((id) => [id, id === customerId ? first : 'stays']))
    await holdCustomers(tx, businessId, holds as Record<string, Hold>)
    const chain = await readChain(tx, businessId, customerId)
    const now = chain.map(({ id }) => id)
    if (now.join() === ids.join()) return chain
    // Merged on, or unmerged, between the look and the lock: what is held now can't change again.
    ids = now
  }
}

/** The same without locking anybody. */
export async function readChain(
  tx: Statements,
  businessId: string,
  customerId: string,
): Promise<CustomerRow[]> {
  const chain = await tx<CustomerRow[]>`
    with recursive chain as (
      select id, status, merged_into_id, 1 as depth from customer
      where id = ${customerId} and business_id = ${businessId}
      union all
      select c.id, c.status, c.merged_into_id, depth + 1
      from chain join customer c on c.id = chain.merged_into_id)
    select id::text, status, merged_into_id::text from chain order by depth`
  if (chain.length === 0) throw noCustomer(customerId)
  return [...chain]
}

/** How many sales and orders are theirs, as far as the scope shows. */
export async function countPurchases(
  tx: Statements,
  scope: Scope,
  customerId: string,
): Promise<PurchaseCounts> {
  const [row] = await tx<PurchaseCounts[]>`
    select (select count(*)::int from sale
        where customer_id = ${customerId} ${seenOnly(tx, scope)}) as sale,
      (select count(*)::int from "order"
        where customer_id = ${customerId} ${seenOnly(tx, scope)}) as "order"`
  return row!
}

/** `and location_id is one that the scope shows`: what is counted out of sight would be told. */
export function seenOnly(tx: Statements, scope: Scope): Fragment {
  const seen = seenLocations(scope)
  return seen === 'all' ? tx`` : tx`and location_id = any(${`{${seen.join(',')}}`}::text::uuid[])`
}

export function noCustomer(id: string): Refusal {
  return new Refusal('customer-not-found', `the business has no customer ${id}`, id)
}
