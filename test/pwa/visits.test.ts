import { beforeAll, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { Totals } from '../../pwa/src/api/types.ts'
import { byUse, howOften, visitsOf } from '../../pwa/src/customer/visits.ts'
import { sumByCurrency } from '../../src/domain/counting.ts'

/** Whatever language the machine has, the words are English. */
beforeAll(() => {
  Object.defineProperty(navigator, 'languages', { value: ['en-GB'], configurable: true })
})

const instant = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z')
const totals = (currency: string, orderCount: number, first?: string, last = first) =>
  ({
    currency,
    orderCount,
    firstPurchaseAt: first ? `${first}T12:00:00.000000Z` : null,
    lastPurchaseAt: last ? `${last}T12:00:00.000000Z` : null,
  }) as Totals

test('the last visit is the last in any currency', () => {
  const visits = visitsOf([
    totals('EUR', 2, '2026-07-05'),
    totals('GBP', 1, '2026-10-30'),
    totals('USD', 0),
  ])

  expect(visits.count).toBe(3)
  expect(visits.lastAt).toStartWith('2026-10-30')
})

test('how often is from the first visit in any currency to the last in any', () => {
  const visits = visitsOf([totals('EUR', 1, '2026-01-01'), totals('GBP', 1, '2026-01-22')])

  expect(visits.everyDays).toBe(21)
  expect(howOften(visits)).toBe('Every 3 weeks')
  expect(howOften(visitsOf([totals('EUR', 1, '2026-01-01')]))).toBe('Once')
  expect(howOften(visitsOf([totals('EUR', 0)]))).toBe('Never')
  expect(howOften(visitsOf([]))).toBe('Never')
})

test('purchases in several currencies are the visits of one that paid all in one', () => {
  const purchases = fc.array(
    fc.record({
      currency: fc.constantFrom('EUR', 'GBP', 'USD'),
      at: fc.integer({ min: 0, max: 2e12 }),
      returned: fc.boolean(),
    }),
  )
  const summaryOf = (all: { currency: string; at: number; returned: boolean }[]) =>
    sumByCurrency(
      all.map(({ currency, at, returned }) => ({
        currency,
        orderCount: returned ? 0 : 1,
        returnCount: returned ? 1 : 0,
        exchangeCount: 0,
        net: 1n,
        refunded: 0n,
        firstPurchaseAt: returned ? null : at,
        lastPurchaseAt: returned ? null : at,
      })),
    ).map(({ firstPurchaseAt: first, lastPurchaseAt: last, ...sum }) => ({
      ...sum,
      firstPurchaseAt: first === null ? null : instant(first),
      lastPurchaseAt: last === null ? null : instant(last),
    })) as Totals[]
  fc.assert(
    fc.property(purchases, (all) => {
      const mixed = visitsOf(summaryOf(all))
      const one = summaryOf(all.map((each) => ({ ...each, currency: 'EUR' })))

      expect(mixed).toEqual(visitsOf(one))
      expect(mixed.count).toBe(all.filter(({ returned }) => !returned).length)
      const server = one[0]?.daysBetweenPurchases ?? null
      if (server === null) expect(mixed.everyDays).toBeNull()
      else expect(mixed.everyDays).toBeCloseTo(server, 1)
    }),
  )
})

test('the currency of most visits is first', () => {
  const sorted = byUse([totals('EUR', 1), totals('GBP', 5)])
  expect(sorted.map(({ currency }) => currency)).toEqual(['GBP', 'EUR'])
})
