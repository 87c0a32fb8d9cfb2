import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { Entry } from '../../pwa/src/api/types.ts'
import {
  type Gap,
  isGap,
  type MonthPart,
  neighbours,
  partsOf,
  stretchAround,
  union,
} from '../../pwa/src/customer/list-parts.ts'
import type { Month } from '../../pwa/src/customer/months.ts'
import { RowHeights } from '../../pwa/src/customer/row-heights.ts'

let ids = 0
const entriesOf = (count: number, masked = false) =>
  Array.from({ length: count }, () => {
    ids += 1
    return { id: `${ids}`, ...(masked && { masked }) } as unknown as Entry
  })
const monthsOf = (...counts: number[]): Month[] =>
  counts.map((count, at) => ({ key: `${at}`, title: `${at}`, entries: entriesOf(count) }))
const heightOf = (parts: (Gap | MonthPart)[], heights: RowHeights, frame: number) =>
  parts.reduce((sum, part) => {
    if (isGap(part)) return sum + part.height
    const inside = part.parts.map((each) =>
      isGap(each) ? each.height : heights.ofRows(part.month.entries, each.from, each.to),
    )
    return sum + frame + inside.reduce((a, b) => a + b, 0)
  }, 0)

test('is as high as the whole list, whatever of it is there, and has each row of it once', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(lengths, fc.nat(80), fc.nat(80), fc.integer({ min: 1, max: 30 }), (...given) => {
      const [counts, at, focus, size] = given
      const months = monthsOf(...counts)
      const entries = months.flatMap((month) => month.entries)
      const heights = new RowHeights()
      heights.guess(60, 40)
      for (const month of months)
        for (const [n, entry] of month.entries.entries()) if (n % 2) heights.note(month, entry, 90)
      const shown = stretchAround(at % entries.length, size, entries.length)
      const stretches = union(shown, neighbours(entries, focus % entries.length))

      const parts = partsOf(months, stretches, heights)

      const all = months.reduce((sum, month) => sum + heights.ofMonth(month), 0)
      expect(heightOf(parts, heights, 40)).toBe(all)
      const rows = parts.flatMap((part) =>
        isGap(part)
          ? []
          : part.parts.flatMap((each) =>
              isGap(each) ? [] : part.month.entries.slice(each.from, each.to),
            ),
      )
      expect(rows).toEqual(stretches.flatMap(({ from, to }) => entries.slice(from, to)))
      expect(new Set(rows).size).toBe(rows.length)
      expect(rows).toContain(entries[focus % entries.length]!)
    }),
  )
})

test('leaves nothing out of a list that is short enough', () => {
  const [month] = monthsOf(20)

  const parts = partsOf([month!], [stretchAround(19, 300, 20)], new RowHeights())

  expect(parts).toEqual([{ month: month!, parts: [{ from: 0, to: 20 }], isCut: false }])
})

test('finds the row at a height, of the list and beyond its ends', () => {
  const months = monthsOf(3, 2)
  const heights = new RowHeights()
  heights.guess(50, 40)
  heights.note(months[0]!, months[0]!.entries[1]!, 100)

  const rowAt = (y: number) => heights.rowAt(months, y)
  expect([-500, 40, 89, 90, 189, 190, 240, 280, 330, 9_000].map(rowAt)).toEqual([
    0, 0, 0, 1, 1, 2, 3, 3, 4, 4,
  ])
})

test('a month that was measured anew, or is guessed to be another, is as high as that', () => {
  const [month] = monthsOf(2)
  const heights = new RowHeights()
  heights.guess(50, 40)
  expect(heights.ofMonth(month!)).toBe(140)

  heights.note(month!, month!.entries[0]!, 70)

  expect(heights.ofMonth(month!)).toBe(160)

  heights.guess(60, 40)

  expect(heights.ofMonth(month!)).toBe(170)
})

test('keeps the rows beside the focus that can have it, and does not look for them for ever', () => {
  const entries = [...entriesOf(2), ...entriesOf(3, true), ...entriesOf(2)]

  expect(neighbours(entries, 1)).toEqual({ from: 0, to: 6 })
  expect(neighbours(entries, 6)).toEqual({ from: 5, to: 7 })
  const hidden = [...entriesOf(1), ...entriesOf(500, true), ...entriesOf(1)]
  expect(neighbours(hidden, 0).to).toBeLessThan(30)
})
