/** Counts how many customers somebody looks at: a till sees some dozens in an hour, a thief all. Pure. */

interface LookMeterOptions {
  /** Distinct customers in an hour from which on it is told. */
  threshold: number
}

interface Hour {
  startedAt: number
  customers: Set<string>
  told: boolean
}

const HOUR_MS = 3_600_000
/** People who are watched at once; who has not looked for longest is forgotten first. */
const MAX_PEOPLE = 2_000

export class LookMeter {
  readonly #threshold: number
  readonly #people = new Map<string, Hour>()

  constructor({ threshold }: LookMeterOptions) {
    this.#threshold = threshold
  }

  /** @returns true once an hour: when this look takes the person over the threshold */
  looked(person: string, customerId: string, now: number): boolean {
    let hour = this.#people.get(person)
    if (!hour || now - hour.startedAt >= HOUR_MS) {
      hour = { startedAt: now, customers: new Set(), told: false }
    }
    this.#people.delete(person)
    this.#people.set(person, hour)
    if (this.#people.size > MAX_PEOPLE) this.#people.delete(this.#people.keys().next().value!)
    if (hour.told) return false
    hour.customers.add(customerId)
    hour.told = hour.customers.size > this.#threshold
    if (hour.told) hour.customers.clear()
    return hour.told
  }
}
