/**
 * How often and when somebody came, whatever they paid with: a purchase is in one currency only, so the counts
 * of the currencies add up. Returns are no visits. Pure, but for the language.
 */
import type { Totals } from '../api/types.ts'
import { t } from '../i18n/index.ts'

export interface Visits {
  count: number
  /** Null for somebody who never came. */
  lastAt: string | null
  /** Days from one visit to the next, on average; null below two. */
  everyDays: number | null
}

const DAY_MS = 86_400_000

export function visitsOf(totals: readonly Totals[]): Visits {
  const count = totals.reduce((sum, { orderCount }) => sum + orderCount, 0)
  // Always in UTC with six decimals: they sort as text.
  const firstAt = totals.flatMap(({ firstPurchaseAt }) => firstPurchaseAt ?? []).sort()[0]
  const lastAt = totals
    .flatMap(({ lastPurchaseAt }) => lastPurchaseAt ?? [])
    .sort()
    .at(-1)
  const spanMs = firstAt && lastAt ? Date.parse(lastAt) - Date.parse(firstAt) : 0
  return {
    count,
    lastAt: lastAt ?? null,
    everyDays: count > 1 ? spanMs / DAY_MS / (count - 1) : null,
  }
}

/** `Every 3 weeks`. */
export function howOften({ count, everyDays: days }: Visits): string {
  const texts = t.value
  if (days === null) return count > 0 ? texts.once : texts.never
  if (days < 1) return texts.daily
  if (days < 14) return texts.everyDays(Math.round(days))
  return days < 60
    ? texts.everyWeeks(Math.round(days / 7))
    : texts.everyMonths(Math.round(days / 30.44))
}

/** The currency that somebody pays in most comes first. */
export function byUse(totals: readonly Totals[]): Totals[] {
  return [...totals].sort((a, b) => b.orderCount - a.orderCount)
}
