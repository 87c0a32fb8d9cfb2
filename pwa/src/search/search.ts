/**
 * The customers, and the receipts, that a query finds: asked for a moment after the last key, and only for the
 * last query.
 */
import { signal } from '@preact/signals'
import { read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { CustomerSearch, FoundCustomer, FoundPurchase, PurchaseSearch } from '../api/types.ts'
import { viewedCustomers } from '../offline/kept-customers.ts'
import { keptReceipts } from '../offline/kept-receipts.ts'
import { searchKept } from '../offline/search-kept.ts'

/** Between two keys of one who types fast: longer is felt, and shorter asks for every letter of a name. */
const PAUSE_MS = 50
/** The API's: as many are best, and more may match. */
export const SEARCH_LIMIT = 20

export type Found =
  | { state: 'idle' }
  | { state: 'short' }
  | { state: 'searching'; before: readonly FoundCustomer[] }
  | {
      state: 'found'
      query: string
      customers: readonly FoundCustomer[]
      /** With this number. */
      receipts: readonly FoundPurchase[]
      /** How many customers were searched, where only those on this device could be. */
      among?: number
    }
  | { state: 'failed'; failure: Failure }

export class Search {
  readonly found = signal<Found>({ state: 'idle' })
  readonly #withReceipts: boolean
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: AbortController | undefined

  /** Of customers alone, unless it is said otherwise. */
  constructor({ receipts = false } = {}) {
    this.#withReceipts = receipts
  }

  /** Looks for what was typed, after a pause in the typing. */
  type(text: string): void {
    this.#stop()
    const query = text.trim()
    if (query === '') this.found.value = { state: 'idle' }
    else if (isTooShort(query)) this.found.value = { state: 'short' }
    else {
      const current = this.found.peek()
      const before = current.state === 'found' ? current.customers : []
      this.found.value = { state: 'searching', before }
      this.#timer = setTimeout(() => this.look(query), PAUSE_MS)
    }
  }

  /** Looks for it now. Never rejects. */
  async look(query: string): Promise<void> {
    this.#stop()
    const running = new AbortController()
    this.#running = running
    try {
      const { signal } = running
      const [customers, receipts] = await Promise.all([
        read<CustomerSearch>('/customers', { query: { query }, signal }),
        this.#withReceipts && maybeReceiptNumber(query)
          ? read<PurchaseSearch>('/purchases', { query: { receiptNumber: query }, signal })
          : null,
      ])
      this.found.value = {
        state: 'found',
        query,
        customers: folded(customers.data),
        receipts: receipts?.data ?? [],
      }
    } catch (error) {
      if (running.signal.aborted) return
      if (!(error instanceof Failure)) throw error
      const kept = await this.#amongKept(query, error)
      if (running.signal.aborted) return
      this.found.value = kept ?? { state: 'failed', failure: error }
    }
  }

  /** What the device itself knows, for who only wants to look; null where it knows nobody. */
  async #amongKept(query: string, { kind }: Failure): Promise<Found | null> {
    const known = viewedCustomers.peek()
    if (kind !== 'offline' || !this.#withReceipts || known.length === 0) return null
    const customers = searchKept(query, known)
    const receipts = maybeReceiptNumber(query) ? await keptReceipts(query, known) : []
    return { state: 'found', query, customers, receipts, among: known.length }
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#running?.abort()
  }
}

/**
 * A record that was merged is found by what it was called, and is one with whose it is now: who is found under both
 * stands once, where the better of the two does. Pure.
 */
export function folded(customers: readonly FoundCustomer[]): FoundCustomer[] {
  const whose = ({ id, survivor }: FoundCustomer) => survivor?.id ?? id
  const found = new Map(customers.map((customer) => [customer.id, customer]))
  const people = new Map<string, FoundCustomer>()
  for (const customer of customers) {
    const id = whose(customer)
    if (!people.has(id)) people.set(id, found.get(id) ?? customer)
  }
  return [...people.values()]
}

/** A name is none; a number that is printed has a digit. */
export function maybeReceiptNumber(query: string): boolean {
  return /\d/.test(query)
}

/** One character is enough in a script whose characters are words, as for the API. */
function isTooShort(query: string): boolean {
  return [...query].length < 2 && !/[^\p{ASCII}\p{Script=Latin}]/u.test(query)
}
