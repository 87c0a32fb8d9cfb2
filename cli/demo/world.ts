/**
 * The demo's world while its two years go by: what exists, who owns what, and what happens next.
 *
 * A story is a coroutine that changes the world, emits what a till would have written, and yields
 * the instant when it goes on. The world resumes stories in time order, so that each sees the world
 * as it is by then: a return goes to whoever owns the sale after all merges up to that day.
 */
import type { ChainSpec, LocationSpec, Range } from './chains.ts'
import type { Change, Rows, SourceTransaction } from './changes.ts'
import { DAY, HOUR, isoOf, localDay, localTime, type Micros } from './clock.ts'
import type { ProductSpec } from './products.ts'
import { EventQueue } from './queue.ts'
import type { Random } from './random.ts'

/** Yields the instant of its next step. */
export type Story = Generator<Micros, void, void>

export interface Location {
  row: Rows['location']
  spec: LocationSpec
  chain: Chain
  staff: Rows['employee'][]
  /** How many receipts it has printed. */
  receipts: number
}

export interface Product {
  row: Rows['product']
  spec: ProductSpec
  categoryName: string
}

export interface Variant {
  row: Rows['productVariant']
  product: Product
  /** `Navy / M`; null when there is but one. */
  name: string | null
  /** Whether it costs the surcharge of a larger size. */
  larger: boolean
}

export interface Chain {
  spec: ChainSpec
  business: Rows['business']
  locations: Location[]
  manager: Rows['employee']
  products: Product[]
  variants: Record<Range, Variant[]>
  customers: Customer[]
}

export interface Customer {
  row: Rows['customer']
  chain: Chain
  region: string
  /** How often this customer drops in by chance, against the others; 0 is never. */
  habit: number
  purchases: Set<Purchase>
}

interface SaleLine {
  row: Rows['saleLine']
  /** Thousandths of a unit. */
  qty: bigint
  /** How much of it has come back, in thousandths. */
  returned: bigint
}

export interface Sale {
  kind: 'sale'
  row: Rows['sale']
  location: Location
  owner: Customer | null
  lines: SaleLine[]
  payments: Rows['salePayment'][]
}

export interface Order {
  kind: 'order'
  row: Rows['order']
  location: Location
  owner: Customer | null
  items: Rows['orderItem'][]
}

export type Purchase = Sale | Order

export class World {
  now: Micros
  readonly #queue = new EventQueue<Story>()
  #emitted: SourceTransaction[] = []

  constructor(
    readonly random: Random,
    readonly start: Micros,
    readonly until: Micros,
  ) {
    this.now = start
  }

  /** Lets the story begin at `at`. What lies after the demo's end never happens. */
  begin(at: Micros, story: Story): void {
    this.#queue.push(at, story)
  }

  /** Writes one source transaction, dated now; the next one is later, be it by a millisecond. */
  emit(changes: Change[]): void {
    this.#emitted.push({ at: isoOf(this.now), changes })
    this.now += 1000
  }

  /** An id that has not been given out. */
  uuid(): string {
    return this.random.uuid(this.now)
  }

  get nowIso(): string {
    return isoOf(this.now)
  }

  /** Runs every story up to the end, oldest event first. */
  *run(): Generator<SourceTransaction> {
    yield* this.#take()
    for (let next = this.#queue.pop(); next && next.at < this.until; next = this.#queue.pop()) {
      this.now = Math.max(this.now, next.at)
      const step = next.item.next()
      if (!step.done) this.#queue.push(Math.max(step.value, this.now + 1), next.item)
      yield* this.#take()
    }
    this.now = Math.max(this.now, this.until)
  }

  /** A moment in the opening hours of the location, `days` days from now on its calendar. */
  inDays(location: Location, days: number): Micros {
    return this.openingHours(location, localDay(location.spec.timezone, this.now) + days * DAY)
  }

  /** A moment in the opening hours of the location on the given day of its calendar. */
  openingHours(location: Location, day: Micros): Micros {
    const { opens, closes, timezone } = location.spec
    // The last hour is left for what follows a visit: another round, the bill.
    const length = (closes - opens - 1) * HOUR
    return localTime(timezone, day, opens * HOUR + Math.floor(this.random.fraction() * length))
  }

  #take(): SourceTransaction[] {
    const taken = this.#emitted
    this.#emitted = []
    return taken
  }
}

/** Hands the purchase to another customer, in the world; the caller emits what that writes. */
export function attribute(purchase: Purchase, owner: Customer | null): void {
  purchase.owner?.purchases.delete(purchase)
  purchase.owner = owner
  purchase.row.customerId = owner?.row.id ?? null
  owner?.purchases.add(purchase)
}
