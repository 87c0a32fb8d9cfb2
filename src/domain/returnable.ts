/** How much of each line of a sale can still be taken back. Pure; quantities in thousandths. */

import { isReturn, takesGoodsBack } from './counting.ts'
import { parseDecimal } from './money.ts'
import type { PurchaseKind } from './purchase.ts'

interface Line {
  id: string | null
  qty: string | null
  parentLineId: string | null
  voidedAt: string | null
}

/** A purchase whose parent is the sale in question. */
export interface ReturningPurchase {
  type: string
  counted: boolean
  lines: readonly Line[]
}

/**
 * Whether goods of it can come back: of what counts as sold at a till. What an order brought to the table
 * comes back, if ever, by the sale that settles it: an order has no lines that a return could name.
 */
export function isReturnable(purchase: {
  kind: PurchaseKind
  type: string
  counted: boolean
}): boolean {
  return purchase.kind === 'sale' && purchase.counted && !isReturn(purchase.type)
}

/**
 * For each line that was sold (quantity > 0): its quantity less what counted returns and exchanges
 * took back of it, and never below zero. Lines that took something back themselves are not in it.
 */
export function remainingQuantities(
  sold: readonly Line[],
  returns: readonly ReturningPurchase[],
): Map<string, bigint> {
  const remaining = new Map<string, bigint>()
  for (const line of sold) {
    const qty = thousandths(line.qty)
    if (line.id !== null && line.voidedAt === null && qty > 0n) remaining.set(line.id, qty)
  }
  for (const line of returns.filter(isBack).flatMap((purchase) => purchase.lines)) {
    const left = line.parentLineId === null ? undefined : remaining.get(line.parentLineId)
    const qty = thousandths(line.qty)
    if (left === undefined || line.voidedAt !== null || qty >= 0n) continue
    remaining.set(line.parentLineId!, left + qty > 0n ? left + qty : 0n)
  }
  return remaining
}

function isBack(purchase: ReturningPurchase): boolean {
  return purchase.counted && takesGoodsBack(purchase.type)
}

/** `2.5` → 2500n. Quantities are numeric(12,3): three decimals at most. */
export function thousandths(qty: string | null): bigint {
  const { value, scale } = parseDecimal(qty ?? '0')
  return value * 10n ** BigInt(3 - scale)
}

/** Thousandths as numeric(12,3) prints them: 2500n → `2.500`. */
export function qtyText(qty: bigint): string {
  const size = qty < 0n ? -qty : qty
  return `${qty < 0n ? '-' : ''}${size / 1000n}.${String(size % 1000n).padStart(3, '0')}`
}
