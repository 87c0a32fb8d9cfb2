/** Quotas: held by one process exactly, by several together, and told in time. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { SharedCounts } from '../../src/cache/shared-counts.ts'
import { parseQuotas } from '../../src/http/quotas.ts'
import { claimOf, RateLimiter } from '../../src/http/rate-limiter.ts'

const quota = { name: 'person-read', limit: 10, windowS: 60 } as const
const MINUTE = 60_000

/** A limiter, its clock, and one request for somebody: whether it was let through. */
function limiterAt(start: number, shared?: SharedCounts) {
  const clock = { now: start }
  const limiter = new RateLimiter({ now: () => clock.now, ...(shared && { shared }) })
  const behind: Promise<unknown>[] = []
  return {
    clock,
    limiter,
    take(subject = 'kim') {
      const claims = [claimOf(quota, subject)]
      if (limiter.look(claims)[0]!.left === 0) return false
      limiter.count(claims, (work) => behind.push(work))
      return true
    },
    standing: (subject = 'kim') => limiter.look([claimOf(quota, subject)])[0]!,
    settled: () => Promise.all(behind.splice(0)),
  }
}

const taken = (times: number, take: () => boolean) =>
  Array.from({ length: times }, take).filter(Boolean).length

test('lets through what the quota has, for each subject, and no more', () => {
  const { take } = limiterAt(MINUTE)

  expect(taken(25, () => take('kim'))).toBe(10)
  expect(taken(25, () => take('lee'))).toBe(10)
})

test('never lets more than the quota through in any window, however requests come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (pauses) => {
      const { clock, take } = limiterAt(MINUTE)
      const passed: number[] = []
      for (const pause of pauses) {
        clock.now += pause
        if (take()) passed.push(clock.now)
      }
      for (let window = MINUTE; window <= clock.now; window += MINUTE) {
        const within = passed.filter((at) => at >= window && at < window + MINUTE)
        expect(within.length).toBeLessThanOrEqual(quota.limit)
      }
    }),
  )
})

test('lets one more through when the time that it told is over, and not a second before', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 59_999 }),
      fc.integer({ min: 0, max: 59_999 }),
      (first, second) => {
        const { clock, take, standing } = limiterAt(MINUTE + first)
        taken(10, take)
        clock.now = 2 * MINUTE + second
        taken(10, take)
        const { waitS, left } = standing()
        expect(left).toBe(0)
        clock.now += Math.max(0, (waitS - 1) * 1_000 - 1)
        if (waitS > 1) expect(standing().left).toBe(0)
        clock.now += 1_001
        expect(standing().left).toBeGreaterThan(0)
      },
    ),
  )
})

test('forgets whom it has not seen for longest when there are too many', () => {
  const { take, standing } = limiterAt(MINUTE)
  taken(10, () => take('kim'))
  for (let at = 0; at < 20_000; at += 1) take(`flood-${at}`)

  expect(standing('kim').left).toBe(10)
  expect(standing('flood-19999').left).toBe(9)
})

describe('with shared counts', () => {
  /** What a Redis would keep. */
  function counts() {
    const totals = new Map<string, number>()
    const state = { down: false, asked: 0 }
    const shared: SharedCounts = {
      async add(given) {
        state.asked += 1
        if (state.down) throw new Error('down')
        return given.map(({ key, by }) => {
          totals.set(key, (totals.get(key) ?? 0) + by)
          return totals.get(key)!
        })
      },
    }
    return { totals, state, shared }
  }

  test('two processes hold one quota together, once each has told the other', async () => {
    const { shared } = counts()
    const [one, other] = [limiterAt(MINUTE, shared), limiterAt(MINUTE, shared)]
    let passed = 0
    for (let second = 0; second < 20; second += 1) {
      for (const process of [one, other]) {
        process.clock.now += 1_000
        passed += taken(1, () => process.take())
        await process.settled()
      }
    }

    expect(passed).toBeGreaterThanOrEqual(quota.limit)
    expect(passed).toBeLessThanOrEqual(quota.limit + 2)
  })

  test('asks them once a second at most, however many requests there are', async () => {
    const { shared, state, totals } = counts()
    const { clock, take, settled } = limiterAt(MINUTE, shared)

    for (let at = 0; at < 100; at += 1) take(`somebody-${at % 20}`)
    clock.now += 1_000
    take('somebody-0')
    await settled()

    expect(state.asked).toBe(2)
    expect([...totals.values()].reduce((sum, count) => sum + count)).toBe(101)
  })

  test('while they are down it counts for itself, and tells what it kept back afterwards', async () => {
    const { shared, state, totals } = counts()
    const { clock, take, settled } = limiterAt(MINUTE, shared)
    state.down = true

    expect(taken(4, take)).toBe(4)
    await settled()
    state.down = false
    clock.now += 1_000
    expect(taken(9, take)).toBe(6)
    clock.now += 1_000
    await settled()

    expect([...totals.values()]).toEqual([5])
  })
})

describe('a setting of quotas', () => {
  test('overrides the defaults that it names', () => {
    const quotas = parseQuotas('person-search=5/10, tenant-read=1/1')!

    expect(quotas['person-search']).toEqual({ name: 'person-search', limit: 5, windowS: 10 })
    expect(quotas['tenant-read'].limit).toBe(1)
    expect(quotas['person-read']).toEqual({ name: 'person-read', limit: 600, windowS: 60 })
    expect(parseQuotas('')).toEqual(parseQuotas('person-read=600/60'))
    expect(parseQuotas('off')).toBeNull()
  })

  test.each(['nope=1/1', 'person-read', 'person-read=0/60', 'person-read=10', '__proto__=1/1'])(
    '%p is refused',
    (text) => {
      expect(() => parseQuotas(text)).toThrow(RangeError)
    },
  )
})
