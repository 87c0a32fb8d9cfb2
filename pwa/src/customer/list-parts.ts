/**
 * What of a long list is in the document: stretches of its rows, and in place of what is left out between them gaps
 * of the same height. Pure.
 *
 *   gap            months of which no row is there
 *   month  ─ gap   rows of it that are not there
 *          ├ rows
 *          └ gap
 *   gap
 */
import type { Entry } from '../api/types.ts'
import { isMasked } from '../api/types.ts'
import type { Month } from './months.ts'
import type { RowHeights } from './row-heights.ts'

/** Indexes of rows; `to` is the first that is no longer in it. */
export interface Stretch {
  from: number
  to: number
}

export interface Gap {
  key: string
  /** In pixels. */
  height: number
}

export interface MonthPart {
  month: Month
  /** Indexes are within the month. */
  parts: (Gap | Stretch)[]
  /** Whether some of its rows are left out. */
  isCut: boolean
}

export function isGap(part: Gap | Stretch | MonthPart): part is Gap {
  return 'height' in part
}

/** @param stretches of the whole list, in its order, without overlaps */
export function partsOf(
  months: readonly Month[],
  stretches: readonly Stretch[],
  heights: RowHeights,
): (Gap | MonthPart)[] {
  const parts: (Gap | MonthPart)[] = []
  let [start, left] = [0, 0]
  const closeGap = () => {
    if (left > 0) parts.push({ key: `gap-${parts.length}`, height: left })
    left = 0
  }
  for (const month of months) {
    const { length } = month.entries
    const inside = stretches
      .map(({ from, to }) => ({
        from: Math.max(0, from - start),
        to: Math.min(length, to - start),
      }))
      .filter(({ from, to }) => from < to)
    start += length
    if (inside.length === 0) {
      left += heights.ofMonth(month)
      continue
    }
    closeGap()
    parts.push(monthPart(month, inside, heights))
  }
  closeGap()
  return parts
}

function monthPart(month: Month, inside: Stretch[], heights: RowHeights): MonthPart {
  const { entries } = month
  const parts: (Gap | Stretch)[] = []
  let at = 0
  const gapTo = (to: number) => {
    const height = heights.ofRows(entries, at, to)
    if (to > at) parts.push({ key: `gap-${parts.length}`, height })
  }
  for (const stretch of inside) {
    gapTo(stretch.from)
    parts.push(stretch)
    at = stretch.to
  }
  gapTo(entries.length)
  return { month, parts, isCut: parts.some(isGap) }
}

/** Of `count` rows so many around the one, as far as there are any on both sides. */
export function stretchAround(index: number, size: number, count: number): Stretch {
  const from = Math.max(0, Math.min(index - (size >> 1), count - size))
  return { from, to: Math.min(count, from + size) }
}

/** How far a row that can be opened is looked for. */
const NEIGHBOUR = 25

/** The row that has the focus, with those on both sides that the arrow keys and the tabulator go to. */
export function neighbours(entries: readonly Entry[], index: number): Stretch {
  const isEnd = (at: number) => at < 0 || at >= entries.length || !isMasked(entries[at]!)
  let [from, last] = [index - 1, index + 1]
  while (!isEnd(from) && index - from < NEIGHBOUR) from -= 1
  while (!isEnd(last) && last - index < NEIGHBOUR) last += 1
  return { from: Math.max(0, from), to: Math.min(entries.length, last + 1) }
}

/** Both, in order; one where they touch. */
export function union(one: Stretch, other: Stretch): Stretch[] {
  const [first, second] = one.from <= other.from ? [one, other] : [other, one]
  if (second.from > first.to) return [first, second]
  return [{ from: first.from, to: Math.max(first.to, second.to) }]
}
