/**
 * Physical lines → CSV records (RFC 4180), one bad record costing one line.
 *
 * Why not csv-parse: its stream takes everything after a quote that never closes for one field, so a
 * single stray quote would swallow the rest of the file; and its synchronous form costs 55 µs a
 * record. Here a record that cannot be read is named by its first line, and reading goes on at the
 * line after it. `test/import/records.test.ts` holds this against csv-parse as the oracle.
 */
import type { LineFault, PhysicalLine } from './lines.ts'

/** A record, or why the line is none. `line` is the physical line where it starts. */
export type CsvRecord =
  | { line: number; fields: string[] }
  | { line: number; reason: RecordFault | LineFault }

type RecordFault = 'empty line' | 'wrong number of columns' | 'broken quoting'

/** A quoted field may hold line breaks, but a quote that is still open after these is a stray one. */
const MAX_RECORD_LINES = 50

/** Cuts records out of lines as they come. Call `end` after the last one. */
export class RecordReader {
  readonly #columns: number
  /** Lines not yet part of a record: the first may have an open quote. */
  #pending: PhysicalLine[] = []

  constructor(columns: number) {
    this.#columns = columns
  }

  /** The records that these lines complete. */
  read(lines: readonly PhysicalLine[]): CsvRecord[] {
    const records: CsvRecord[] = []
    for (const line of lines) {
      this.#pending.push(line)
      this.#drain(records, false)
    }
    return records
  }

  /** The records of the lines that still wait for a closing quote. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = []
    this.#drain(records, true)
    return records
  }

  #drain(records: CsvRecord[], atEnd: boolean): void {
    while (this.#pending.length > 0) {
      const taken = this.#next(records, atEnd)
      if (taken === 0) return
      this.#pending.splice(0, taken)
    }
  }

  /** Takes one record or names one bad line; 0 when the record waits for more lines. */
  #next(records: CsvRecord[], atEnd: boolean): number {
    const [first] = this.#pending as [PhysicalLine]
    const line = first.number
    const bad = (reason: RecordFault | LineFault) => {
      records.push({ line, reason })
      return 1
    }
    if (first.fault) return bad(first.fault)
    if (first.text === '') return bad('empty line')

    let text = first.text
    let fields = splitRecord(text)
    let lines = 1
    while (fields === 'open') {
      if (lines === MAX_RECORD_LINES || this.#isWhole(this.#pending[lines - 1]!.text)) {
        return bad('broken quoting')
      }
      const next = this.#pending[lines]
      if (!next && !atEnd) return 0
      if (!next || next.fault) return bad('broken quoting')
      text += `\n${next.text}`
      lines++
      // Only a line with a quote can close the field: the others need no second look.
      if (next.text.includes('"')) fields = splitRecord(text)
    }
    if (fields === 'broken') return bad('broken quoting')
    if (fields.length !== this.#columns) return bad('wrong number of columns')
    records.push({ line, fields })
    return lines
  }

  /**
   * A line inside an open quote with exactly the commas of a whole record: the quote is a stray one,
   * not the start of a field over several lines, and the lines after it stand for themselves. Unless
   * the quote opens the last column, where the commas before it prove nothing.
   */
  #isWhole(text: string): boolean {
    const last = text.lastIndexOf(',')
    if (text[last + 1] === '"') return false
    let commas = 0
    for (let at = last; at >= 0; at = at === 0 ? -1 : text.lastIndexOf(',', at - 1)) commas++
    return commas === this.#columns - 1
  }
}

/**
 * The fields of a whole record; 'open' when a quote is not closed yet; 'broken' when a quote stands
 * where none may be.
 */
export function splitRecord(text: string): string[] | 'open' | 'broken' {
  if (!text.includes('"')) return text.split(',')

  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at)
      const field = comma < 0 ? text.slice(at) : text.slice(at, comma)
      if (field.includes('"')) return 'broken'
      fields.push(field)
      if (comma < 0) return fields
      at = comma + 1
      continue
    }
    let end = at + 1
    for (;;) {
      end = text.indexOf('"', end)
      if (end < 0) return 'open'
      if (text[end + 1] !== '"') break
      end += 2
    }
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'))
    if (end + 1 === text.length) return fields
    if (text[end + 1] !== ',') return 'broken'
    at = end + 2
  }
}
