/** Instants with microseconds, and the opening hours of a shop on its own clock. */

/** Microseconds since 1970: a safe integer until the year 2255. */
export type Micros = number

export const MINUTE: Micros = 60_000_000
export const HOUR: Micros = 60 * MINUTE
export const DAY: Micros = 24 * HOUR

/** ISO 8601 in UTC with six decimals. */
export function isoOf(at: Micros): string {
  const millis = Math.floor(at / 1000)
  const rest = String(at - millis * 1000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`
}

/** The year on a UTC calendar. */
export function yearOf(at: Micros): number {
  return new Date(at / 1000).getUTCFullYear()
}

/** The month, 1 to 12, on a UTC calendar. */
export function monthOf(at: Micros): number {
  return new Date(at / 1000).getUTCMonth() + 1
}

/** 0 is Sunday. */
export function weekdayOf(at: Micros): number {
  return new Date(at / 1000).getUTCDay()
}

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, Micros>()

/**
 * How far the zone's clock is ahead of UTC on the UTC day that holds `at`, taken at its noon: a
 * change to summer time happens at night, when the shops are closed.
 */
function offsetAt(timezone: string, at: Micros): Micros {
  const day = Math.floor(at / DAY)
  const key = `${timezone} ${day}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  let format = formats.get(timezone)
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' })
    formats.set(timezone, format)
  }
  const parts = format.formatToParts(new Date((day * DAY + 12 * HOUR) / 1000))
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name)
  if (!match) throw new RangeError(`no offset of ${timezone}: ${name}`)
  const size = Number(match[2] ?? 0) * HOUR + Number(match[3] ?? 0) * MINUTE
  const offset = match[1] === '-' ? -size : size
  offsets.set(key, offset)
  return offset
}

/** The instant when the zone's clock shows `sinceMidnight` on the calendar day that starts at `day`. */
export function localTime(timezone: string, day: Micros, sinceMidnight: Micros): Micros {
  const midnight = Math.floor(day / DAY) * DAY
  return midnight + sinceMidnight - offsetAt(timezone, midnight)
}

/** The start of the calendar day that the zone's clock shows at `at`, as `localTime` takes it. */
export function localDay(timezone: string, at: Micros): Micros {
  return Math.floor((at + offsetAt(timezone, at)) / DAY) * DAY
}
