import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ordersOf, wallClock } from '../../cli/import/dates.ts'

test.each([
  ['2010-12-01 08:26:00', ['ymd']],
  ['2010-12-01T08:26', ['ymd']],
  ['2010/12/1 8:26', ['ymd']],
  ['13/12/2010 8:26', ['dmy']],
  ['12/13/2010 8:26', ['mdy']],
  ['12/13/10 8:26', ['mdy']],
  ['1/12/2010 8:26', ['dmy', 'mdy']],
  ['01-12-2010 08:26', ['dmy', 'mdy']],
  ['01.12.10 08:26:59', ['dmy', 'mdy']],
  ['13/13/2010 8:26', []],
  ['31/4/2011 8:26', []],
  ['1/12-2010 8:26', []],
  ['1/12/210 8:26', []],
  ['1/12/2010', []],
  ['1/12/2010 24:00', []],
  ['1/12/2010 8:60', []],
  ['1/12/2010 13:00 PM', []],
  ['1/12/2010 0:30 AM', []],
  ['', []],
])('%p is a date in the orders %p', (text, orders) => {
  expect(ordersOf(text)).toEqual(orders as ReturnType<typeof ordersOf>)
})

test('reads two digits as a year of this century, and halves of a day', () => {
  const at = (text: string) => new Date(wallClock(text, 'mdy')!).toISOString()

  expect(at('12/1/10 8:26')).toBe('2010-12-01T08:26:00.000Z')
  expect(at('12/1/2010 8:26 PM')).toBe('2010-12-01T20:26:00.000Z')
  expect(at('12/1/2010 12:05 am')).toBe('2010-12-01T00:05:00.000Z')
  expect(at('12/1/2010 12:05 PM')).toBe('2010-12-01T12:05:00.000Z')
})

test('any minute is read as what it was, in every form that a spreadsheet writes', () => {
  const minute = fc.integer({
    min: Date.UTC(2000, 0, 1) / 60_000,
    max: Date.UTC(2099, 11, 31) / 60_000,
  })
  fc.assert(
    fc.property(minute, fc.constantFrom('/', '-', '.'), fc.boolean(), (at, mark, padded) => {
      const [y, m, d, h, min] = new Date(at * 60_000).toISOString().split(/\D/)
      const day = [d, m].map((part) => (padded ? part! : String(Number(part))))
      const time = `${padded ? h : Number(h)}:${min}`
      for (const year of [y!, y!.slice(2)]) {
        expect(wallClock(`${[...day, year].join(mark)} ${time}`, 'dmy')).toBe(at * 60_000)
        expect(wallClock(`${[day[1], day[0], year].join(mark)} ${time}`, 'mdy')).toBe(at * 60_000)
      }
    }),
  )
})
