/**
 * Which rows of a list are in the document: in the first frame those of a screen, then so many around what is read
 * that few people's lists are ever cut, and in any case the row that has, or had, the focus.
 */
import type { RefObject } from 'preact'
import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks'
import type { Entry } from '../api/types.ts'
import { whenIdle } from '../ui/when-idle.ts'
import {
  type Gap,
  type MonthPart,
  neighbours,
  partsOf,
  type Stretch,
  stretchAround,
  union,
} from './list-parts.ts'
import type { Month } from './months.ts'
import { RowHeights } from './row-heights.ts'

/** Fills a tablet's screen; the others follow when it is painted. */
const FIRST_ROWS = 16
const MAX_ROWS = 300

interface ShownRows {
  parts: readonly (Gap | MonthPart)[]
  heights: RowHeights
  /** Goes to the list's beginning; whether it was not there, so that nothing of the way to it is. */
  toStart(): boolean
  /** For the list's `focusin`. */
  noteFocus(event: FocusEvent): void
}

/** @param hold called before what is shown changes, though what is read does not */
export function useShownRows(
  list: RefObject<HTMLElement | null>,
  entries: readonly Entry[],
  months: readonly Month[],
  hold: () => void,
): ShownRows {
  const rows = useRef<Rows>(null)
  rows.current ??= new Rows(list, hold)
  const current = rows.current
  const [drawn, redraw] = useReducer((count: number, _: undefined) => count + 1, 0)
  current.onChange = () => redraw(undefined)
  current.take(entries, months)
  useEffect(() => current.follow(), [current])
  const parts = useMemo(() => current.parts(), [drawn, months])
  return {
    parts,
    heights: current.heights,
    toStart: () => current.toStart(),
    noteFocus: (event) => current.noteFocus(event.target as Element),
  }
}

class Rows {
  heights = new RowHeights()
  onChange: () => void = () => {}
  readonly #list: RefObject<HTMLElement | null>
  readonly #hold: () => void
  #entries: readonly Entry[] = []
  #months: readonly Month[] = []
  #from = 0
  #size = FIRST_ROWS
  /** Of the row that was focused last. */
  #focusedId: string | null = null
  /** What is in the document. */
  #stretches: Stretch[] = []
  /** Where the page was, and how wide the list, when that was decided. */
  #decidedAt = { y: 0, width: 0 }

  constructor(list: RefObject<HTMLElement | null>, hold: () => void) {
    this.#list = list
    this.#hold = hold
  }

  /** The rows that are shown stay the same ones while others come before them. */
  take(entries: readonly Entry[], months: readonly Month[]): void {
    if (entries !== this.#entries) {
      const middle = this.#from + (this.#size >> 1)
      const id = this.#entries[middle]?.id
      if (id !== undefined && entries[middle]?.id !== id) {
        const now = entries.findIndex((entry) => entry.id === id)
        if (now !== -1) this.#from = stretchAround(now, this.#size, entries.length).from
      }
    }
    this.#entries = entries
    this.#months = months
  }

  parts(): (Gap | MonthPart)[] {
    const shown = stretchAround(this.#from + (this.#size >> 1), this.#size, this.#entries.length)
    const focused = this.#indexOfFocus()
    this.#stretches = focused === -1 ? [shown] : union(shown, neighbours(this.#entries, focused))
    return partsOf(this.#months, this.#stretches, this.heights)
  }

  /** Until it is ended by what it returns. */
  follow(): () => void {
    const end = whenIdle(() => {
      this.#size = MAX_ROWS
      if (this.#entries.length > FIRST_ROWS) this.#recentre()
    })
    const look = () => {
      const moved = Math.abs(scrollY - this.#decidedAt.y)
      if (this.#isCut() && moved > innerHeight) this.#recentre()
    }
    const resize = () => {
      if (this.#isCut()) this.#recentre()
    }
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', resize)
    return () => {
      end()
      removeEventListener('scroll', look)
      removeEventListener('resize', resize)
    }
  }

  toStart(): boolean {
    if (this.#from === 0) return false
    this.#measure()
    this.#from = 0
    this.onChange()
    return true
  }

  noteFocus(target: Element): void {
    const row = target.closest('.row')
    const index = row ? this.#indexOfNode(row) : undefined
    if (index === undefined) return
    this.#focusedId = this.#entries[index]!.id
    const { from, to } = neighbours(this.#entries, index)
    // What the next key goes to is there before it is pressed.
    if (this.#stretches.every((each) => from < each.from || to > each.to)) this.onChange()
  }

  #isCut(): boolean {
    return this.#entries.length > this.#size
  }

  #recentre(): void {
    const list = this.#list.current
    if (!list) return
    this.#measure()
    const { top } = list.getBoundingClientRect()
    const middle = this.heights.rowAt(this.#months, innerHeight / 2 - top)
    this.#decidedAt.y = scrollY
    this.#from = stretchAround(middle, this.#size, this.#entries.length).from
    this.#hold()
    this.onChange()
  }

  /** What is in the document, before some of it goes. */
  #measure(): void {
    const list = this.#list.current!
    const { clientWidth: width } = list
    // Other lines are broken now.
    if (width !== this.#decidedAt.width) this.heights = new RowHeights()
    this.#decidedAt.width = width
    const nodes = list.querySelectorAll('.row')
    let [month, start] = [0, 0]
    let at = 0
    let sum = 0
    for (const { from, to } of this.#stretches) {
      for (let index = from; index < to; index += 1, at += 1) {
        const node = nodes[at]
        if (!node) return
        while (index >= start + this.#months[month]!.entries.length) {
          start += this.#months[month]!.entries.length
          month += 1
        }
        const { height } = node.getBoundingClientRect()
        sum += height
        this.heights.note(
          this.#months[month]!,
          this.#months[month]!.entries[index - start]!,
          height,
        )
      }
    }
    const rows = list.querySelector('.month__rows')
    if (!rows) return
    const frame = rows.parentElement!.getBoundingClientRect().height - rows.clientHeight
    this.heights.guess(sum / at, frame)
  }

  #indexOfNode(node: Element): number | undefined {
    let at = [...this.#list.current!.querySelectorAll('.row')].indexOf(node)
    for (const { from, to } of this.#stretches) {
      if (at < to - from) return from + at
      at -= to - from
    }
    return undefined
  }

  #indexOfFocus(): number {
    const id = this.#focusedId
    return id === null ? -1 : this.#entries.findIndex((entry) => entry.id === id)
  }
}
