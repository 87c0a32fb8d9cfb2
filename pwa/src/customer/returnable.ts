/** What of a receipt can still be taken back. Pure. */
import type { ReceiptLine } from '../api/types.ts'

export interface Returnable {
  /** Pieces that remain; what is sold by weight is one piece. */
  left: number
  /** Whether anything could ever be returned. */
  ever: boolean
}

export function returnableOf(lines: readonly ReceiptLine[]): Returnable {
  const remaining = lines.map(({ remainingQty }) => remainingQty).filter((qty) => qty !== null)
  const pieces = remaining.map((qty) => (Number.isInteger(qty) ? qty : 1))
  return { left: pieces.reduce((sum, count) => sum + count, 0), ever: remaining.length > 0 }
}

/** `Green / M`, of what a line says of its variant; null where it says nothing. */
export function variantOf({ variantName, size, color }: ReceiptLine): string | null {
  const parts = [color, size].filter((part) => part && !variantName?.includes(part))
  return [variantName, ...parts].filter(Boolean).join(' · ') || null
}
