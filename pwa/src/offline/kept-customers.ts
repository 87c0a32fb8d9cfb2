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

/** Why nothing of somebody stays: others need the room, they are not to be seen, they are nobody any more. */
type Reason = 'evicted' | 'lost' | 'erased'

/** What one tab learns the others know, too; `of` is the vault's name. */
type News =
  | { of: string; customer: KeptCustomer }
  | { of: string; forgotten: readonly string[]; why: Reason }
const tabs = new BroadcastChannel('pt.customers')

const customers = signal<ReadonlyMap<string, KeptCustomer>>(new Map())
/** Erased customers: an answer that was under way must not bring them back. */
const erased = new Set<string>()
/** Resolves when who is known to the vault is known here. */
let loaded: Promise<void> = Promise.resolve()
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
export async function noteViewed(
  { customerId: id, name, externalRef, phoneEnding, status }: Customer,
  checkedAt: number,
): Promise<void> {
  const viewedAt = Date.now()
  const vault = currentVault.peek()
  // Whether somebody was chosen must not be forgotten for want of having been read.
  await loaded
  if (currentVault.peek() !== vault) return
  const { chosen = false, fetchedAt = 0 } = customers.peek().get(id) ?? {}
  const card = { id, name, externalRef, phoneEnding, status }
  put({ ...card, viewedAt, checkedAt, chosen, fetchedAt })
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

/** Calls `listener` with whom nobody may see any more; for all who hold something of customers in memory. */
export function onForget(listener: (ids: readonly string[]) => void): void {
  forgetting.add(listener)
}

/** Nothing of them is left on this device. */
export async function forgetCustomers(ids: readonly string[], why: Reason = 'lost'): Promise<void> {
  forgetHere(ids, why)
  const vault = currentVault.peek()
  if (vault) tell({ of: vault.name, forgotten: ids, why })
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

/** Follows who is signed in, and what other tabs learn; call it once. */
export function startKeptCustomers(): void {
  tabs.onmessage = ({ data }: MessageEvent<News>) => {
    if (data.of !== currentVault.peek()?.name) return
    if ('customer' in data) takeIn(data.customer)
    else forgetHere(data.forgotten, data.why)
  }
  const load = async () => {
    const vault = currentVault.peek()
    const found = (await vault?.all<KeptCustomer>('customers')) ?? []
    if (currentVault.peek() !== vault) return
    // What this tab has seen meanwhile is newer.
    const known = found.flatMap(({ value }): [string, KeptCustomer][] =>
      erased.has(value.id) ? [] : [[value.id, value]],
    )
    customers.value = new Map([...known, ...customers.peek()])
  }
  effect(() => {
    currentVault.value
    customers.value = new Map()
    loaded = load()
  })
}

function put(customer: KeptCustomer): void {
  const { id, checkedAt } = customer
  const vault = currentVault.peek()
  if (erased.has(id)) return
  takeIn(customer)
  if (!vault) return
  void vault.put('customers', id, customer, { expiresAt: checkedAt + KEEP_MS }).then(() => {
    // An erasure that came meanwhile did not find it.
    if (erased.has(id)) void vault.delete('customers', id)
  })
  tell({ of: vault.name, customer })
}

function takeIn(customer: KeptCustomer): void {
  if (erased.has(customer.id)) return
  customers.value = new Map(customers.peek()).set(customer.id, customer)
}

function forgetHere(ids: readonly string[], why: Reason): void {
  if (why === 'erased') for (const id of ids) erased.add(id)
  customers.value = new Map([...customers.peek()].filter(([id]) => !ids.includes(id)))
  if (why !== 'evicted') for (const listener of forgetting) listener(ids)
}

function tell(news: News): void {
  tabs.postMessage(news)
}

/** Those that were opened longest ago go. */
function makeRoom(): void {
  const over = viewedCustomers.peek().filter(({ chosen }) => !chosen)
  const ids = over.slice(MAX_VIEWED).map(({ id }) => id)
  if (ids.length > 0) void forgetCustomers(ids, 'evicted')
}
