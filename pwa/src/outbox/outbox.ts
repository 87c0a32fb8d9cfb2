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
import { personOf, type Session, session, signedOut } from '../session/session.ts'
import { currentVault } from '../vault/current.ts'
import type { Vault } from '../vault/vault.ts'
import { addressOf } from './commands.ts'
import type { Attempt, Item } from './item.ts'
import { Queue } from './queue.ts'
import { isOnlyHere, left, openedOutbox, outbox, unkept } from './state.ts'
import { memoryStore, type Store, vaultStore } from './store.ts'
import { aloneTab, browserTabs } from './tabs.ts'

/**
 * How often being heard by the server ends what acts wait for. Where it answers all but an act, that act goes on by
 * its own waits: else each of its failures would be followed by the next attempt at once.
 */
const HEARD_MS = 15_000

/** Keeps the outbox of whoever is signed in at work; call it once. */
export function startOutbox(): void {
  effect(() => {
    const current = session.value
    left.value = current ? null : leftOnDevice()
    outbox.value = current ? undefined : null
    if (!current) return
    const over = new AbortController()
    void openFor(current, currentVault.peek(), over.signal)
    return () => over.abort()
  })
  effect(() => {
    if (!isOnlyHere.value) return
    addEventListener('beforeunload', askToStay)
    return () => removeEventListener('beforeunload', askToStay)
  })
  const wake = () => void outbox.peek()?.queue.wake()
  let heardAt = 0
  effect(() => {
    const now = Date.now()
    if (!reachable.value || Math.abs(now - heardAt) < HEARD_MS) return
    heardAt = now
    wake()
  })
  addEventListener('online', wake)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake()
  })
}

/** What of hers waits on in her vault when she is not signed in any more. */
function leftOnDevice(): Queue | null {
  const { queue, durable } = outbox.peek() ?? {}
  // Who leaves was asked before.
  return queue && durable && signedOut.peek() !== 'left' ? queue : null
}

function askToStay(event: Event): void {
  event.preventDefault()
}

/** Forgets all acts about a customer, who was erased. Rejects with NotKept: they may still be there. */
export async function forgetCustomer(customerId: string): Promise<void> {
  await (await openedOutbox())?.forgetCustomer(customerId)
}

async function openFor(current: Session, vault: Vault | null, over: AbortSignal): Promise<void> {
  const standing = standingOf(current)
  // Several tabs with one store and no way to agree would send each other's acts.
  const tabs = vault && browserTabs(vault.name, standing)
  const store = await storeOf(current, tabs ? vault : null)
  if (over.aborted) return tabs?.close()
  const queue = new Queue({ store, tabs: tabs ?? aloneTab(), standing, send })
  over.addEventListener('abort', () => queue.stop())
  await queue.start()
  if (!over.aborted) outbox.value = { queue, durable: tabs !== null, standing }
}

/** The person's own. What was begun before her vault could be opened moves there. */
async function storeOf(current: Session, vault: Vault | null): Promise<Store> {
  const person = personOf(current)
  const before = unkept.peek().get(person)?.store ?? memoryStore()
  const named = current.employee !== null
  unkept.value = new Map(unkept.peek()).set(person, { store: before, named })
  if (!vault) return before
  const store = vaultStore(vault)
  for (const item of (await before.all()) ?? [])
    if (await store.put(item)) await before.remove(item.id)
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
