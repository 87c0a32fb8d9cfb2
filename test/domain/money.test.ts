import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  divideRounded,
  minorDigits,
  multiplyToMinor,
  parseDecimal,
} from '../../src/domain/money.ts'

test('half a unit is rounded away from zero, on both sides', () => {
  expect(divideRounded(5n, 10n)).toBe(1n)
  expect(divideRounded(-5n, 10n)).toBe(-1n)
  expect(divideRounded(5n, -10n)).toBe(-1n)
  expect(divideRounded(4n, 10n)).toBe(0n)
  expect(divideRounded(-14n, 10n)).toBe(-1n)
})

test('a rounded quotient is never more than half a unit off, and of two ties takes the larger', () => {
  const numbers = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
  fc.assert(
    fc.property(numbers, numbers, (n, d) => {
      fc.pre(d !== 0n)
      const q = divideRounded(n, d)
      const off = 2n * (n - q * d)
      const bound = d < 0n ? -d : d
      expect(off <= bound && off >= -bound).toBe(true)
      const exact = n < 0n === d < 0n
      // On a tie the exact quotient lies nearer to zero than what was taken.
      if (off === bound || off === -bound) expect(q !== 0n && q > 0n === exact).toBe(true)
    }),
  )
})

test('a line is rounded once, at its end', () => {
  expect(multiplyToMinor('3', '0.125', 2)).toBe(38n)
  expect(multiplyToMinor('-3', '0.125', 2)).toBe(-38n)
  expect(multiplyToMinor('80995', '2.08', 2)).toBe(16_846_960n)
  expect(multiplyToMinor('0.532', '4.99', 2)).toBe(265n)
  expect(multiplyToMinor('1', '0.5', 0)).toBe(1n)
})

test('decimals are exact whatever their length', () => {
  expect(parseDecimal('-12.3400')).toEqual({ value: -123_400n, scale: 4 })
  expect(parseDecimal('+7.')).toEqual({ value: 7n, scale: 0 })
  expect(parseDecimal('123456789012345678901234567890.1').value).toBe(
    1_234_567_890_123_456_789_012_345_678_901n,
  )
})

test('a text that is no decimal is named', () => {
  for (const text of ['', '.', '1e3', '0x10', '1,5', ' 1', 'NaN', '--1'])
    expect(() => parseDecimal(text)).toThrow(`not a decimal number: ${JSON.stringify(text)}`)
})

test('a currency has the digits of its minor unit', () => {
  expect(['GBP', 'JPY', 'BHD'].map(minorDigits)).toEqual([2, 0, 3])
})
