/**
 * Times as the store's clock showed them, whichever clock this device has. A receipt names the store's zone
 * where the two differ.
 */
import { locale, t } from '../i18n/index.ts'

export const DEVICE_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone
const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

function format(at: Date | string | number, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale.value} ${JSON.stringify(options)}`
  let known = formats.get(key)
  if (!known) {
    known = new Intl.DateTimeFormat(locale.value, options)
    formats.set(key, known)
  }
  return known.format(new Date(at))
}

/** `Tue 3 Mar, 14:05`, below the month and its year. */
export function formatMoment(at: string, zone: string): string {
  return format(at, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  })
}

/** With the year, where no month stands above it: `3 Mar 2026, 14:05` */
export function formatDatedMoment(at: string, zone: string): string {
  return format(at, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  })
}

/** With the year, for a receipt: `3 March 2026 at 14:05`, and where the store is elsewhere `… GMT+9`. */
export function formatFullMoment(at: string | number, zone: string): string {
  return format(at, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
    ...(isElsewhere(zone, at) && { timeZoneName: 'short' }),
  })
}

export function formatDate(at: string | number, zone = DEVICE_ZONE): string {
  return format(at, { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone })
}

/** On this device's clock: `14:05` of today, else `3 Mar, 14:05`. */
export function formatTime(at: string | number): string {
  const isToday = formatDate(at) === formatDate(Date.now())
  return format(at, {
    hour: '2-digit',
    minute: '2-digit',
    ...(!isToday && { day: 'numeric', month: 'short' }),
  })
}

export function formatMonth(at: string | Date, zone: string): string {
  return format(at, { month: 'long', year: 'numeric', timeZone: zone })
}

/** `Mar 2026`, for an axis. */
export function formatShortMonth(at: Date): string {
  return format(at, { month: 'short', year: 'numeric', timeZone: 'UTC' })
}

/** `2026`, for an axis. */
export function formatYear(at: Date): string {
  return format(at, { year: 'numeric', timeZone: 'UTC' })
}

/** The month on the clock of the zone, as text that sorts: `2026-03`. */
export function monthOf(at: string, zone: string): string {
  const [year, month] = localDate(at, zone).split('-')
  return `${year}-${month}`
}

/** How long ago, in the words of a conversation. */
export function formatAgo(at: string, now = Date.now()): string {
  const today = localDate(new Date(now).toISOString(), DEVICE_ZONE)
  const days = Math.round((Date.parse(today) - Date.parse(localDate(at, DEVICE_ZONE))) / DAY_MS)
  if (days <= 0) return t.value.today
  if (days === 1) return t.value.yesterday
  const relative = new Intl.RelativeTimeFormat(locale.value, { numeric: 'always' })
  if (days < 60) return relative.format(-days, 'day')
  if (days < 730) return relative.format(-Math.round(days / 30.44), 'month')
  return relative.format(-Math.floor(days / 365.25), 'year')
}

/** A span of time in its largest unit, for where there is little room: `3 min`, `2 hr`, `1 day`. */
export function formatSpan(ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000))
  const [value, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 1440
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day']
  return new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'short' }).format(
    value,
  )
}

/** `2026-03-01`, on the clock of the zone. */
export function localDate(at: string, zone: string): string {
  return dateFormat(zone).format(new Date(at))
}

/** The first instant of a date on the clock of the zone. */
export function startOfDate(date: string, zone: string): Date {
  const midnightUtc = Date.parse(`${date}T00:00:00Z`)
  let at = midnightUtc
  // Twice: the offset at the guess may be another than that at the result.
  for (let n = 0; n < 2; n += 1) at = midnightUtc - offsetAt(at, zone)
  return new Date(at)
}

/** How far the zone's clock is ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const parts = clockFormat(zone).formatToParts(at)
  const part = (type: string) => Number(parts.find((each) => each.type === type)!.value)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(at / 1000) * 1000
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

/** Swedish writes dates as ISO 8601 does. */
function dateFormat(zone: string): Intl.DateTimeFormat {
  let known = dateFormats.get(zone)
  if (!known) {
    known = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
    dateFormats.set(zone, known)
  }
  return known
}

function clockFormat(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}

function isElsewhere(zone: string, at: string | number): boolean {
  if (zone === DEVICE_ZONE) return false
  const time = new Date(at).getTime()
  return offsetAt(time, zone) !== offsetAt(time, DEVICE_ZONE)
}
