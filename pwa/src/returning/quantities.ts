/** How much of each line comes back. Pure; in thousandths of a piece or of a unit of weight, which are whole. */
import { divideRounded } from '../../../src/domain/money.ts'
import type { Money, ReceiptLine } from '../api/types.ts'

const UNIT = 1000
/** What a press adds to something sold by weight. */
const WEIGHT_STEP = 100

export interface LineLeft {
  line: ReceiptLine
  /** What can still come back: above zero. */
  left: number
  /** Pieces, of which there are no halves: what was sold in whole ones. */
  whole: boolean
}

/** By a line's id; a line that is not in it stays with the customer. */
export type Quantities = Readonly<Record<string, number>>

/** The lines of which something can come back. */
export function linesLeft(lines: readonly ReceiptLine[]): readonly LineLeft[] {
  return lines.flatMap((line) => {
    const left = thousandthsOf(line.remainingQty ?? 0)
    const whole = thousandthsOf(line.qty) % UNIT === 0 && left % UNIT === 0
    return left > 0 ? [{ line, left, whole }] : []
  })
}

/** What is chosen before anybody has: the only thing there is. */
export function obviousChoice(lines: readonly LineLeft[]): Quantities {
  const [only, ...others] = lines
  return only && others.length === 0 && isOneStep(only) ? everything(lines) : {}
}

export function everything(lines: readonly LineLeft[]): Quantities {
  return Object.fromEntries(lines.map(({ line, left }) => [line.id, left]))
}

/** As a request has them. */
export function quantitiesOf(lines: readonly { lineId: string; qty: number }[]): Quantities {
  return Object.fromEntries(lines.map(({ lineId, qty }) => [lineId, thousandthsOf(qty)]))
}

/** What of the choice is still there. */
export function within(lines: readonly LineLeft[], wanted: Quantities): Quantities {
  return Object.fromEntries(
    lines.flatMap(({ line: { id }, left }) => {
      const qty = Math.min(wanted[id] ?? 0, left)
      return qty > 0 ? [[id, qty]] : []
    }),
  )
}

/** One step more (1) or less (-1), never below nothing nor above what is left. */
export function stepped({ left, whole }: LineLeft, qty: number, step: 1 | -1): number {
  return Math.max(0, Math.min(left, qty + step * (whole ? UNIT : WEIGHT_STEP)))
}

/** Whether one step is all that there is between nothing and everything. */
export function isOneStep(line: LineLeft): boolean {
  return stepped(line, 0, 1) === line.left
}

/** What somebody typed, at most what is left; null where it is no quantity of this. A comma is a decimal's too. */
export function typedQuantity({ left, whole }: LineLeft, text: string): number | null {
  const digits = text.trim().replace(',', '.')
  if (digits === '') return 0
  if (!(whole ? /^\d{1,9}$/ : /^(\d{1,9}\.?\d{0,3}|\.\d{1,3})$/).test(digits)) return null
  return Math.min(thousandthsOf(Number(digits)), left)
}

/**
 * What one piece, or one unit of weight, of a line gives back, rounded: of several pieces one may give a minor unit
 * more or less, so that all of them give what was paid.
 */
export function worthOfOne({ total, qty }: ReceiptLine): Money {
  const worth = divideRounded(BigInt(total.amount) * BigInt(UNIT), BigInt(thousandthsOf(qty)))
  return { amount: worth, currency: total.currency }
}

/** In whole units, as the API has it. */
export function unitsOf(qty: number): number {
  return qty / UNIT
}

function thousandthsOf(units: number): number {
  return Math.round(units * UNIT)
}
