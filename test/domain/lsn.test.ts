import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatLsn, type Lsn, lsnOfHalves, maxLsn, parseLsn } from '../../src/domain/lsn.ts'

const lsns = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value as Lsn)

test('text and number are the same position', () => {
  fc.assert(fc.property(lsns, (lsn) => expect(parseLsn(formatLsn(lsn))).toBe(lsn)))
})

test('both spellings of one position are equal', () => {
  expect(parseLsn('0/1585FB8')).toBe(parseLsn('00000000/01585fb8'))
})

test('positions compare as numbers, not as text', () => {
  expect(maxLsn(parseLsn('9/0'), parseLsn('10/0'))).toBe(parseLsn('10/0'))
  expect(parseLsn('0/FFFFFFFF') < parseLsn('1/0')).toBe(true)
})

test('the halves of the protocol make the position', () => {
  expect(formatLsn(lsnOfHalves(0xffff_ffff, 0xffff_fffe))).toBe('FFFFFFFF/FFFFFFFE')
})

test('what is no position is named', () => {
  for (const text of ['', '1', '/1', '1/', '1/2/3', '1/123456789', 'g/0', ' 1/2'])
    expect(() => parseLsn(text)).toThrow('not an LSN')
})
