/** How high the rows and months of a long list are, in pixels: as they were measured, or else a guess. */
import type { Entry } from '../api/types.ts'
import type { Month } from './months.ts'

export class RowHeights {
  /** What a row, and what is above and below a month's rows, measures most likely. */
  #row = 65
  #frame = 46
  readonly #rows = new WeakMap<Entry, number>()
  /** What of each is known, as long as none of its rows is measured anew: a guess may be another by then. */
  readonly #months = new WeakMap<Month, { known: number; guessed: number }>()

  /** What was measured; undefined of a row that has not been. */
  known(entry: Entry): number | undefined {
    return this.#rows.get(entry)
  }

  note(month: Month, entry: Entry, height: number): void {
    if (this.#rows.get(entry) === height) return
    this.#rows.set(entry, height)
    this.#months.delete(month)
  }

  /** For all that are not known: a usual row's height, and a month's without its rows. */
  guess(row: number, frame: number): void {
    this.#row = row
    this.#frame = frame
  }

  ofRow(entry: Entry): number {
    return this.#rows.get(entry) ?? this.#row
  }

  ofRows(entries: readonly Entry[], from: number, to: number): number {
    let sum = 0
    for (let at = from; at < to; at += 1) sum += this.ofRow(entries[at]!)
    return sum
  }

  ofMonth(month: Month): number {
    let sums = this.#months.get(month)
    if (sums === undefined) {
      const known = month.entries.flatMap((entry) => this.#rows.get(entry) ?? [])
      const sum = known.reduce((before, height) => before + height, 0)
      sums = { known: sum, guessed: month.entries.length - known.length }
      this.#months.set(month, sums)
    }
    return sums.known + sums.guessed * this.#row + this.#frame
  }

  /** The index of the row that is so far below the list's upper edge; the first or the last where none is. */
  rowAt(months: readonly Month[], y: number): number {
    let [top, index] = [0, 0]
    for (const month of months) {
      const height = this.ofMonth(month)
      if (top + height > y) return index + this.#rowWithin(month, y - top - this.#frame)
      top += height
      index += month.entries.length
    }
    return Math.max(0, index - 1)
  }

  #rowWithin({ entries }: Month, y: number): number {
    let bottom = 0
    const at = entries.findIndex((entry) => {
      bottom += this.ofRow(entry)
      return bottom > y
    })
    return at === -1 ? entries.length - 1 : at
  }
}
