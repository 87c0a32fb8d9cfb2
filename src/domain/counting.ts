/**
 * What counts, and what the totals are made of. The one place of these rules; docs/COUNTING.md says
 * them in prose. Pure.
 */
import { divideRounded } from './money.ts'
import type { PurchaseKind } from './purchase.ts'

/** Completed sales, and closed orders that no sale settles. */
export function isCounted(kind: PurchaseKind, status: string, settled: boolean): boolean {
  return kind === 'sale' ? status === 'completed' : status === 'closed' && !settled
}

/** Returns are counted apart; every other counted purchase is an order of the customer's. */
export function isReturn(type: string): boolean {
  return type === 'return'
}

export function isExchange(type: string): boolean {
  return type === 'exchange'
}

/** Only returns and exchanges take goods back: a negative line elsewhere is a discount or a correction. */
export function takesGoodsBack(type: string): boolean {
  return isReturn(type) || isExchange(type)
}

/** Additive figures of a set of counted purchases in one currency. Money in minor units. */
export interface Figures {
  currency: string
  orderCount: number
  returnCount: number
  exchangeCount: number
  /** Σ total: signed, so a return lowers it. */
  net: bigint
  /** Σ |total| of the returned lines (quantity < 0) of returns and exchanges. */
  refunded: bigint
  /** Of the counted purchases that are no returns; milliseconds since 1970. */
  firstPurchaseAt: number | null
  lastPurchaseAt: number | null
}

export interface CurrencyTotals extends Figures {
  /** net + refunded. */
  gross: bigint
  /** gross ÷ orderCount, rounded half away from zero; null without an order. */
  averageTicket: bigint | null
  /** (last − first) ÷ (orderCount − 1) in days, two decimals; null below two orders. */
  daysBetweenPurchases: number | null
}

/** Adds figures of any cells (locations, merged customers) to one total per currency, by currency code. */
export function sumByCurrency(cells: Iterable<Figures>): CurrencyTotals[] {
  const sums = new Map<string, Figures>()
  for (const cell of cells) {
    const sum = sums.get(cell.currency)
    if (!sum) {
      sums.set(cell.currency, { ...cell })
      continue
    }
    sum.orderCount += cell.orderCount
    sum.returnCount += cell.returnCount
    sum.exchangeCount += cell.exchangeCount
    sum.net += cell.net
    sum.refunded += cell.refunded
    sum.firstPurchaseAt = extreme(Math.min, sum.firstPurchaseAt, cell.firstPurchaseAt)
    sum.lastPurchaseAt = extreme(Math.max, sum.lastPurchaseAt, cell.lastPurchaseAt)
  }
  return [...sums.values()]
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
    .map((sum) => ({ ...sum, ...derived(sum) }))
}

const DAY_MS = 86_400_000

function derived(sum: Figures) {
  const gross = sum.net + sum.refunded
  const { orderCount, firstPurchaseAt: first, lastPurchaseAt: last } = sum
  return {
    gross,
    averageTicket: orderCount > 0 ? divideRounded(gross, BigInt(orderCount)) : null,
    daysBetweenPurchases:
      orderCount > 1 && first !== null && last !== null
        ? Math.round(((last - first) / DAY_MS / (orderCount - 1)) * 100) / 100
        : null,
  }
}

function extreme(pick: (a: number, b: number) => number, a: number | null, b: number | null) {
  if (a === null || b === null) return a ?? b
  return pick(a, b)
}
