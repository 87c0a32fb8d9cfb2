/** The timeline's filters as the address has them, and as the API is asked. */
import { localDate, startOfDate } from '../format/dates.ts'

export const PERIODS = ['30d', '90d', '12m'] as const
export const WHATS = ['sale', 'return', 'exchange', 'layaway_completion', 'order'] as const

export type Period = (typeof PERIODS)[number]
/** One choice for the API's two parameters: a kind, or one type of its sales. */
export type What = (typeof WHATS)[number]

export interface Filters {
  period: Period | null
  /** Dates on the store's clock, both included. */
  from: string | null
  to: string | null
  what: What | null
  store: string | null
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const UUID = /^[0-9a-f-]{36}$/

/** What an address says; what makes no sense in it is left out. */
export function filtersOf(search: URLSearchParams): Filters {
  const period = oneOf(PERIODS, search.get('period'))
  const date = (name: string) => (period ? null : match(DATE, search.get(name)))
  const [from, to] = [date('from'), date('to')]
  const turned = from !== null && to !== null && from > to
  return {
    period,
    from: turned ? to : from,
    to: turned ? from : to,
    what: oneOf(WHATS, search.get('show')),
    store: match(UUID, search.get('store')),
  }
}

export function searchOf({ period, from, to, what, store }: Filters): URLSearchParams {
  const given = { period, from, to, show: what, store }
  return new URLSearchParams(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== null)
}

/** The list's parameters. `today` is an instant, `zone` the clock that dates are read by. */
export function listParameters(filters: Filters, zone: string, now: Date): Record<string, string> {
  const { what, store, to } = filters
  const from = filters.period ? beginningOf(filters.period, zone, now) : filters.from
  return {
    ...(from && { fromDate: startOfDate(from, zone).toISOString() }),
    ...(to && { toDate: lastInstant(to, zone) }),
    ...(what && (what === 'order' ? { type: 'order' } : { saleType: what })),
    ...(store && { locationId: store }),
  }
}

/** The first date of a period that ends today. */
export function beginningOf(period: Period, zone: string, now: Date): string {
  const date = new Date(`${localDate(now.toISOString(), zone)}T00:00:00Z`)
  if (period === '12m') date.setUTCFullYear(date.getUTCFullYear() - 1)
  else date.setUTCDate(date.getUTCDate() - Number.parseInt(period, 10))
  return date.toISOString().slice(0, 10)
}

/** The last microsecond of a date. */
function lastInstant(date: string, zone: string): string {
  const next = new Date(`${date}T00:00:00Z`)
  next.setUTCDate(next.getUTCDate() + 1)
  const end = startOfDate(next.toISOString().slice(0, 10), zone)
  return new Date(end.getTime() - 1).toISOString().replace('Z', '999Z')
}

function oneOf<const T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find((value) => value === text) ?? null
}

function match(pattern: RegExp, text: string | null): string | null {
  return text !== null && pattern.test(text) ? text : null
}
