/**
 * A customer's purchases under one set of filters, newest first: pages that are added at the end as the
 * reader scrolls, and a head that is asked for again and again, so that what happens elsewhere appears.
 */
import { batch, signal } from '@preact/signals'
import { ask, read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { Entry, PurchasePage } from '../api/types.ts'

/** Fits a screen; what follows comes in larger pages. */
const FIRST_PAGE = 25
const NEXT_PAGE = 50

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
  #etag: string | null = null
  #next: string | null = null
  /** The last request for the head: an answer to an earlier one says nothing new. */
  #asked = 0
  #restarting = false

  constructor(customerId: string, parameters: Record<string, string>) {
    this.#path = `/customers/${customerId}/purchases`
    this.#parameters = parameters
  }

  /** The first page, or what has changed in it since. Whether anything has; never rejects. */
  async refresh(): Promise<boolean> {
    this.#asked += 1
    const asked = this.#asked
    try {
      const query = { ...this.#parameters, limit: FIRST_PAGE }
      const answer = await ask<PurchasePage>(this.#path, { query, etag: this.#etag })
      if (asked !== this.#asked) return false
      this.failure.value = null
      if (answer === null) return false
      this.#etag = answer.etag
      return this.#takeHead(answer.body)
    } catch (error) {
      this.#fail(error)
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
    } catch (error) {
      this.#fail(error)
    } finally {
      this.loading.value = false
    }
  }

  #takeHead({ data: head, page }: PurchasePage): boolean {
    const before = this.#restarting ? null : this.entries.peek()
    this.#restarting = false
    const entries = before && mergeHead(before, head, page.next === null)
    if (before && entries && sameEntries(before, entries)) return false
    const known = new Set(before?.map(({ id }) => id))
    const fresh = before ? head.filter(({ id }) => !known.has(id)).map(({ id }) => id) : []
    if (before) this.onHeadChange()
    batch(() => {
      this.entries.value = entries ?? head
      if (fresh.length > 0) this.arrived.value = new Set([...this.arrived.peek(), ...fresh])
      if (!entries || page.next === null) this.#setNext(page.next)
    })
    return true
  }

  #setNext(next: string | null): void {
    this.#next = next
    this.complete.value = next === null
  }

  #fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error
    this.failure.value = error
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
