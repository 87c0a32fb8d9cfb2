import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { parseExact } from '../../pwa/src/api/json.ts'
import type { MonthlySpending } from '../../pwa/src/api/types.ts'
import { spendingOf } from '../../pwa/src/customer/spending.ts'
import { decimal } from '../../pwa/src/format/money.ts'

test('amounts are written exactly, whatever their size', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 0, max: 3 }), (amount, digits) => {
      const [whole, fraction = ''] = decimal(amount, digits).split('.')
      expect(fraction).toHaveLength(digits)
      expect(BigInt(`${whole}${fraction}`)).toBe(amount)
    }),
  )
  expect(decimal(-5, 2)).toBe('-0.05')
  expect(decimal(0, 2)).toBe('0.00')
})

test('integers beyond 2^53 keep their digits, and texts that look like them stay texts', () => {
  expect(parseExact('{"a": 12345678901234567, "b": "12345678901234567", "c": 12}')).toEqual({
    a: 12345678901234567n,
    b: '12345678901234567',
    c: 12,
  })
  expect(parseExact('[1234567890123456, -99999999999999999]')).toEqual([
    1234567890123456,
    -99999999999999999n,
  ])
})

const month = (month: string, net: number | bigint, currency = 'EUR') =>
  ({ month, net, currency, gross: net, refunded: 0, orderCount: 1 }) as MonthlySpending

test('the chart has a bar for each month from the first to the last, of one currency', () => {
  const spending = spendingOf(
    [
      month('2025-11', 1000),
      month('2025-12', 7, 'JPY'),
      month('2026-01', -300),
      month('2026-02', 9_007_199_254_740_993n),
      month('2026-03', 7, 'JPY'),
    ],
    'EUR',
  )!

  expect(spending.unit).toBe('month')
  expect(spending.bars.map(({ net }) => net)).toEqual([1000n, 0n, -300n, 9_007_199_254_740_993n])
  expect(spending.bars[0]!.from.toISOString()).toStartWith('2025-11-01')
})

test('nothing is drawn where there is nothing to compare', () => {
  expect(spendingOf([], 'EUR')).toBeNull()
  expect(spendingOf([month('2025-11', 1), month('2025-12', 1, 'JPY')], 'EUR')).toBeNull()
})

test('the chart adds up to what was spent, in at most 36 bars, of which many years are the newest', () => {
  const months = fc
    .uniqueArray(fc.record({ year: fc.integer({ min: 1990, max: 2025 }), at: fc.nat(11) }), {
      minLength: 2,
      maxLength: 60,
      selector: ({ year, at }) => year * 12 + at,
    })
    .map((all) => all.map(({ year, at }) => `${year}-${String(at + 1).padStart(2, '0')}`).sort())
  fc.assert(
    fc.property(months, (named) => {
      const spending = spendingOf(
        named.map((name, at) => month(name, at + 1)),
        'EUR',
      )
      if (!spending) return
      const { bars, unit } = spending
      const sum = bars.reduce((all, { net }) => all + net, 0n)
      expect(Number(sum)).toBe((named.length * (named.length + 1)) / 2)
      expect(bars.length).toBeLessThanOrEqual(36)
      const [from, to] = [bars[0]!, bars.at(-1)!].map((bar) => bar.from.toISOString().slice(0, 7))
      if (unit === 'month') expect([from, to]).toEqual([named[0]!, named.at(-1)!])
      else expect(named.at(-1)!.slice(0, 4)).toBe(to!.slice(0, 4))
    }),
  )
  const [first, last] = ['1901-05', '2025-05']
  const { bars, unit } = spendingOf([month(first, 1), month('1990-01', 2), month(last, 3)], 'EUR')!
  expect([unit, bars.length, bars[0]!.net, bars.at(-1)!.net]).toEqual(['year', 36, 2n, 3n])
})

test('three years are months, and a month more is years', () => {
  const unitTo = (last: string) => spendingOf([month('2023-01', 1), month(last, 1)], 'EUR')!.unit

  expect([unitTo('2025-12'), unitTo('2026-01')]).toEqual(['month', 'year'])
})
