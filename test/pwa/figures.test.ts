import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { parseExact } from '../../pwa/src/api/json.ts'
import type { Entry } from '../../pwa/src/api/types.ts'
import { spendingOf } from '../../pwa/src/customer/spending.ts'
import { monthOf } from '../../pwa/src/format/dates.ts'
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

const sale = (occurredAt: string, amount: number, currency = 'EUR', counted = true) =>
  ({ occurredAt, counted, total: { amount, currency }, location: { id: 'x' } }) as Entry
const hidden = { masked: true, occurredAt: '2025-06-01T00:00:00Z' } as Entry
const chart = (entries: Entry[], isAll = true) =>
  spendingOf(entries, 'EUR', isAll, () => 'UTC', monthOf)

test('the chart adds up to what counts in its currency', () => {
  const spending = chart([
    sale('2026-01-31T23:00:00Z', 500),
    sale('2026-01-02T00:00:00Z', -200),
    sale('2025-11-05T00:00:00Z', 1000),
    sale('2025-12-05T00:00:00Z', 7, 'JPY'),
    sale('2025-12-05T00:00:00Z', 9, 'EUR', false),
    hidden,
  ])

  expect(spending).toMatchObject({ months: 1 })
  expect(spending!.bars.map(({ net }) => net)).toEqual([1000, 0, 300])
  expect(spending!.bars[0]!.from.toISOString()).toStartWith('2025-11-01')
})

test('the chart leaves out its oldest time where that is known in part only', () => {
  const entries = [1, 2, 3].map((month) => sale(`2026-0${month}-10T00:00:00Z`, month))

  expect(chart(entries, false)!.bars.map(({ net }) => net)).toEqual([2, 3])
  expect(chart(entries.slice(0, 2), false)).toBeNull()
})

test('the chart takes longer times where there are many', () => {
  const spending = chart([sale('2020-02-01T00:00:00Z', 1), sale('2026-02-01T00:00:00Z', 2)])

  expect(spending!.months).toBe(6)
  expect(spending!.bars.length).toBeLessThanOrEqual(24)
  expect(spending!.bars[0]!.from.toISOString()).toStartWith('2020-01-01')
})
