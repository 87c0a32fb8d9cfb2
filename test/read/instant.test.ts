import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  endOfDay,
  instantOfMicros,
  microsOfInstant,
  parseInstant,
  parsePlainDate,
} from '../../src/domain/instant.ts'

const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })

test('text and number of an instant are each other’s, to the microsecond, for all years', () => {
  fc.assert(
    fc.property(micros, (at) => {
      expect(microsOfInstant(instantOfMicros(at))).toBe(at)
      expect(parseInstant(instantOfMicros(at))).toBe(at)
    }),
  )
})

test('texts sort as their instants do', () => {
  fc.assert(
    fc.property(micros, micros, (a, b) => {
      expect(instantOfMicros(a) < instantOfMicros(b)).toBe(a < b)
    }),
  )
})

test('an offset says the same instant on another clock', () => {
  expect(parseInstant('2024-01-01T14:00:00+14:00')).toBe(parseInstant('2024-01-01T00:00:00Z'))
  expect(parseInstant('2023-12-31T12:00:00.5-12:00')).toBe(parseInstant('2024-01-01T00:00:00.5Z'))
  expect(parseInstant('1969-12-31T23:59:59.999999Z')).toBe(-1n)
})

test('a day ends one microsecond before the next one', () => {
  const day = parsePlainDate('2024-02-29')!

  expect(instantOfMicros(day)).toBe('2024-02-29T00:00:00.000000Z')
  expect(instantOfMicros(endOfDay(day))).toBe('2024-02-29T23:59:59.999999Z')
})

test('reads nothing but its own texts, and no year that RFC 3339 does not have', () => {
  expect(() => microsOfInstant('2024-01-01T00:00:00Z')).toThrow(RangeError)
  expect(() => instantOfMicros(253_402_300_800_000_000n)).toThrow(RangeError)
  expect(() => instantOfMicros(-62_135_596_800_000_001n)).toThrow(RangeError)
})
