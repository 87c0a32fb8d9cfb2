/**
 * What a purchase adds to its customer's metrics, and the difference that a change makes to
 * them. Pure: everything is additive, so a batch nets to one row a key.
 */
import { isExchange, isReturn } from '../../src/domain/counting.ts'
import { countsInTotals, isListed, type Purchase, refundedOf } from './purchase.ts'

/** What one purchase contributes. null where it contributes nothing (uncounted, or a guest's). */
export interface Contribution {
  businessId: string
  customerId: string
  locationId: string
  currency: string
  isReturn: boolean
  isExchange: boolean
  net: bigint
  refunded: bigint
  occurredAt: string
}

export function contributionOf(purchase: Purchase | null): Contribution | null {
  if (!purchase?.customerId || !countsInTotals(purchase) || !isListed(purchase)) return null
  return {
    businessId: purchase.businessId,
    customerId: purchase.customerId,
    locationId: purchase.locationId,
    currency: purchase.currency,
    isReturn: isReturn(purchase.type),
    isExchange: isExchange(purchase.type),
    net: BigInt(purchase.total),
    refunded: refundedOf(purchase),
    occurredAt: purchase.occurredAt,
  }
}

/** A row of `customer_metrics` to add to. */
export interface MetricsDelta {
  businessId: string
  customerId: string
  locationId: string
  currency: string
  orders: number
  returns: number
  exchanges: number
  net: bigint
  refunded: bigint
  /** Bounds of what was added. */
  first: string | null
  last: string | null
  /** Something was taken away: first and last must be found again, and the row may have to go. */
  taken: boolean
}

/** Collects the differences of a batch, one row a key. */
export class Effects {
  readonly #cells = new Map<string, MetricsDelta[]>()
  /** Customers of whom anything changed, counted or not: their cached answers are no longer true. */
  readonly customers = new Set<string>()

  /** One row a key, neighbours in the index as neighbours. */
  metrics(): MetricsDelta[] {
    const customers = [...this.#cells.keys()].sort()
    return customers.flatMap((id) => this.#cells.get(id)!)
  }

  /** Records that a purchase contributed `before` and now contributes `after`. */
  record(before: Contribution | null, after: Contribution | null): void {
    // Most changes leave the sums alone (a line of a counted sale, a payment): then nothing is taken away.
    if (before && after && sameContribution(before, after)) return
    if (before) this.#add(before, -1)
    if (after) this.#add(after, 1)
  }

  #add(of: Contribution, sign: 1 | -1) {
    const metrics = this.#cell(of)
    if (of.isReturn) metrics.returns += sign
    else {
      metrics.orders += sign
      if (of.isExchange) metrics.exchanges += sign
      if (sign > 0) {
        if (metrics.first === null || of.occurredAt < metrics.first) metrics.first = of.occurredAt
        if (metrics.last === null || of.occurredAt > metrics.last) metrics.last = of.occurredAt
      }
    }
    if (sign > 0) {
      metrics.net += of.net
      metrics.refunded += of.refunded
    } else {
      metrics.net -= of.net
      metrics.refunded -= of.refunded
      metrics.taken = true
    }
  }

  /** The delta of a purchase's cell: customers have few, so they are looked through. */
  #cell({ businessId, customerId, locationId, currency }: Contribution): MetricsDelta {
    let cells = this.#cells.get(customerId)
    if (!cells) {
      cells = []
      this.#cells.set(customerId, cells)
    }
    for (const cell of cells)
      if (cell.locationId === locationId && cell.currency === currency) return cell
    const cell: MetricsDelta = {
      businessId,
      customerId,
      locationId,
      currency,
      orders: 0,
      returns: 0,
      exchanges: 0,
      net: 0n,
      refunded: 0n,
      first: null,
      last: null,
      taken: false,
    }
    cells.push(cell)
    return cell
  }
}

function sameContribution(a: Contribution, b: Contribution): boolean {
  return (
    a.customerId === b.customerId &&
    a.locationId === b.locationId &&
    a.currency === b.currency &&
    a.businessId === b.businessId &&
    a.isReturn === b.isReturn &&
    a.isExchange === b.isExchange &&
    a.net === b.net &&
    a.refunded === b.refunded &&
    a.occurredAt === b.occurredAt
  )
}
