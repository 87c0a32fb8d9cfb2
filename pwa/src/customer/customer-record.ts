/**
 * Everything that the app holds of one customer. The last few stay in memory, so that going back to one shows
 * what was there at once, and then what has changed; all of them go with the session.
 */
import { effect, signal } from '@preact/signals'
import { Query } from '../api/query.ts'
import type { Customer, Receipt, Spending, Summary } from '../api/types.ts'
import { forgetCustomers, onForget } from '../offline/kept-customers.ts'
import { whose } from '../session/session.ts'
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
    const keepFor = id
    const onLost = () => this.#doubt()
    this.card = new Query(`/customers/${id}`, {}, { keepFor, onLost: () => dropRecord(id) })
    this.summary = new Query(`/customers/${id}/purchase-summary`, {}, { keepFor, onLost })
    this.spending = new Query(`/customers/${id}/spending`, {}, { keepFor, onLost })
  }

  /** The list under these filters; the same one as long as they are. */
  timeline(filters: Filters, zone: string): Timeline {
    const key = `${searchOf(filters)} ${zone}`
    if (this.#timeline?.key !== key) {
      const parameters = listParameters(filters, zone, new Date())
      const timeline = new Timeline(this.id, parameters, () => this.#doubt())
      this.#timeline = { key, timeline }
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
      const path = `/customers/${this.id}/purchases/${purchaseId}`
      return new Query(path, {}, { keepFor: this.id, slim: withoutReferences })
    })
  }

  /** Nothing of the customer is left in it, and who looks at it is told why. */
  clear(): void {
    for (const query of [this.card, this.summary, this.spending, ...this.#receipts.values()])
      query.clear()
    this.#timeline?.timeline.clear()
    void this.card.refresh()
  }

  /** What belongs to the customer is not to be seen: the customer may not be, either. */
  #doubt(): void {
    if (this.card.isCurrent.peek()) void this.card.refresh()
  }
}

/** What a payment was made by is nothing that a device needs. */
function withoutReferences(receipt: Receipt): Receipt {
  const payments = receipt.payments.map((payment) => ({ ...payment, reference: null }))
  return { ...receipt, payments }
}

const records = new Map<string, CustomerRecord>()

/** Whose purchases have changed while nobody looked: all of it is asked for anew when somebody does. */
export function outdateRecord(id: string): void {
  records.delete(id)
}

export function customerRecord(id: string): CustomerRecord {
  return kept(records, id, MAX_RECORDS, () => new CustomerRecord(id))
}

/** For whom was merged, or is not to be seen: nothing stays of what was known under that id. */
export function dropRecord(id: string): void {
  records.delete(id)
  void forgetCustomers([id])
}

effect(() => {
  whose.value
  records.clear()
})

onForget((ids) => {
  for (const id of ids) {
    const record = records.get(id)
    records.delete(id)
    record?.clear()
  }
})

/** The value of the key, made if there is none; the ones that were longest unused make room. */
function kept<T>(map: Map<string, T>, key: string, max: number, make: () => T): T {
  const value = map.get(key) ?? make()
  map.delete(key)
  map.set(key, value)
  if (map.size > max) map.delete(map.keys().next().value!)
  return value
}
