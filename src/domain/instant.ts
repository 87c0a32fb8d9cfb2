/**
 * Instants with microseconds, which a JavaScript Date would cut off. As a number: microseconds since
 * 1970 (bigint). As a text: RFC 3339 in UTC with six decimals always, so that texts sort as times.
 */

const CANONICAL = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
const PLAIN_DATE = /^(\d{4})-(\d\d)-(\d\d)$/

const DAY_MICROS = 86_400_000_000n
const YEAR_ONE = -62_135_596_800_000_000n
const YEAR_TEN_THOUSAND = 253_402_300_800_000_000n

/** Canonical text → microseconds. Throws a RangeError for any other text. */
export function microsOfInstant(text: string): bigint {
  const match = CANONICAL.exec(text)
  if (!match) throw new RangeError('not a canonical instant')
  return BigInt(Date.parse(`${match[1]}Z`)) * 1000n + BigInt(match[2]!)
}

/** Microseconds → canonical text; for the years 0001 to 9999. */
export function instantOfMicros(micros: bigint): string {
  if (micros < YEAR_ONE || micros >= YEAR_TEN_THOUSAND) throw new RangeError('year out of range')
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`
}

/** An RFC 3339 date-time → microseconds, or null when the text is none (or names no real time). */
export function parseInstant(text: string): bigint | null {
  const match = RFC3339.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match
  if (hour! > '23' || minute! > '59' || second! > '59') return null
  const midnight = parsePlainDate(`${year}-${month}-${day}`)
  if (midnight === null) return null
  const seconds =
    BigInt(hour!) * 3600n + BigInt(minute!) * 60n + BigInt(second!) - zoneSeconds(zone)
  const micros = midnight + seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  return micros < YEAR_ONE || micros >= YEAR_TEN_THOUSAND ? null : micros
}

/** `YYYY-MM-DD` → the first microsecond of that day in UTC, or null when there is no such day. */
export function parsePlainDate(text: string): bigint | null {
  const match = PLAIN_DATE.exec(text)
  if (!match || match[1] === '0000') return null
  const at = Date.parse(`${text}T00:00:00Z`)
  // Engines differ on 30 February: some say NaN, some roll over to March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return null
  return BigInt(at) * 1000n
}

/** The last microsecond of the UTC day that starts at `midnight`. */
export function endOfDay(midnight: bigint): bigint {
  return midnight + DAY_MICROS - 1n
}

function zoneSeconds(zone: string): bigint {
  if (zone === 'Z' || zone === 'z') return 0n
  const seconds = BigInt(zone.slice(1, 3)) * 3600n + BigInt(zone.slice(4, 6)) * 60n
  return zone.startsWith('-') ? -seconds : seconds
}
