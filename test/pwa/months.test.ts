import { expect, test } from 'bun:test'
import type { Entry } from '../../pwa/src/api/types.ts'
import { groupByMonth } from '../../pwa/src/customer/months.ts'

// What a browser says of its person, and this runtime does not.
Object.defineProperty(navigator, 'languages', { value: ['en-GB'], configurable: true })

const entry = (occurredAt: string) => ({ id: occurredAt, occurredAt }) as Entry

test('a page more leaves the months as they are that nothing came to', () => {
  const first = [entry('2026-03-20T12:00:00Z'), entry('2026-02-20T12:00:00Z')]
  const before = groupByMonth(first)

  const after = groupByMonth([...first, entry('2026-02-10T12:00:00Z')], before)

  expect(after.map(({ key }) => key)).toEqual(['2026-03', '2026-02'])
  expect(after[0]).toBe(before[0]!)
  expect(after[1]).not.toBe(before[1]!)
  expect(after[1]!.entries).toHaveLength(2)
})

test('a month is another one when an entry of it has changed', () => {
  const before = groupByMonth([entry('2026-03-20T12:00:00Z')])

  const [month] = groupByMonth([entry('2026-03-20T12:00:00Z')], before)

  expect(month).toEqual(before[0]!)
  expect(month).not.toBe(before[0]!)
})
