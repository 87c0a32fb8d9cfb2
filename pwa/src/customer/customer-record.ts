/**
 * Everything that the app holds of one customer. The last few stay in memory, so that going back to one shows
 * what was there at once, and then what has changed; all of them go with the session.
 */
import { effect, signal } from '@preact/signals'
import { Query } from '../api/query.ts'
import type { Customer, Receipt, Spending, Summary } from '../api/types.ts'
import { session } from '../session/session.ts'
import { type Filters, listParameters, searchOf } from './filters.ts'
import { Timeline } from './timeline.ts'

const MAX_RECORDS = 8
const MAX_RECEIPTS = 20

export class CustomerRecord {
  readonly card: Query<Customer>
  readonly summary: Query<Summary>
  readonly spending: Query<Spending>
  /** The id that was merged into this customer's, when the record was opened by it. */
  readonly openedAs = signal<string | null>(null)
  readonly #receipts = new Map<string, Query<Receipt>>()
  #timeline: { key: string; timeline: Timeline } | null = null

  constructor(readonly id: string) {
    this.card = new Query(`/customers/${id}`)
    this.summary = new Query(`/customers/${id}/purchase-summary`)
    this.spending = new Query(`/customers/${id}/spending`)
  }

  /** The list under these filters; the same one as long as they are. */
  timeline(filters: Filters, zone: string): Timeline {
    const key = `${searchOf(filters)} ${zone}`
    if (this.#timeline?.key !== key) {
      const parameters = listParameters(filters, zone, new Date())
      this.#timeline = { key, timeline: new Timeline(this.id, parameters) }
    }
    return this.#timeline.timeline
  }

  /** Asks for everything again: after an act, which may have changed any of it. Never rejects. */
  async renew(): Promise<void> {
    const queries = [this.card, this.summary, this.spending].map((query) => query.renew())
    await Promise.all([...queries, this.#timeline?.timeline.restart()])
  }

  /** Asks for what one more purchase changes; the list keeps its place. Never rejects. */
  async renewHead(): Promise<void> {
    const queries = [this.summary, this.spending].map((query) => query.renew())
    await Promise.all([...queries, this.#timeline?.timeline.refresh()])
  }

  receipt(purchaseId: string): Query<Receipt> {
    return kept(this.#receipts, purchaseId, MAX_RECEIPTS, () => {
      return new Query(`/customers/${this.id}/purchases/${purchaseId}`)
    })
  }
}

const records = new Map<string, CustomerRecord>()

export function customerRecord(id: string): CustomerRecord {
  return kept(records, id, MAX_RECORDS, () => new CustomerRecord(id))
}

/** For whom was merged or erased. */
export function dropRecord(id: string): void {
  records.delete(id)
}

effect(() => {
  session.value
  records.clear()
})

/** The value of the key, made if there is none; the ones that were longest unused make room. */
function kept<T>(map: Map<string, T>, key: string, max: number, make: () => T): T {
  const value = map.get(key) ?? make()
  map.delete(key)
  map.set(key, value)
  if (map.size > max) map.delete(map.keys().next().value!)
  return value
}
