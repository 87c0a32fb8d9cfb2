import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { ReceiptLine } from '../../pwa/src/api/types.ts'
import {
  everything,
  linesLeft,
  obviousChoice,
  stepped,
  typedQuantity,
  unitsOf,
  within,
} from '../../pwa/src/returning/quantities.ts'

const line = (id: string, qty: number, remainingQty: number | null) =>
  ({ id, qty, remainingQty }) as ReceiptLine

const thousandth = fc.integer({ min: 0, max: 999_999_999_999 })
const someLines = fc
  .array(fc.tuple(thousandth, thousandth))
  .map((all) =>
    linesLeft(
      all.map(([qty, less], at) => line(`${at}`, qty / 1000, Math.max(0, qty - less) / 1000)),
    ),
  )

test('whatever is pressed or typed, a choice stays within what is left, to the thousandth', () => {
  const press = fc.oneof(fc.constantFrom(1, -1), fc.stringMatching(/^\d{0,12}[.,]?\d{0,4}$/))
  fc.assert(
    fc.property(someLines, fc.array(press), (lines, presses) => {
      for (const each of lines) {
        let qty = 0
        for (const press of presses) {
          if (typeof press === 'number') qty = stepped(each, qty, press as 1 | -1)
          else qty = typedQuantity(each, press) ?? qty
          expect(Number.isInteger(qty) && qty >= 0 && qty <= each.left).toBe(true)
          if (each.whole) expect(qty % 1000).toBe(0)
        }
      }
    }),
  )
})

test('everything is what is left of each, and what is left shrinks a choice', () => {
  fc.assert(
    fc.property(someLines, someLines, (before, after) => {
      expect(within(before, everything(before))).toEqual(everything(before))
      const chosen = within(after, everything(before))
      for (const { line, left } of after) expect(chosen[line.id] ?? 0).toBeLessThanOrEqual(left)
      const ids = new Set(after.map(({ line }) => line.id))
      expect(Object.keys(chosen).every((id) => ids.has(id))).toBe(true)
    }),
  )
})

test('what nobody can take back is not offered', () => {
  expect(linesLeft([line('order', 1, null), line('gone', 2, 0), line('there', 3, 1)])).toEqual([
    { line: line('there', 3, 1), left: 1000, whole: true },
  ])
})

test('pieces go by one and weights by tenths; a comma is a decimal point', () => {
  const [pieces, cheese] = linesLeft([line('shirts', 3, 3), line('cheese', 0.352, 0.352)])

  expect(stepped(pieces!, 1000, 1)).toBe(2000)
  expect(typedQuantity(pieces!, '1,5')).toBeNull()
  expect(typedQuantity(pieces!, '12')).toBe(3000)
  expect(stepped(cheese!, 300, 1)).toBe(352)
  expect(typedQuantity(cheese!, '0,25')).toBe(250)
  expect(typedQuantity(cheese!, 'a bit')).toBeNull()
  expect(unitsOf(352)).toBe(0.352)
})

test('only the one thing that there is is chosen beforehand', () => {
  expect(obviousChoice(linesLeft([line('a', 1, 1)]))).toEqual({ a: 1000 })
  expect(obviousChoice(linesLeft([line('a', 3, 2)]))).toEqual({})
  expect(obviousChoice(linesLeft([line('a', 1, 1), line('b', 1, 1)]))).toEqual({})
})
