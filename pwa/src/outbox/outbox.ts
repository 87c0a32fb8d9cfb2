/**
 * The outbox of who is signed in. What one person began is never sent as another: it stays in her own vault until
 * she is back.
 *
 * There is no Background Sync: a service worker that it wakes has no token to send anything with, and a tab that is
 * open needs no waking.
 */
import { effect } from '@preact/signals'
import { reachable, tell } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import { type Session, session, signedOut } from '../session/session.ts'
import { currentVault } from '../vault/current.ts'
import type { Vault } from '../vault/vault.ts'
import { addressOf } from './commands.ts'
import type { Attempt, Item } from './item.ts'
import { Queue } from './queue.ts'
import { leftBehind, openedOutbox, outbox, unsent } from './state.ts'
import { memoryStore, type Store, vaultStore } from './store.ts'
import { aloneTab, browserTabs } from './tabs.ts'

/** What could be kept nowhere else, by person: for as long as the tab is open. */
const unkept = new Map<string, Store>()

/** Keeps the outbox of whoever is signed in at work; call it once. */
export function startOutbox(): void {
  effect(() => {
    const current = session.value
    leftBehind.value = current || signedOut.peek() === 'left' ? 0 : unsent.peek()
    outbox.value = current ? undefined : null
    if (!current) {
      if (signedOut.peek() === 'left') unkept.clear()
      return
    }
    const left = new AbortController()
    void openFor(current, currentVault.peek(), left.signal)
    return () => left.abort()
  })
  const wake = () => void outbox.peek()?.queue.wake()
  effect(() => {
    if (reachable.value) wake()
  })
  addEventListener('online', wake)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake()
  })
}

/** Forgets all acts about a customer, who was erased. */
export async function forgetCustomer(customerId: string): Promise<void> {
  await (await openedOutbox())?.forgetCustomer(customerId)
}

async function openFor(current: Session, vault: Vault | null, left: AbortSignal): Promise<void> {
  const standing = standingOf(current)
  // Several tabs with one store and no way to agree would send each other's acts.
  const tabs = vault && browserTabs(vault.name, standing)
  const store = await storeOf(current, tabs ? vault : null)
  if (left.aborted) return
  const queue = new Queue({ store, tabs: tabs ?? aloneTab(), standing, send })
  left.addEventListener('abort', () => queue.stop())
  await queue.start()
  if (!left.aborted) outbox.value = { queue, durable: tabs !== null, standing }
}

/** The person's own. What was begun before her vault could be opened moves there. */
async function storeOf({ business, employee }: Session, vault: Vault | null): Promise<Store> {
  const person = `${business} ${employee}`
  const before = unkept.get(person) ?? memoryStore()
  unkept.set(person, before)
  if (!vault) return before
  const store = vaultStore(vault)
  for (const item of await before.all()) if (await store.put(item)) await before.remove(item.id)
  return store
}

/** Equal for sessions that the server takes for the same: it binds a key to the stores, and to what is seen of others. */
function standingOf({ locations, visibility }: Session): string {
  if (locations === '*') return 'all'
  const own = [...new Set(locations.map((id) => id.toLowerCase()))].sort()
  return `${visibility}:${own.join()}`
}

async function send({ command, key }: Item): Promise<Attempt> {
  const { path, ...options } = addressOf(command)
  try {
    return { answer: await tell(path, { ...options, key }) }
  } catch (error) {
    return { failure: error instanceof Failure ? error : null }
  }
}
