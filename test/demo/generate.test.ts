/** The generator alone: the same for the same seed, in time order, and lawful whatever the seed. */
import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { SourceTransaction } from '../../cli/demo/changes.ts'
import { demoIdentity, demoTransactions } from '../../cli/demo/generate.ts'
import { json } from '../../cli/demo/writer.ts'
import { LAWS, violations } from './support/laws.ts'
import { apply, emptyTables, type Tables, tablesOf } from './support/tables.ts'

const normal = [...demoTransactions()]
const tiny = [...demoTransactions({ size: 'tiny' })]

const fingerprint = (transactions: readonly SourceTransaction[]) =>
  createHash('sha256').update(json(transactions)).digest('hex').slice(0, 16)

describe('determinism', () => {
  test('the same seed gives the same bytes', () => {
    expect(fingerprint([...demoTransactions()])).toBe(fingerprint(normal))
    expect(fingerprint([...demoTransactions({ size: 'tiny', seed: 1 })])).toBe(fingerprint(tiny))
  })

  test('the rows of this version are these: raise DEMO_VERSION whenever they change', () => {
    expect({ normal: fingerprint(normal), tiny: fingerprint(tiny) }).toMatchInlineSnapshot(`
      {
        "normal": "cf76418583a2deef",
        "tiny": "138221acc5a2a8a3",
      }
    `)
  })

  test('another seed, size or end gives other ids, so that two demos are never taken for one', () => {
    const businesses = [
      demoIdentity(),
      demoIdentity({ seed: 2 }),
      demoIdentity({ size: 'tiny' }),
      demoIdentity({ until: new Date('2026-11-02T00:00:00Z') }),
    ].flatMap(({ fashionId, foodId }) => [fashionId, foodId])

    expect(new Set(businesses).size).toBe(8)
  })

  test('the ids that are known beforehand are those of the rows', () => {
    for (const size of ['tiny', 'normal'] as const) {
      const ids = demoIdentity({ size })
      const tables = tablesOf(demoTransactions({ size }))

      expect([...tables.business.keys()]).toEqual([ids.fashionId, ids.foodId])
      expect(tables.order.get(ids.lastOrderId)?.status).toBe('open')
      const customer = tables.customer.get(ids.example.customerId)!
      expect(customer.status).toBe('active')
      expect(tables.business.get(customer.businessId)?.name).toBe(ids.example.business)
    }
  })
})

describe('time order', () => {
  test('each transaction is later than the one before it and no later than the end', () => {
    for (const transactions of [normal, tiny]) {
      const times = transactions.map(({ at }) => at)

      expect(times).toEqual([...new Set(times)].sort())
      expect(times.at(-1)! <= '2026-11-01T00:00:00.001000Z').toBe(true)
    }
  })

  test('a row is dated when it is written, to the microsecond', () => {
    for (const { at, changes } of normal) {
      for (const change of changes) {
        if (change.op !== 'insert') continue
        const { row } = change
        if ('createdAt' in row) expect(row.createdAt).toBe(at)
        if ('openedAt' in row) expect(row.openedAt).toBe(at)
        if ('mergedAt' in row) expect(row.mergedAt).toBe(at)
      }
    }
    expect(normal.some(({ at }) => !at.endsWith('000Z'))).toBe(true)
  })

  test('shops and cafés trade in their opening hours on their own clocks', () => {
    const tables = tablesOf(normal)
    const hours = new Map<string, Set<number>>()
    for (const { locationId, createdAt } of tables.sale.values()) {
      const { timezone, kind } = tables.location.get(locationId)!
      if (kind !== 'retail') continue
      const hour = new Intl.DateTimeFormat('en', {
        timeZone: timezone,
        hour: 'numeric',
        hourCycle: 'h23',
      })
      const seen = hours.get(timezone) ?? new Set()
      hours.set(timezone, seen.add(Number(hour.format(new Date(createdAt)))))
    }

    expect(hours.size).toBe(7)
    for (const seen of hours.values()) {
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(9)
      expect(Math.max(...seen)).toBeLessThan(20)
    }
  })
})

