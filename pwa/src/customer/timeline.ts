/**
 * A customer's purchases under one set of filters, newest first: pages that are added at the end as the
 * reader scrolls, and a head that is asked for again and again, so that what happens elsewhere appears.
 * The beginning of the whole list is kept on the device.
 */
import { batch, signal } from '@preact/signals'
import { ask, read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { Entry, PurchasePage } from '../api/types.ts'
import { Shelf } from '../offline/shelf.ts'

/** Fits a screen; what follows comes in larger pages. */
const FIRST_PAGE = 25
const NEXT_PAGE = 50
/** Entries that are kept on the device at most: as many as one request can ask for. */
const MAX_KEPT = 100

interface KeptList {
  entries: readonly Entry[]
  /** The cursor behind the last of them. */
  next: string | null
}

/** What this device keeps of the customer's purchases, the newest first. Never rejects. */
export async function keptPurchases(customerId: string): Promise<readonly Entry[]> {
  return (await shelfOf(customerId).take())?.body.entries ?? []
}

function shelfOf(customerId: string): Shelf<KeptList> {
  return new Shelf(listPath(customerId), customerId)
}

function listPath(customerId: string): string {
  return `/customers/${customerId}/purchases`
}

export class Timeline {
  readonly #path: string
  readonly #parameters: Record<string, string>
  /** Null before the first answer. */
  readonly entries = signal<readonly Entry[] | null>(null)
  /** Whether the last page is there. */
  readonly complete = signal(false)
  readonly loading = signal(false)
  readonly failure = signal<Failure | null>(null)
  /** Ids of those that came while the list was open. */
  readonly arrived = signal<ReadonlySet<string>>(new Set())
  /** Called right before the head of the list changes. */
  onHeadChange: () => void = () => {}
  readonly #shelf: Shelf<KeptList> | null
  readonly #onLost: () => void
  #etag: string | null = null
  #next: string | null = null
  /** The last request for the head: an answer to an earlier one says nothing new. */
  #asked = 0
  #restarting = false
  #restored: Promise<void> | null = null
  /** More came from the device than the head can vouch for: all of it is asked for. */
  #unproven = false

  /** `onLost` is called when the server says that the list is not, or no longer, to be seen. */
  constructor(customerId: string, parameters: Record<string, string>, onLost = () => {}) {
    this.#path = listPath(customerId)
    this.#parameters = parameters
    this.#onLost = onLost
    const isWhole = Object.keys(parameters).length === 0
    this.#shelf = isWhole ? shelfOf(customerId) : null
  }

  /** The first page, or what has changed in it since. Whether anything has; never rejects. */
  async refresh(): Promise<boolean> {
    this.#restored ??= this.#restore()
    await this.#restored
    this.#asked += 1
    const asked = this.#asked
    try {
      const whole = this.#unproven
      const query = { ...this.#parameters, limit: whole ? MAX_KEPT : FIRST_PAGE }
      const answer = await ask<PurchasePage>(this.#path, { query, etag: whole ? null : this.#etag })
      if (asked !== this.#asked) return false
      this.failure.value = null
      this.#unproven = false
      if (answer) this.#etag = whole ? null : answer.etag
      const changed = answer !== null && this.#takeHead(answer.body, whole)
      this.#keep(answer !== null)
      return changed
    } catch (error) {
      if (asked === this.#asked) this.#fail(error)
      return false
    }
  }

  /** From the start, as after a merge: what has changed behind the head is seen, too. Never rejects. */
  async restart(): Promise<void> {
    this.#etag = null
    this.#restarting = true
    await this.refresh()
  }

  /** The page after the last one; nothing at the end, or while one is under way. Never rejects. */
  async loadMore(): Promise<void> {
    if (this.loading.peek() || this.complete.peek() || this.#next === null) return
    const cursor = this.#next
    this.loading.value = true
    try {
      const query = { ...this.#parameters, limit: NEXT_PAGE, cursor }
      const { data, page } = await read<PurchasePage>(this.#path, { query })
      // The head was replaced meanwhile: this page is no longer the one after it.
      if (this.#next !== cursor) return
      const known = new Set(this.entries.peek()?.map(({ id }) => id))
      batch(() => {
        this.entries.value = [
          ...(this.entries.peek() ?? []),
          ...data.filter(({ id }) => !known.has(id)),
        ]
        this.#setNext(page.next)
        this.failure.value = null
      })
      this.#keep(true)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.loading.value = false
    }
  }

  #takeHead({ data: head, page }: PurchasePage, whole: boolean): boolean {
    const before = this.#restarting ? null : this.entries.peek()
    this.#restarting = false
    const entries = before && mergeHead(before, head, whole || page.next === null)
    if (before && entries && sameEntries(before, entries)) return false
    const known = new Set(before?.map(({ id }) => id))
    const fresh = before ? head.filter(({ id }) => !known.has(id)).map(({ id }) => id) : []
    if (before) this.onHeadChange()
    batch(() => {
      this.entries.value = entries ?? head
      if (fresh.length > 0) this.arrived.value = new Set([...this.arrived.peek(), ...fresh])
      if (!entries || whole || page.next === null) this.#setNext(page.next)
    })
    return true
  }

  #setNext(next: string | null): void {
    this.#next = next
    this.complete.value = next === null
  }

  #fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error
    batch(() => {
      if (error.isLoss) this.clear()
      this.failure.value = error
    })
    if (!error.isLoss) return
    void this.#shelf?.drop()
    this.#onLost()
  }

  /** As if it had never been asked for. */
  clear(): void {
    batch(() => {
      this.entries.value = null
      this.#setNext(null)
      this.complete.value = false
    })
    this.#etag = null
    this.#asked += 1
  }

  async #restore(): Promise<void> {
    const kept = await this.#shelf?.take()
    if (!kept || this.entries.peek()) return
    this.#etag = kept.etag
    this.#unproven = kept.body.entries.length > FIRST_PAGE
    batch(() => {
      this.entries.value = kept.body.entries
      this.#setNext(kept.body.next)
    })
  }

  /** A longer list stays on the device as it was when it was short enough. */
  #keep(isNew: boolean): void {
    const entries = this.entries.peek()
    if (entries && entries.length <= MAX_KEPT)
      this.#shelf?.put({ entries, next: this.#next }, this.#etag, isNew)
  }
}

/**
 * The list with its head replaced by what the server has there now. Null: so much is new that the two do
 * not meet, and the list starts again.
 */
export function mergeHead(
  before: readonly Entry[],
  head: readonly Entry[],
  headIsAll: boolean,
): readonly Entry[] | null {
  const last = head.at(-1)
  if (headIsAll || !last) return head
  const ids = new Set(head.map(({ id }) => id))
  const meets = before.some(({ id }) => ids.has(id))
  if (!meets && before.length > 0) return null
  return [...head, ...before.filter((entry) => !ids.has(entry.id) && isAfter(entry, last))]
}

/** Whether `entry` comes after `other` in the list: older, or of the same instant with a lower id. */
function isAfter(entry: Entry, other: Entry): boolean {
  if (entry.occurredAt !== other.occurredAt) return entry.occurredAt < other.occurredAt
  return entry.id < other.id
}

function sameEntries(one: readonly Entry[], other: readonly Entry[]): boolean {
  return one.length === other.length && text(one) === text(other)
}

function text(entries: readonly Entry[]): string {
  return JSON.stringify(entries, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
