import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type Figures,
  isCounted,
  sumByCurrency,
  takesGoodsBack,
} from '../../src/domain/counting.ts'

const DAY = 86_400_000
const figures = (of: Partial<Figures> = {}): Figures => ({
  currency: 'GBP',
  orderCount: 0,
  returnCount: 0,
  exchangeCount: 0,
  net: 0n,
  refunded: 0n,
  firstPurchaseAt: null,
  lastPurchaseAt: null,
  ...of,
})

test('completed sales and closed orders that no sale settles count, and nothing else', () => {
  expect(isCounted('sale', 'completed', false)).toBe(true)
  for (const status of ['draft', 'parked', 'voided'])
    expect(isCounted('sale', status, false)).toBe(false)
  expect(isCounted('order', 'closed', false)).toBe(true)
  expect(isCounted('order', 'closed', true)).toBe(false)
  for (const status of ['open', 'cancelled']) expect(isCounted('order', status, false)).toBe(false)
})

test('only returns and exchanges take goods back', () => {
  const types = ['sale', 'return', 'exchange', 'layaway_completion', 'dine_in']
  expect(types.filter(takesGoodsBack)).toEqual(['return', 'exchange'])
})

test('the derived figures follow from the sums', () => {
  const [total] = sumByCurrency([
    figures({
      orderCount: 3,
      net: 901n,
      refunded: 100n,
      firstPurchaseAt: 0,
      lastPurchaseAt: 5 * DAY,
    }),
  ])

  expect(total).toMatchObject({ gross: 1_001n, averageTicket: 334n, daysBetweenPurchases: 2.5 })
})

test('what cannot be derived is null, not zero', () => {
  const [returnsOnly] = sumByCurrency([figures({ returnCount: 1, net: -500n, refunded: 500n })])
  expect(returnsOnly).toMatchObject({ gross: 0n, averageTicket: null, daysBetweenPurchases: null })

  const once = figures({ orderCount: 1, net: 5n, firstPurchaseAt: 1, lastPurchaseAt: 1 })
  expect(sumByCurrency([once])[0]!.daysBetweenPurchases).toBeNull()
})

test('currencies are never mixed', () => {
  const totals = sumByCurrency([
    figures({ currency: 'USD', net: 1n }),
    figures({ net: 2n }),
    figures({ currency: 'USD', net: 4n }),
  ])

  expect(totals.map(({ currency, net }) => [currency, net])).toEqual([
    ['GBP', 2n],
    ['USD', 5n],
  ])
})

const anyFigures = fc.record({
  currency: fc.constantFrom('GBP', 'USD', 'JPY'),
  orderCount: fc.nat(50),
  returnCount: fc.nat(50),
  exchangeCount: fc.nat(50),
  net: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  refunded: fc.bigInt({ min: 0n, max: 10n ** 20n }),
  firstPurchaseAt: fc.option(fc.nat()),
  lastPurchaseAt: fc.option(fc.nat()),
})

test('the order of the cells does not matter, nor which of them are summed first', () => {
  fc.assert(
    fc.property(fc.array(anyFigures, { maxLength: 8 }), fc.nat(8), (cells, cut) => {
      const whole = sumByCurrency(cells)
      expect(sumByCurrency([...cells].reverse())).toEqual(whole)
      const parts = [...sumByCurrency(cells.slice(0, cut)), ...sumByCurrency(cells.slice(cut))]
      expect(sumByCurrency(parts)).toEqual(whole)
    }),
  )
})
