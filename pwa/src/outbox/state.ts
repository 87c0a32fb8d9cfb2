/** What the screens see of the outbox of who is signed in. */
import { computed, signal } from '@preact/signals'
import type { Item } from './item.ts'
import type { Queue } from './queue.ts'

export interface Outbox {
  queue: Queue
  /** Whether acts survive the tab. They do not where the browser has no way to keep them, or a tab to lead. */
  durable: boolean
}

/** Null: nobody is signed in. Undefined: it is being opened. */
export const outbox = signal<Outbox | null | undefined>(null)

/** The queue, as soon as it is open; null where nobody is signed in. */
export function openedOutbox(): Promise<Queue | null> {
  return new Promise((resolve) => {
    const stop = outbox.subscribe((opened) => {
      if (opened === undefined) return
      resolve(opened?.queue ?? null)
      // Not from within the first call, when `stop` is not there yet.
      queueMicrotask(() => stop())
    })
  })
}

const items = computed<readonly Item[]>(() => outbox.value?.queue.items.value ?? [])

/** All that a person may want to look at, in the order in which it was begun. */
export const listed = computed(() => items.value.filter(({ told }) => !told))

/** On its way, without anybody having to do anything. */
export const waiting = computed(() => items.value.filter(({ state }) => state === 'queued'))

/** For a person to decide. */
export const undecided = computed(() =>
  items.value.filter(({ state }) => ['requested', 'refused', 'expired'].includes(state)),
)

/** Done after the one who began it had been told that it waits. */
export const doneSince = computed(() =>
  items.value.filter(({ state, told }) => state === 'done' && !told),
)

/** How many acts the server does not know of yet, as far as this device can tell. For who wants to sign out. */
export const unsent = computed(
  () => items.value.filter(({ state }) => state === 'queued' || state === 'requested').length,
)

/** What of the customer's is not settled. */
export function unsettledOf(customerId: string): readonly Item[] {
  return items.value.filter(({ state, lanes }) => state !== 'done' && lanes.includes(customerId))
}
