/** The timeline's groups. */
import type { Entry } from '../api/types.ts'
import { formatMonth, monthOf } from '../format/dates.ts'
import { zoneOf } from '../session/locations.ts'

export interface Month {
  /** `2026-03` */
  key: string
  title: string
  entries: Entry[]
}

/**
 * By the month on each store's own clock. Stores whose clocks are in different months at one instant must
 * not make a month come twice: a group, once left for an older one, is not gone back to.
 */
export function groupByMonth(entries: readonly Entry[]): Month[] {
  const months: Month[] = []
  for (const entry of entries) {
    const zone = zoneOf(entry.location?.id)
    const key = monthOf(entry.occurredAt, zone)
    const current = months.at(-1)
    if (current && key >= current.key) current.entries.push(entry)
    else months.push({ key, title: formatMonth(entry.occurredAt, zone), entries: [entry] })
  }
  return months
}
