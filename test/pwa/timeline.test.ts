import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { Entry } from '../../pwa/src/api/types.ts'
import { mergeHead } from '../../pwa/src/customer/timeline.ts'

const entry = (minute: number, id: string, version = 0) =>
  ({
    id,
    occurredAt: new Date(minute * 60_000).toISOString(),
    receiptNumber: `v${version}`,
  }) as Entry

const inOrder = (entries: readonly Entry[]) =>
  [...entries].sort((a, b) => {
    if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? 1 : -1
    return a.id < b.id ? 1 : -1
  })

test('a new head leaves the list as it is at the server, as far down as it was read', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(ids, ids, fc.nat(12), fc.nat(40), (old, arriving, page, read) => {
      const head = page + 1
      const before = inOrder(old.map((n) => entry(n % 50, `old-${n}`)))
      // What arrives may be anywhere in time; old ones change as well.
      const after = inOrder([
        ...old.map((n) => entry(n % 50, `old-${n}`, n % 3)),
        ...arriving.slice(0, 5).map((n) => entry(n % 50, `new-${n}`)),
      ])
      const known = before.slice(0, Math.max(head, read))
      const merged = mergeHead(known, after.slice(0, head), after.length <= head)

      if (merged === null) {
        const met = after.slice(0, head).some(({ id }) => known.some((one) => one.id === id))
        expect(met).toBe(false)
        return
      }
      expect(merged.slice(0, head)).toEqual(after.slice(0, head))
      expect(merged).toEqual(inOrder(merged))
      const seen = merged.map(({ id }) => id)
      expect(new Set(seen).size).toBe(seen.length)
      for (const { id } of known) expect(seen.includes(id) || id.startsWith('new')).toBe(true)
    }),
  )
})

test('what is gone from the head is gone from the list', () => {
  const before = [entry(9, 'a'), entry(8, 'b'), entry(7, 'c'), entry(6, 'd')]

  const merged = mergeHead(before, [entry(9, 'a'), entry(7, 'c')], false)

  expect(merged?.map(({ id }) => id)).toEqual(['a', 'c', 'd'])
})

test('starts again where more is new than a page holds', () => {
  expect(mergeHead([entry(1, 'a')], [entry(9, 'x'), entry(8, 'y')], false)).toBeNull()
})
