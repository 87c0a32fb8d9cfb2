/**
 * Whom this device knows: the customers that were opened last, and those that were chosen to be kept. Where nothing
 * may be kept they are in memory alone.
 */
import { computed, effect, signal } from '@preact/signals'
import type { Customer } from '../api/types.ts'
import { currentVault } from '../vault/current.ts'
import { KEEP_MS, MAX_CHOSEN, MAX_VIEWED } from './lifetime.ts'

export interface KeptCustomer {
  id: string
  name: string | null
  externalRef: string | null
  phoneEnding: string | null
  status: Customer['status']
  /** Milliseconds since 1970, as all times here. */
  viewedAt: number
  /** When the server last said so. */
  checkedAt: number
  /** Whether it is to be kept until it is let go of, and be kept fresh. */
  chosen: boolean
  /** When all that is kept of a chosen customer was fetched; 0: it was not. */
  fetchedAt: number
}

/** How much older `checkedAt` on the disk may be than it is. */
const WRITE_AFTER_MS = 60_000

const customers = signal<ReadonlyMap<string, KeptCustomer>>(new Map())
/** Erased customers: an answer that was under way must not bring them back. */
const erased = new Set<string>()
const forgetting = new Set<(ids: readonly string[]) => void>()

/** The last opened first. */
export const viewedCustomers = computed(() =>
  [...customers.value.values()].sort((a, b) => b.viewedAt - a.viewedAt),
)
/** By name. */
export const chosenCustomers = computed(() =>
  [...customers.value.values()]
    .filter(({ chosen }) => chosen)
    .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '')),
)

export function isChosen(id: string): boolean {
  return customers.value.get(id)?.chosen ?? false
}

export function wasErased(id: string): boolean {
  return erased.has(id)
}

/** Somebody looks at the customer, of whom the server has said this at `checkedAt`. */
export function noteViewed(
  { customerId: id, name, externalRef, phoneEnding, status }: Customer,
  checkedAt: number,
): void {
  const { chosen = false, fetchedAt = 0 } = customers.peek().get(id) ?? {}
  const card = { id, name, externalRef, phoneEnding, status }
  put({ ...card, viewedAt: Date.now(), checkedAt, chosen, fetchedAt })
  makeRoom()
}

/** What is known of the customer was so at `checkedAt`. */
export function noteChecked(id: string, checkedAt: number): void {
  const known = customers.peek().get(id)
  if (known && checkedAt - known.checkedAt >= WRITE_AFTER_MS) put({ ...known, checkedAt })
}

/** All that is kept of a chosen customer has just been fetched. */
export function noteFetched(id: string): void {
  const known = customers.peek().get(id)
  const now = Date.now()
  if (known) put({ ...known, checkedAt: now, fetchedAt: now })
}

/** Whether it was done: there is room for so many. */
export function choose(id: string, chosen: boolean): boolean {
  const known = customers.peek().get(id)
  if (!known || (chosen && chosenCustomers.peek().length >= MAX_CHOSEN)) return false
  put({ ...known, chosen, fetchedAt: 0 })
  return true
}

/** Calls `listener` with whom nothing may be left of; for all who hold something of customers in memory. */
export function onForget(listener: (ids: readonly string[]) => void): void {
  forgetting.add(listener)
}

/** Nothing of them is left on this device, nor in this tab. */
export async function forgetCustomers(
  ids: readonly string[],
  why: 'lost' | 'erased' = 'lost',
): Promise<void> {
  if (why === 'erased') for (const id of ids) erased.add(id)
  customers.value = new Map([...customers.peek()].filter(([id]) => !ids.includes(id)))
  for (const listener of forgetting) listener(ids)
  const vault = currentVault.peek()
  for (const id of ids) {
    await vault?.delete('customers', id)
    await vault?.deleteGroup('kept', id)
    if (why === 'erased') await vault?.deleteGroup('outbox', id)
  }
}

export async function forgetEverybody(): Promise<void> {
  await forgetCustomers([...customers.peek().keys()])
  await currentVault.peek()?.clear('customers', 'kept')
}

/** Follows who is signed in; call it once. */
export function startKeptCustomers(): void {
  const load = async () => {
    const vault = currentVault.peek()
    const found = (await vault?.all<KeptCustomer>('customers')) ?? []
    if (currentVault.peek() !== vault) return
    // What this tab has seen meanwhile is newer.
    const known = found.map(({ value }): [string, KeptCustomer] => [value.id, value])
    customers.value = new Map([...known, ...customers.peek()])
  }
  effect(() => {
    currentVault.value
    customers.value = new Map()
    void load()
  })
}

function put(customer: KeptCustomer): void {
  const { id, checkedAt } = customer
  if (erased.has(id)) return
  customers.value = new Map(customers.peek()).set(id, customer)
  void currentVault.peek()?.put('customers', id, customer, { expiresAt: checkedAt + KEEP_MS })
}

/** Those that were opened longest ago go. */
function makeRoom(): void {
  const over = viewedCustomers.peek().filter(({ chosen }) => !chosen)
  const ids = over.slice(MAX_VIEWED).map(({ id }) => id)
  if (ids.length > 0) void forgetCustomers(ids)
}
