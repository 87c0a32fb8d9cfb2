/**
 * What is given back for goods that come back. Pure; money in minor units, quantities in thousandths.
 *
 * A piece of a line is worth the difference of two rounded parts: what all pieces up to and with it are
 * worth, less what those before it were. So the pieces of a line add up to the line, in whatever sizes and
 * order they come.
 */
import { divideRounded } from './money.ts'

/** A line as it was sold. */
export interface SoldLine {
  qty: bigint
  discount: bigint
  tax: bigint
  total: bigint
}

/** What came back of a line before. */
export interface Returned {
  /** At most what was sold. */
  qty: bigint
  /** What was given back for it. */
  total: bigint
}

/** What a piece of a line takes with it. */
export interface Piece {
  discount: bigint
  tax: bigint
  /** Never more, with what was given back before, than the line's. */
  total: bigint
}

/** @param qty how much comes back; with what came back before at most what was sold */
export function pieceOf(line: SoldLine, before: Returned, qty: bigint): Piece {
  const part = (amount: bigint) =>
    divideRounded(amount * (before.qty + qty), line.qty) -
    divideRounded(amount * before.qty, line.qty)
  return {
    discount: part(line.discount),
    tax: part(line.tax),
    total: between(part(line.total), line.total - before.total),
  }
}

/** The amount, no further from zero than the limit, and nothing on the other side of it. */
function between(amount: bigint, limit: bigint): bigint {
  if (amount > 0n !== limit > 0n) return 0n
  const isBeyond = amount > 0n ? amount > limit : amount < limit
  return isBeyond ? limit : amount
}

/** A way in which the sale was paid. */
export interface Tender {
  method: string
  reference: string | null
  /** How much of it has not been given back. */
  left: bigint
}

/**
 * Splits an amount over tenders in proportion to what is left of each, exactly, and none gets more than
 * that. Tenders that get nothing are not in it. Null when they have less left than the amount.
 */
export function splitOver<T extends Tender>(
  amount: bigint,
  tenders: readonly T[],
): (T & { amount: bigint })[] | null {
  const open = tenders.filter(({ left }) => left > 0n)
  const all = open.reduce((sum, { left }) => sum + left, 0n)
  if (amount > all) return null
  if (amount <= 0n) return []
  const shares = open.map((tender) => ({
    ...tender,
    amount: (amount * tender.left) / all,
    rest: (amount * tender.left) % all,
  }))
  let missing = shares.reduce((left, share) => left - share.amount, amount)
  // To whom the rounding took most from; a share that was rounded has room for one more.
  const order = [...shares].sort((a, b) => (a.rest === b.rest ? 0 : a.rest > b.rest ? -1 : 1))
  for (const share of order) {
    if (missing === 0n) break
    share.amount += 1n
    missing -= 1n
  }
  return shares
    .filter((share) => share.amount > 0n)
    .map(({ rest: _, ...share }) => share as unknown as T & { amount: bigint })
}
