/**
 * Replaces every text that somebody has typed, so that a recording can be shown to strangers: names,
 * phone numbers, card references, but also what was sold where. Identifiers, numbers, times and words of
 * fixed lists stay, since a bug is in them.
 *
 * The same text of a column gives the same replacement within one redaction, and another text another
 * one. It is an HMAC under a random key that nobody keeps: a plain hash of a phone number is undone by
 * hashing all phone numbers.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Change, Values } from '../source/change.ts'
import type { SourceTable } from '../source/tables.ts'

/**
 * Columns that are kept. All others are replaced: one that is published some day is, too, until somebody
 * has thought about it.
 */
const KEPT: ReadonlySet<string> = new Set([
  // UUIDs: what belongs to what. Rows are ordered by them, so other ones would be other tables.
  'id',
  'business_id',
  'location_id',
  'employee_id',
  'customer_id',
  'merged_into_id',
  'parent_sale_id',
  'order_id',
  'sale_id',
  'product_id',
  'variant_id',
  'parent_line_id',
  // Words of fixed lists.
  'kind',
  'type',
  'status',
  'currency',
  'timezone',
  // Numbers.
  'line_no',
  'seat_no',
  'guest_count',
  'qty',
  'unit_price',
  'subtotal',
  'discount_total',
  'tax_total',
  'tip_total',
  'total',
  'amount',
  // Times.
  'created_at',
  'completed_at',
  'opened_at',
  'closed_at',
  'voided_at',
  'comped_at',
])

/** Whether a redaction replaces this column's texts. */
export function isReplaced(column: string): boolean {
  return !KEPT.has(column)
}

interface Alphabet {
  letters: string
  /** A replacement is this long, or a multiple of it. */
  width: number
}

/** 16 of 32 letters are 80 bits: two texts never meet. */
const TEXT: Alphabet = { letters: 'abcdefghijkmnpqrstuvwxyz23456789', width: 16 }
/** Phone numbers are looked up by their digits. None is 32 digits long: it is nobody's. */
const DIGITS: Alphabet = { letters: '0123456789', width: 32 }

export class Redaction {
  readonly #key = randomBytes(32)

  /** The change with its texts replaced. What is null, empty or was not sent stays so. */
  change(change: Change): Change {
    if (change.op === 'truncate') return change
    const { table } = change
    if (change.op === 'delete') return { ...change, old: this.#values(table, change.old) }
    const values = this.#values(table, change.values)
    if (change.op === 'insert') return { ...change, values }
    return { ...change, values, old: change.old && this.#values(table, change.old) }
  }

  #values(table: SourceTable, values: Values): Values {
    return values.map((value, at) => {
      const column = table.columns[at]!
      return value && isReplaced(column) ? this.text(column, value) : value
    })
  }

  /**
   * The replacement of a text: about as long (rounded up, so that its length does not tell which one it
   * was), for a bug may be in a length.
   */
  text(column: string, text: string): string {
    const { letters, width } = column === 'phone' ? DIGITS : TEXT
    const length = Math.ceil(Buffer.byteLength(text) / width) * width
    let replacement = ''
    for (let block = 0; replacement.length < length; block++) {
      const digest = createHmac('sha256', this.#key).update(`${column}\0${block}\0${text}`).digest()
      for (const byte of digest) replacement += letters[byte % letters.length]
    }
    return replacement.slice(0, length)
  }
}
