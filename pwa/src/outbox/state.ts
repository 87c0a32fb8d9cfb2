/** What the screens see of the outbox of who is signed in. */
import { computed, signal } from '@preact/signals'
import { personOf, session } from '../session/session.ts'
import { type Item, isOpen } from './item.ts'
import type { Queue } from './queue.ts'
import type { MemoryStore } from './store.ts'

export interface Outbox {
  queue: Queue
  /** Whether acts survive the tab. They do not where the browser has no way to keep them, or a tab to lead. */
  durable: boolean
  /** The stores that the session acts for. */
  standing: string
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

/** What the list shows, in the order in which it was begun: all of which a person may still wonder. */
export const listed = computed(() => items.value.filter(({ told }) => !told))

/** For a person to decide. */
export const undecided = computed(() => items.value.filter(isOpen))

/** Done after the one who began it had been told that it waits. */
export const doneSince = computed(() =>
  items.value.filter(({ state, told }) => state === 'done' && !told),
)

/**
 * On its way, without anybody having to do anything. Nothing is said of what goes through at once: only when one
 * of them has failed to, or can't be sent in this session.
 */
export const waiting = computed(() => {
  const queued = items.value.filter(({ state }) => state === 'queued')
  return queued.some((item) => item.failure !== null || isElsewhere(item)) ? queued : []
})

/** Whether it was begun for other stores than the session is for: it is sent when its person is back there. */
export function isElsewhere({ standing }: Item): boolean {
  return standing !== outbox.value?.standing
}

/** Whether what waits can't be read now: what the lists say is as it was before. */
export const unreadable = computed(() => outbox.value?.queue.readable.value === false)

/**
 * Where that is which was left to be sent when a session ended: on the device, sealed for her; in this tab alone; or
 * in it, too, but of a session that named nobody who could come back to it.
 */
const LEFT_IN = ['device', 'tab', 'nowhere'] as const
type LeftIn = (typeof LEFT_IN)[number]

/** Of the session that has ended, what lies in her vault. Null: somebody is signed in, or she was asked about it. */
export const left = signal<Queue | null>(null)

export interface Unkept {
  store: MemoryStore
  /** Whether she can be known again when she comes back. */
  named: boolean
}

/**
 * What could be kept nowhere else, by person: for as long as the tab is open, or until she discards it here. Nobody
 * signs out of what another tab holds.
 */
export const unkept = signal<ReadonlyMap<string, Unkept>>(new Map())

const current = computed(() => session.value && personOf(session.value))

/** What is to be sent of those who are not signed in now, and where it is. */
export const leftBehind = computed(() => {
  const counts: Record<LeftIn, number> = { device: 0, tab: 0, nowhere: 0 }
  if (left.value) counts.device = unsentOf(left.value.items.value)
  for (const [person, { store, named }] of unkept.value)
    if (person !== current.value) counts[named ? 'tab' : 'nowhere'] += unsentOf(store.items.value)
  return LEFT_IN.flatMap((where) => (counts[where] > 0 ? [{ count: counts[where], where }] : []))
})

/** Whether something is to be sent that goes with this tab, whosever it is. */
export const isOnlyHere = computed(() =>
  [...unkept.value].some(
    ([person, { store, named }]) =>
      (named || person === current.value) && unsentOf(store.items.value) > 0,
  ),
)

/** How many acts the server does not know of yet, as far as this device can tell. */
function unsentOf(items: readonly Item[]): number {
  return items.filter(({ state }) => state === 'queued' || state === 'requested').length
}

/** What is not settled of a customer, or of a purchase. */
export function unsettledOf(id: string): readonly Item[] {
  return [...undecided.value, ...waiting.value].filter(({ lanes }) => lanes.includes(id))
}
