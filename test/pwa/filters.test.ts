import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import {
  beginningOf,
  filtersOf,
  listParameters,
  PERIODS,
  searchOf,
  WHATS,
} from '../../pwa/src/customer/filters.ts'

const none = { period: null, from: null, to: null, what: null, store: null }
const now = new Date('2026-03-31T22:30:00Z')

test('say the same in the address and read from it', () => {
  const date = fc
    .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10))
  const dates = fc
    .tuple(fc.option(date), fc.option(date))
    .map(([a, b]) => (a && b && a > b ? { from: b, to: a } : { from: a, to: b }))
  const filters = fc.record({
    period: fc.constant(null),
    what: fc.option(fc.constantFrom(...WHATS)),
    store: fc.option(fc.uuid()),
  })
  fc.assert(
    fc.property(filters, dates, fc.option(fc.constantFrom(...PERIODS)), (rest, range, period) => {
      const given = period ? { ...rest, period, from: null, to: null } : { ...rest, ...range }
      expect(filtersOf(searchOf(given))).toEqual(given)
    }),
  )
})

test('leave out what makes no sense, and turn dates that are the wrong way round', () => {
  const search = new URLSearchParams('show=gift&store=x&from=2026-05-01&to=2026-04-01&period=9y')

  expect(filtersOf(search)).toEqual({ ...none, from: '2026-04-01', to: '2026-05-01' })
})

test("ask for whole days of the store's clock, also where a day has 23 hours", () => {
  const filters = { ...none, from: '2026-03-29', to: '2026-03-29' }

  expect(listParameters(filters, 'Europe/Madrid', now)).toEqual({
    fromDate: '2026-03-28T23:00:00.000Z',
    toDate: '2026-03-29T21:59:59.999999Z',
  })
})

test('begin a period on the date that it is in the store', () => {
  expect(beginningOf('30d', 'Asia/Tokyo', now)).toBe('2026-03-02')
  expect(beginningOf('30d', 'America/New_York', now)).toBe('2026-03-01')
  expect(beginningOf('12m', 'UTC', now)).toBe('2025-03-31')
})

test("ask for a restaurant's orders by kind, and for all else by type", () => {
  expect(listParameters({ ...none, what: 'order' }, 'UTC', now)).toEqual({ type: 'order' })
  expect(listParameters({ ...none, what: 'return' }, 'UTC', now)).toEqual({ saleType: 'return' })
})
