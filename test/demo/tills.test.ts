/** The corners of the arithmetic that chance may never reach: what comes back in parts, and splits. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { extended, tendersOf } from '../../cli/demo/basket.ts'
import { DAY, HOUR, isoOf, localDay, localTime } from '../../cli/demo/clock.ts'
import { EventQueue } from '../../cli/demo/queue.ts'
import { Random } from '../../cli/demo/random.ts'
import { type LineDraft, ringUp, takeBack } from '../../cli/demo/sales.ts'
import type { Location, Sale } from '../../cli/demo/world.ts'
import { World } from '../../cli/demo/world.ts'
import { qtyText } from '../../src/domain/returnable.ts'

const start = Date.parse('2026-03-01T12:00:00Z') * 1000

/** A completed sale of one line. */
function saleOf(line: Pick<LineDraft, 'qty' | 'unitPrice' | 'discountTotal' | 'taxTotal'>): Sale {
  const world = new World(new Random('tills'), start, start + DAY)
  const location = {
    row: { id: 'location', businessId: 'business' },
    spec: { code: 'LDN', currency: 'GBP' },
    staff: [{ id: 'employee' }],
    receipts: 0,
  } as unknown as Location
  const gross = extended(BigInt(line.qty.replace('.', '')), line.unitPrice)
  const total = gross - line.discountTotal + line.taxTotal
  return ringUp(world, { location, owner: null, lines: [{ ...line, total } as LineDraft] })
}

describe('what comes back', () => {
  test('in parts gives back all of a discount that does not divide', () => {
    const sale = saleOf({ qty: '3.000', unitPrice: 1000n, discountTotal: 100n, taxTotal: 50n })

    const parts = [1, 2, 3].map(() => takeBack(sale, [{ at: 0, qty: 1000n }])[0]!)

    expect(parts.map(({ discountTotal }) => discountTotal)).toEqual([-33n, -34n, -33n])
    expect(parts.map(({ taxTotal }) => taxTotal)).toEqual([-17n, -16n, -17n])
    expect(parts.map(({ total }) => total)).toEqual([-984n, -982n, -984n])
    expect(parts[0]).toMatchObject({ qty: '-1.000', parentLineId: sale.lines[0]!.row.id })
  })

  test('in any parts adds up to the line', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 })
    const amount = fc.bigInt({ min: 0n, max: 5000n })
    fc.assert(
      fc.property(parts, amount, amount, amount, (pieces, unitPrice, discountTotal, taxTotal) => {
        const qty = qtyText(BigInt(pieces.reduce((sum, n) => sum + n, 0)) * 1000n)
        const sale = saleOf({ qty, unitPrice, discountTotal, taxTotal })

        const back = pieces.flatMap((n) => takeBack(sale, [{ at: 0, qty: BigInt(n) * 1000n }]))

        const given = back.reduce((sum, { total }) => sum - total, 0n)
        expect(given).toBe(sale.lines[0]!.row.total)
      }),
    )
  })

  test('is never more than was bought', () => {
    const sale = saleOf({ qty: '2.000', unitPrice: 500n, discountTotal: 0n, taxTotal: 0n })
    takeBack(sale, [{ at: 0, qty: 2000n }])

    expect(() => takeBack(sale, [{ at: 0, qty: 1n }])).toThrow('more than was bought')
    expect(() => takeBack(sale, [{ at: 1, qty: 1n }])).toThrow('more than was bought')
  })
})

describe('tenders', () => {
  test('cover the amount exactly, whatever it is and however it is split', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.bigInt(-100_000n, 100_000n),
        fc.boolean(),
        (seed, due, split) => {
          const tenders = tendersOf(new Random(String(seed)), due, split)

          expect(tenders.reduce((sum, { amount }) => sum + amount, 0n)).toBe(due)
          expect(tenders.every(({ amount }) => amount !== 0n && amount < 0n === due < 0n)).toBe(
            true,
          )
        },
      ),
    )
  })
})

describe('time', () => {
  test('a shop opens at ten on its own clock, in winter and in summer', () => {
    const opens = (zone: string, day: string) =>
      isoOf(localTime(zone, Date.parse(day) * 1000, 10 * HOUR))

    expect(opens('Europe/London', '2026-01-15')).toBe('2026-01-15T10:00:00.000000Z')
    expect(opens('Europe/London', '2026-07-15')).toBe('2026-07-15T09:00:00.000000Z')
    expect(opens('Europe/London', '2026-03-29')).toBe('2026-03-29T09:00:00.000000Z')
    expect(opens('America/New_York', '2026-01-15')).toBe('2026-01-15T15:00:00.000000Z')
    expect(opens('Asia/Tokyo', '2026-01-15')).toBe('2026-01-15T01:00:00.000000Z')
  })

  test('a day begins where the clock on the wall says so', () => {
    const late = Date.parse('2026-01-14T23:30:00Z') * 1000

    expect(isoOf(localDay('Asia/Tokyo', late))).toStartWith('2026-01-15')
    expect(isoOf(localDay('America/New_York', late))).toStartWith('2026-01-14')
  })

  test('a story is resumed in time order, and events after the end never happen', () => {
    const told: string[] = []
    const world = new World(new Random('x'), start, start + 5 * DAY)
    function* story(name: string, days: number) {
      while (true) {
        told.push(`${name}${Math.floor((world.now - start) / DAY)}`)
        yield world.now + days * DAY
      }
    }
    world.begin(start + DAY, story('b', 2))
    world.begin(start, story('a', 3))

    expect([...world.run()]).toEqual([])

    expect(told).toEqual(['a0', 'b1', 'a3', 'b3'])
  })

  test('the queue gives what is soonest, and the first of equals first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (times) => {
        const queue = new EventQueue<number>()
        for (const [turn, at] of times.entries()) queue.push(at, turn)

        const popped = times.map(() => queue.pop()!)

        const expected = times
          .map((at, item) => ({ at, item }))
          .sort((a, b) => a.at - b.at || a.item - b.item)
        expect(popped.map(({ at, item }) => ({ at, item }))).toEqual(expected)
        expect(queue.pop()).toBeUndefined()
      }),
    )
  })
})

describe('chance', () => {
  test('keeps its bounds, and reaches them', () => {
    const random = new Random('bounds')
    const drawn = Array.from({ length: 2000 }, () => random.int(3, 6))
    const picked = Array.from({ length: 2000 }, () =>
      random.weighted(['a', 'b'], (x) => (x === 'a' ? 3 : 1)),
    )

    expect([...new Set(drawn)].sort()).toEqual([3, 4, 5, 6])
    expect(picked.filter((x) => x === 'a').length).toBeWithin(1400, 1600)
    expect(random.sample([1, 2, 3], 9).sort()).toEqual([1, 2, 3])
    expect(() => random.pick([])).toThrow('nothing to pick')
  })

  test('gives ids that are UUIDs of version 7 and sort by their time', () => {
    const random = new Random('ids')
    const ids = Array.from({ length: 500 }, (_, n) => random.uuid(start + n * 1000))

    expect(
      ids.every((id) =>
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
      ),
    ).toBe(true)
    expect(ids).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(500)
  })
})
