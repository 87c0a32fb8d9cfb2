/** A customer's spending over time, from as many purchases as one answer brings. Pure. */
import { type Entry, isMasked, type Purchase } from '../api/types.ts'

export interface SpendingBar {
  /** The first day of its time, in UTC. */
  from: Date
  /** In minor units; below zero where more was given back than bought. */
  net: number
}

export interface Spending {
  bars: SpendingBar[]
  /** How many months a bar stands for. */
  months: number
}

/** As many fit a phone with room between them. */
const MAX_BARS = 24
const STEPS = [1, 3, 6, 12]

/**
 * Bars of equal times from the first to the last counted purchase in one currency. Where older purchases
 * exist that are not in the list (`isAll` false), the oldest time is left out: it is known in part only.
 * Null where there are fewer than two bars to compare.
 */
export function spendingOf(
  entries: readonly Entry[],
  currency: string,
  isAll: boolean,
  zoneOf: (purchase: Purchase) => string,
  monthOf: (at: string, zone: string) => string,
): Spending | null {
  const counted = entries
    .filter((entry): entry is Purchase => !isMasked(entry))
    .filter(({ counted, total }) => counted && total.currency === currency)
  if (counted.length === 0) return null
  const points = counted.map((purchase) => ({
    month: monthNumber(monthOf(purchase.occurredAt, zoneOf(purchase))),
    net: Number(purchase.total.amount),
  }))
  const first = Math.min(...points.map(({ month }) => month))
  const last = Math.max(...points.map(({ month }) => month))
  const span = last - first + 1
  const months = STEPS.find((step) => span <= step * MAX_BARS) ?? Math.ceil(span / MAX_BARS)
  // Bars begin where the calendar's quarters, halves and years do.
  const start = Math.floor(first / months)
  const sums = new Array<number>(Math.floor(last / months) - start + 1).fill(0)
  for (const { month, net } of points) sums[Math.floor(month / months) - start]! += net
  const bars = sums.map((net, at) => ({ from: firstDay((start + at) * months), net }))
  const known = isAll ? bars : bars.slice(1)
  return known.length < 2 ? null : { bars: known, months }
}

function monthNumber(month: string): number {
  const [year, number] = month.split('-').map(Number)
  return year! * 12 + number! - 1
}

function firstDay(month: number): Date {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12, 1))
}