describe('laws', () => {
  test('hold in both sizes', () => {
    expect(violations(tablesOf(normal))).toEqual([])
    expect(violations(tablesOf(tiny))).toEqual([])
  })

  test('hold for any seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('tiny', 'tiny', 'tiny', 'normal'), (seed, size) => {
        const tables = tablesOf(demoTransactions({ seed, size: size as 'tiny' | 'normal' }))
        expect(violations(tables)).toEqual([])
      }),
      { numRuns: 24 },
    )
  })

  const damage: Record<keyof typeof LAWS, (tables: Tables) => void> = {
    linesAddUp: (t) => first(t.saleLine).total++,
    purchasesHaveLines: (t) => t.saleLine.clear(),
    paidInFull: (t) => first(t.salePayment).amount--,
    returnsNeverExceed: (t) => {
      const line = find(t.saleLine, ({ parentLineId }) => parentLineId !== null)
      t.saleLine.set('again', { ...line, id: 'again', qty: '-99.000' })
    },
    returnsAreNegative: (t) => {
      find(t.sale, ({ type }) => type === 'return').parentSaleId = null
    },
    statusesAreWhole: (t) => {
      find(t.order, ({ status }) => status === 'closed').closedAt = null
    },
    ordersSettledOnce: (t) => {
      const sale = find(t.sale, ({ orderId }) => orderId !== null)
      t.sale.set('again', { ...sale, id: 'again' })
    },
    customersAreWhole: (t) => {
      find(t.customer, ({ status }) => status === 'erased').phone = '+44 7700 900123'
    },
    tenantsStayApart: (t) => {
      const [one, other] = [...t.business.keys()]
      const sale = find(t.sale, ({ businessId }) => businessId === one)
      sale.businessId = other!
    },
    oneCurrencyAPlace: (t) => {
      first(t.sale).currency = 'JPY'
    },
  }
  test.each(Object.keys(LAWS))('%s notices when it is broken', (name) => {
    const tables = tablesOf(normal)
    expect(LAWS[name]!(tables)).toEqual([])

    damage[name]!(tables)

    expect(LAWS[name]!(tables)).not.toEqual([])
  })
})

describe('merges', () => {
  test('move exactly what the first customer owned, and the ledger says so', () => {
    const tables = emptyTables()
    let merges = 0
    for (const transaction of normal) {
      const before = new Map<string, string[]>()
      for (const change of transaction.changes) {
        if (change.op === 'insert' && change.table === 'customerMerge') {
          before.set(change.row.id, ownedBy(tables, change.row.fromCustomerId))
        }
      }
      apply(tables, transaction)
      for (const [id, owned] of before) {
        const { fromCustomerId, intoCustomerId } = tables.customerMerge.get(id)!
        merges++
        expect(ledgerOf(tables, id)).toEqual(owned)
        expect(ownedBy(tables, fromCustomerId)).toEqual([])
        expect(ownedBy(tables, intoCustomerId)).toEqual(expect.arrayContaining(owned))
        expect(tables.customer.get(fromCustomerId)).toMatchObject({
          status: 'merged',
          mergedIntoId: intoCustomerId,
        })
      }
    }
    expect(merges).toBe(tables.customerMerge.size)
  })

  test('are undone exactly: what the ledger names goes back, and nothing else does', () => {
    const tables = emptyTables()
    let undone = 0
    for (const transaction of normal) {
      const merge = transaction.changes.find(
        (change) => change.op === 'update' && change.table === 'customerMerge',
      )
      if (merge?.op !== 'update') {
        apply(tables, transaction)
        continue
      }
      const [id] = merge.ids
      const { fromCustomerId, intoCustomerId } = tables.customerMerge.get(id!)!
      const joint = ownedBy(tables, intoCustomerId)
      const ledger = ledgerOf(tables, id!)
      apply(tables, transaction)
      undone++
      expect(ownedBy(tables, fromCustomerId)).toEqual(ledger)
      expect(ownedBy(tables, intoCustomerId)).toEqual(joint.filter((key) => !ledger.includes(key)))
      expect(tables.customer.get(fromCustomerId)!.status).toBe('active')
    }
    expect(undone).toBeGreaterThan(0)
  })
})

function ownedBy(tables: Tables, customerId: string): string[] {
  const own = (kind: 'sale' | 'order') =>
    [...tables[kind].values()]
      .filter((purchase) => purchase.customerId === customerId)
      .map(({ id }) => `${kind} ${id}`)
  return [...own('sale'), ...own('order')].sort()
}

function ledgerOf(tables: Tables, mergeId: string): string[] {
  return [...tables.customerMergePurchase.values()]
    .filter((row) => row.mergeId === mergeId)
    .map(({ purchaseKind, purchaseId }) => `${purchaseKind} ${purchaseId}`)
    .sort()
}

function first<Row>(rows: Map<string, Row>): Row {
  return rows.values().next().value!
}

function find<Row>(rows: Map<string, Row>, holds: (row: Row) => boolean): Row {
  return [...rows.values()].find(holds)!
}
