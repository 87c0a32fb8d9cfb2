/** A customer's spending over time as bars of equal times: months, or years where that would be too many. Pure. */
import type { MonthlySpending } from '../api/types.ts'

export interface SpendingBar {
  /** The first day of its time, in UTC. */
  from: Date
  /** In minor units; below zero where more was given back than bought. */
  net: bigint
}

export interface Spending {
  bars: SpendingBar[]
  /** What a bar stands for. */
  unit: 'month' | 'year'
}

/** As many fit a phone with room between them; of still more years the newest are shown. */
const MAX_BARS = 36

/**
 * Bars from the first to the last month, which come in this order, in one currency; times without purchases
 * are bars of nothing. Null where there are fewer than two bars to compare.
 */
export function spendingOf(months: readonly MonthlySpending[], currency: string): Spending | null {
  const points = months
    .filter((month) => month.currency === currency)
    .map(({ month, net }) => ({ month: monthNumber(month), net: BigInt(net) }))
  if (points.length < 2) return null
  const [first, last] = [points[0]!.month, points.at(-1)!.month]
  const step = last - first < MAX_BARS ? 1 : 12
  const end = Math.floor(last / step)
  const start = Math.max(Math.floor(first / step), end - MAX_BARS + 1)
  const bars = Array.from({ length: end - start + 1 }, (_, at) => ({
    from: firstDay((start + at) * step),
    net: 0n,
  }))
  for (const { month, net } of points) {
    const bar = bars[Math.floor(month / step) - start]
    if (bar) bar.net += net
  }
  return bars.length < 2 ? null : { bars, unit: step === 1 ? 'month' : 'year' }
}

function monthNumber(month: string): number {
  const [year, number] = month.split('-').map(Number)
  return year! * 12 + number! - 1
}

function firstDay(month: number): Date {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12, 1))
}
