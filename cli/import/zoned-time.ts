/**
 * A wall clock in a zone → the instant. Pure; the zone's rules come from Intl.
 *
 * The two hours a year where the clock alone does not say the instant are read as Temporal's
 * `disambiguation: 'compatible'`, Java and Python read them:
 * - skipped in spring (01:30 where 01:00 became 02:00): as if the clock had not been put forward yet;
 * - repeated in autumn (01:30 comes twice): the first of the two.
 */

const DAY_MS = 86_400_000

/** Reads wall clocks of one zone. Remembers the zone's offset by day, so that a million cost little. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat
  /** Day (since 1970) → the offset that holds all day and around it, or null near a change of it. */
  readonly #days = new Map<number, number | null>()

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The instant, in ms, at which the zone's clocks show `wall`: a local time written as if UTC. */
  instant(wall: number): number {
    const day = Math.floor(wall / DAY_MS)
    let constant = this.#days.get(day)
    if (constant === undefined) {
      constant = this.#constantOffset(day)
      this.#days.set(day, constant)
    }
    if (constant !== null) return wall - constant

    const before = this.#offset(wall - DAY_MS)
    const after = this.#offset(wall + DAY_MS)
    const early = wall - Math.max(before, after)
    const late = wall - Math.min(before, after)
    if (this.#offset(early) === wall - early) return early
    if (this.#offset(late) === wall - late) return late
    return wall - before
  }

  #constantOffset(day: number): number | null {
    const before = this.#offset((day - 1) * DAY_MS)
    const after = this.#offset((day + 2) * DAY_MS)
    return before === after ? before : null
  }

  /** Local time minus UTC at an instant. */
  #offset(instant: number): number {
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(instant)) parts[type] = Number(value)
    const { year, month, day, hour, minute, second } = parts as Record<string, number>
    const local = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!)
    return local - Math.floor(instant / 1000) * 1000
  }
}
