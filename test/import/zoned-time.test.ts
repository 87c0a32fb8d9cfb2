import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ZoneClock } from '../../cli/import/zoned-time.ts'

const london = new ZoneClock('Europe/London')
const at = (clock: ZoneClock, local: string) =>
  new Date(clock.instant(Date.parse(`${local}Z`))).toISOString().slice(0, 19)

describe('a wall clock in London', () => {
  test('is UTC in winter and an hour ahead in summer', () => {
    expect(at(london, '2010-12-01T08:26:00')).toBe('2010-12-01T08:26:00')
    expect(at(london, '2011-07-01T08:26:00')).toBe('2011-07-01T07:26:00')
  })

  test('that is skipped in spring is read as if it had not been put forward yet', () => {
    expect(at(london, '2011-03-27T00:59:59')).toBe('2011-03-27T00:59:59')
    expect(at(london, '2011-03-27T01:30:00')).toBe('2011-03-27T01:30:00')
    expect(at(london, '2011-03-27T02:00:00')).toBe('2011-03-27T01:00:00')
  })

  test('that comes twice in autumn is the first of the two', () => {
    expect(at(london, '2011-10-30T00:59:59')).toBe('2011-10-29T23:59:59')
    expect(at(london, '2011-10-30T01:30:00')).toBe('2011-10-30T00:30:00')
    expect(at(london, '2011-10-30T02:00:00')).toBe('2011-10-30T02:00:00')
  })
})

describe('any zone', () => {
  const zones = [
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'UTC',
  ]

  test('shows the wall clock that the instant was read from, unless it was skipped', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2037, 0, 1) }),
        (zone, ms) => {
          const wall = Math.floor(ms / 1000) * 1000
          const instant = new ZoneClock(zone).instant(wall)
          const shown = Date.parse(
            `${new Date(instant).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T')}Z`,
          )
          // A skipped clock is shown as much later as it was put forward: an hour at most.
          if (shown !== wall) {
            expect(shown - wall).toBeGreaterThan(0)
            expect(shown - wall).toBeLessThanOrEqual(3_600_000)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('shows every minute of the days on which it changes, skipped ones apart', () => {
    for (const [zone, day, skipped] of [
      ['Europe/London', '2011-03-27', 60],
      ['Europe/London', '2011-10-30', 0],
      ['Australia/Lord_Howe', '2011-10-02', 30],
      ['Australia/Lord_Howe', '2011-04-03', 0],
    ] as const) {
      const clock = new ZoneClock(zone)
      const start = Date.parse(`${day}T00:00:00Z`)
      let missing = 0
      for (let minute = 0; minute < 1440; minute++) {
        const wall = start + minute * 60_000
        const shown = new Date(clock.instant(wall)).toLocaleString('sv-SE', { timeZone: zone })
        if (Date.parse(`${shown.replace(' ', 'T')}Z`) !== wall) missing++
      }
      expect(missing).toBe(skipped)
    }
  })
})
