/** What the demo shows: every kind of thing that the read model must cope with. */
import { describe, expect, test } from 'bun:test'
import { demoIdentity, demoTransactions } from '../../cli/demo/generate.ts'
import { FEATURES } from './support/features.ts'
import { emptyTables, groupBy, tablesOf } from './support/tables.ts'

const normal = [...demoTransactions()]
const tiny = [...demoTransactions({ size: 'tiny' })]

describe('what is shown', () => {
  test.each(Object.keys(FEATURES))('the normal demo has %s', (name) => {
    expect(FEATURES[name]!(tablesOf(normal), normal)).toBeGreaterThan(0)
  })

  test('a feature that is not there counts nothing', () => {
    const counts = Object.values(FEATURES).map((count) => count(emptyTables(), []))
    expect(counts.filter((count) => count > 0)).toEqual([])
  })

  test('the normal demo has the size that it is meant to have', () => {
    const tables = tablesOf(normal)
    expect(tables.customer.size).toBeWithin(270, 330)
    expect(tables.sale.size + tables.order.size).toBeWithin(5500, 6500)
  })

  test('one customer has some 400 purchases, in every region of the chain and both currencies', () => {
    const tables = tablesOf(normal)
    const star = demoIdentity().example.customerId
    const own = [...tables.sale.values(), ...tables.order.values()].filter(
      ({ customerId }) => customerId === star,
    )
    const place = (id: string) => tables.location.get(id)!

    expect(own.length).toBeWithin(380, 450)
    expect(new Set(own.map(({ locationId }) => place(locationId).region)).size).toBe(3)
    expect(new Set(own.map(({ currency }) => currency))).toEqual(new Set(['USD', 'JPY']))
    expect(new Set(own.map(({ locationId }) => place(locationId).kind)).size).toBe(2)
  })

  test('prices are plausible in their currency: a coffee is not 5 yen, nor 600 dollars', () => {
    const tables = tablesOf(normal)
    const prices = groupBy(
      [...tables.saleLine.values()].map((line) => ({
        currency: tables.sale.get(line.saleId)!.currency,
        price: Number(line.unitPrice),
      })),
      ({ currency }) => currency,
    )
    const middle = (currency: string) => {
      const sorted = prices
        .get(currency)!
        .map(({ price }) => price)
        .sort((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)]!
    }

    expect(middle('JPY')).toBeWithin(500, 5000)
    expect(middle('USD')).toBeWithin(400, 5000)
    expect(middle('GBP')).toBeWithin(2000, 10_000)
    expect(middle('EUR')).toBeWithin(2000, 12_000)
  })

  test('the tiny demo is small, and tells every story once', () => {
    const tables = tablesOf(tiny)
    const rows = Object.values(tables).reduce((sum, table) => sum + table.size, 0)
    const missing = Object.keys(FEATURES).filter((name) => FEATURES[name]!(tables, tiny) === 0)

    expect(tables.customer.size).toBeWithin(7, 11)
    expect(tables.sale.size + tables.order.size).toBeWithin(20, 31)
    expect(rows).toBeLessThan(200)
    expect(missing).toMatchInlineSnapshot(`[]`)
  })
})
