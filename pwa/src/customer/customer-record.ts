/**
 * Everything that the app holds of one customer. The last few stay in memory, so that going back to one shows
 * what was there at once, and then what has changed; all of them go with the session.
 */
import { effect, signal } from '@preact/signals'
import { Query } from '../api/query.ts'
import type { Customer, Receipt, Spending, Summary } from '../api/types.ts'
import { DEVICE_ZONE } from '../format/dates.ts'
import { forgetCustomers, onForget } from '../offline/kept-customers.ts'
import type { Screen } from '../router.ts'
import { zoneOf } from '../session/locations.ts'
import { whose } from '../session/session.ts'
import { type Filters, filtersOf, listParameters, searchOf } from './filters.ts'
import { Timeline } from './timeline.ts'

const MAX_RECORDS = 8
const MAX_RECEIPTS = 20
/** For so long what was asked for ahead of a screen is what the screen asks for. */
const AHEAD_MS = 1_000

export class CustomerRecord {
  readonly card: Query<Customer>
  readonly summary: Query<Summary>
  readonly spending: Query<Spending>
  /** The id that was merged into this customer's, when the record was opened by it. */
  readonly openedAs = signal<string | null>(null)
  readonly #receipts = new Map<string, Query<Receipt>>()
  #timeline: { key: string; timeline: Timeline } | null = null
  #ahead: { timeline: Timeline; until: number; changed: Promise<boolean> } | null = null

  constructor(readonly id: string) {
    const keepFor = id
    const onLost = () => this.#doubt()
    this.card = new Query(`/customers/${id}`, {}, { keepFor, onLost: () => dropRecord(id) })
    this.summary = new Query(`/customers/${id}/purchase-summary`, {}, { keepFor, onLost })
    this.spending = new Query(`/customers/${id}/spending`, {}, { keepFor, onLost })
  }

  /** The list under these filters; the same one as long as they are, and the clock that they are read by. */
  timeline(filters: Filters): Timeline {
    const zone = filters.store ? zoneOf(filters.store) : DEVICE_ZONE
    const key = `${searchOf(filters)} ${zone}`
    if (this.#timeline?.key !== key) {
      const parameters = listParameters(filters, zone, new Date())
      const timeline = new Timeline(this.id, parameters, () => this.#doubt())
      this.#timeline = { key, timeline }
    }
    return this.#timeline.timeline
  }

  /**
   * Asks for what the screen needs before it is there, so that it is drawn once, with all of it. Resolves when head,
   * figures and list have something to show, or are known to have nothing; null where there is nothing to wait for.
   */
  askAhead(filters: Filters): Promise<void> | null {
    const timeline = this.timeline(filters)
    const parts = [
      [this.card.value, this.card.failure],
      [this.summary.value, this.summary.failure],
      [timeline.entries, timeline.failure],
    ] as const
    const isThere = () => parts.every(([value, failure]) => value.value ?? failure.value)
    if (this.card.value.peek() !== null) return null
    const changed = this.#ask(timeline)
    this.#ahead = { timeline, until: performance.now() + AHEAD_MS, changed }
    return new Promise((resolve) => {
      const stop = effect(() => {
        if (isThere()) resolve()
      })
      void changed.finally(() => {
        stop()
        resolve()
      })
    })
  }

  /** Asks for the head of the list and the figures, and for the customer if she is not there. Whether any changed. */
  refresh(timeline: Timeline): Promise<boolean> {
    const ahead = this.#ahead
    this.#ahead = null
    const isAhead = ahead?.timeline === timeline && performance.now() < ahead.until
    return isAhead ? ahead.changed : this.#ask(timeline)
  }

  async #ask(timeline: Timeline): Promise<boolean> {
    const [listChanged, summaryChanged] = await Promise.all([
      timeline.refresh(),
      this.summary.refresh(),
      this.card.isCurrent.peek() || this.card.refresh(),
    ])
    return listChanged || summaryChanged
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

/** What a screen that is gone to waits for, a moment: as `CustomerRecord.askAhead`. */
export function askAhead(next: Screen, search: URLSearchParams): Promise<void> | null {
  return next.name === 'customer'
    ? customerRecord(next.customerId).askAhead(filtersOf(search))
    : null
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
