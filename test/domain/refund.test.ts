/** What pieces of a line are worth, and how a refund is split: laws, for any amounts. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { pieceOf, splitOver } from '../../src/domain/refund.ts'

const MAX = 2n ** 63n - 1n
const amount = fc.oneof(fc.bigInt(-1000n, 1000n), fc.bigInt(-MAX, MAX))
/** Cuts a quantity into pieces. */
const cuts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 12 })
const sum = (amounts: bigint[]) => amounts.reduce((all, each) => all + each, 0n)

describe('the pieces of a line', () => {
  test('add up to the line, and none turns its sign', () => {
    fc.assert(
      fc.property(cuts, amount, amount, amount, (sizes, total, discount, tax) => {
        const line = { qty: BigInt(sizes.reduce((a, b) => a + b)), total, discount, tax }
        const before = { qty: 0n, total: 0n }
        const pieces = sizes.map(BigInt).map((qty) => {
          const piece = pieceOf(line, before, qty)
          before.qty += qty
          before.total += piece.total
          return piece
        })

        for (const of of ['total', 'discount', 'tax'] as const) {
          const parts = pieces.map((piece) => piece[of])
          expect(sum(parts)).toBe(line[of])
          for (const part of parts) expect(part * line[of] >= 0n).toBe(true)
        }
      }),
    )
  })

  test('are worth no more than is left, whatever was given for those before', () => {
    fc.assert(
      fc.property(cuts, amount, amount, (sizes, total, given) => {
        const all = BigInt(sizes.reduce((a, b) => a + b))
        const line = { qty: all + 1n, total, discount: 0n, tax: 0n }

        const piece = pieceOf(line, { qty: 1n, total: given }, all)

        const left = total - given
        if (total >= 0n)
          expect(piece.total <= (left > 0n ? left : 0n) && piece.total >= 0n).toBe(true)
        else expect(piece.total >= (left < 0n ? left : 0n) && piece.total <= 0n).toBe(true)
      }),
    )
  })
})

describe('a split', () => {
  const tenders = fc
    .array(fc.bigInt(-100n, MAX), { maxLength: 6 })
    .map((lefts) => lefts.map((left, at) => ({ method: `tender ${at}`, reference: null, left })))

  test('gives out all of it, to none more than it has left, in proportion', () => {
    fc.assert(
      fc.property(tenders, fc.bigInt(0n, 10_000n), (over, permyriad) => {
        const all = sum(over.map(({ left }) => (left > 0n ? left : 0n)))
        const refund = (all * permyriad) / 10_000n

        const shares = splitOver(refund, over)!

        expect(sum(shares.map((share) => share.amount))).toBe(refund)
        for (const share of shares) {
          expect(share.amount > 0n && share.amount <= share.left).toBe(true)
          const off = share.amount * all - refund * share.left
          expect(off < all && off > -all).toBe(true)
        }
        expect(splitOver(all + 1n, over)).toBeNull()
      }),
    )
  })
})
