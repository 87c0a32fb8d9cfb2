/** The timeline's groups. */
import type { Entry } from '../api/types.ts'
import { formatMonth, monthOf } from '../format/dates.ts'
import { zoneOf } from '../session/locations.ts'

export interface Month {
  /** `2026-03` */
  key: string
  title: string
  entries: readonly Entry[]
}

/**
 * By the month on each store's own clock. Stores whose clocks are in different months at one instant must
 * not make a month come twice: a group, once left for an older one, is not gone back to.
 *
 * @param before what it was before: a month in which nothing has changed is the same object, so that a page
 *   more of a long list costs no more than one of a short list
 */
export function groupByMonth(
  entries: readonly Entry[],
  before: readonly Month[] = [],
): readonly Month[] {
  const months: { key: string; zone: string; entries: Entry[] }[] = []
  for (const entry of entries) {
    const zone = zoneOf(entry.location?.id)
    const key = knownMonthOf(entry, zone)
    const current = months.at(-1)
    if (current && key >= current.key) current.entries.push(entry)
    else months.push({ key, zone, entries: [entry] })
  }
  const known = new Map(before.map((month) => [month.key, month]))
  return months.map(({ key, zone, entries }) => {
    const month = { key, title: formatMonth(entries[0]!.occurredAt, zone), entries }
    const same = known.get(key)
    return same && isSame(same, month) ? same : month
  })
}

/** Reading a date by a zone's clock is slow, and a list is grouped anew with every page. */
const monthsOf = new WeakMap<Entry, { zone: string; key: string }>()

function knownMonthOf(entry: Entry, zone: string): string {
  const known = monthsOf.get(entry)
  if (known?.zone === zone) return known.key
  const key = monthOf(entry.occurredAt, zone)
  monthsOf.set(entry, { zone, key })
  return key
}

function isSame(one: Month, other: Month): boolean {
  if (one.title !== other.title || one.entries.length !== other.entries.length) return false
  return one.entries.every((entry, at) => entry === other.entries[at])
}
