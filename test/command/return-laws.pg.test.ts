/**
 * Any sequence of returns of any sale, by counters and by tills: no more comes back than was sold, no more
 * money than was paid, and the read model says the same of what is left.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import postgres from 'postgres'
import { commit } from '../../src/command/commit.ts'
import { Refusal } from '../../src/command/refusal.ts'
import { returnPurchase } from '../../src/command/return-purchase.ts'
import { REFUND_TENDERS } from '../../src/domain/purchase.ts'
import { qtyText } from '../../src/domain/returnable.ts'
import { type Scope, scopeOf } from '../../src/domain/scope.ts'
import { readReceipt } from '../../src/read/receipt.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { Projection } from '../projector/support/projection.ts'
import { BUSINESS, KIM, openShop, put, SHOP } from '../projector/support/till.ts'
import { Shop } from './support/shop.ts'

// Thousands of round trips, on machines that have other things to do.
setDefaultTimeout(600_000)

const RUNS = Number(process.env.PT_LAW_RUNS ?? 25)
let on: Projection
let shop: Shop
let readSql: ReadSql
let scope: Scope

beforeAll(async () => {
  on = await Projection.open()
  await openShop(on.source)
  shop = new Shop(on.source, on.sourceUrl)
  scope = await scopeOf(BUSINESS, '*')
  await on.live()
  readSql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 1, onnotice() {} }) as ReadSql
})
afterAll(async () => {
  await readSql.end({ timeout: 1 })
  await on.close()
})

interface Line {
  id: string
  qty: bigint
  total: bigint
  left: bigint
  /** Given back for it so far. */
  given: bigint
}

const line = fc.record({ qty: fc.bigInt(1n, 5_000n), total: fc.bigInt(0n, 100_000n) })
const step = fc.record({
  who: fc.constantFrom('counter', 'counter', 'counter', 'till'),
  tender: fc.constantFrom(...REFUND_TENDERS),
  /** Which lines, and how much of each: in tenths of what is left, sometimes beyond. */
  parts: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.bigInt(1n, 11n), { minKeys: 1 }),
})
const split = fc.integer({ min: 0, max: 100 })

async function sell(customer: string, drawn: { qty: bigint; total: bigint }[], cash: number) {
  const total = drawn.reduce((sum, each) => sum + each.total, 0n)
  const sale = await shop.sale(customer, { subtotal: total, total })
  const lines: Line[] = []
  for (const [at, { qty, total }] of drawn.entries()) {
    const row = { sale_id: sale, line_no: at + 1, qty: qtyText(qty), total }
    const id = await put(on.source, 'sale_line', row)
    lines.push({ id, qty, total, left: qty, given: 0n })
  }
  const inCash = (total * BigInt(cash)) / 100n
  const payments = { cash: inCash, card: total - inCash }
  for (const [method, amount] of Object.entries(payments)) {
    await put(on.source, 'sale_payment', { sale_id: sale, method, amount })
  }
  return { sale, total, lines, payments }
}

async function tillTakes(sale: string, taken: { line: Line; qty: bigint; refund: bigint }[]) {
  const total = -taken.reduce((sum, { refund }) => sum + refund, 0n)
  await on.source.begin(async (tx) => {
    const id = await put(tx, 'sale', {
      type: 'return',
      parent_sale_id: sale,
      subtotal: total,
      total,
    })
    for (const [at, { line, qty, refund }] of taken.entries()) {
      const row = { qty: qtyText(-qty), total: -refund, parent_line_id: line.id }
      await put(tx, 'sale_line', { sale_id: id, line_no: at + 1, ...row })
    }
    await put(tx, 'sale_payment', { sale_id: id, method: 'cash', amount: total })
  })
}

function counterTakes(
  sale: string,
  taken: { line: Line; qty: bigint }[],
  refund: (typeof REFUND_TENDERS)[number],
) {
  const lines = taken.map(({ line, qty }) => ({ lineId: line.id, qty }))
  return commit(shop.url, (tx) =>
    returnPurchase(tx, {
      ...{ scope, purchaseId: sale, locationId: SHOP, employeeId: KIM, lines, refund },
      reason: 'other',
      expectedRefund: null,
    }),
  ).then(
    ({ result }) => result,
    (error) => {
      if (error instanceof Refusal) return error
      throw error
    },
  )
}

test('any sequence of returns', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 3 }),
      split,
      fc.array(step, { minLength: 1, maxLength: 8 }),
      async (drawn, cash, steps) => {
        const customer = await shop.person()
        const { sale, total, lines, payments } = await sell(customer, drawn, cash)
        let onlyCounters = true
        for (const { who, tender, parts } of steps) {
          const taken = Object.entries(parts).flatMap(([at, tenths]) => {
            const each = lines[Number(at)]
            const qty = each && (each.left * tenths + 9n) / 10n
            return each && qty! > 0n ? [{ line: each, qty: qty! }] : []
          })
          if (taken.length === 0) continue
          const fits = taken.every(({ line, qty }) => qty <= line.left)
          if (who === 'till') {
            if (!fits) continue
            onlyCounters = false
            // A till may round as it likes, as long as it gives no more than is left.
            const given = taken.map(({ line, qty }) => {
              const refund = ((line.total - line.given) * qty) / line.left
              return { line, qty, refund }
            })
            await tillTakes(sale, given)
            for (const { line, qty, refund } of given) {
              line.left -= qty
              line.given += refund
            }
            continue
          }
          const done = await counterTakes(sale, taken, tender)
          if (done instanceof Refusal) {
            seen.add(done.reason)
            expect(done.reason).toBe(fits ? 'tender-exhausted' : 'more-than-remains')
            expect(fits && (tender === 'cash' || onlyCounters)).toBe(false)
            continue
          }
          seen.add('done')
          expect(fits).toBe(true)
          for (const { lineId, qty, refund, remaining } of done.lines) {
            const line = lines.find(({ id }) => id === lineId)!
            line.left -= qty
            line.given += refund
            expect(remaining).toBe(line.left)
          }
        }

        for (const line of lines) {
          expect(line.given <= line.total && line.left >= 0n).toBe(true)
          if (line.left === 0n && onlyCounters) expect(line.given).toBe(line.total)
        }
        const [money] = await on.source<Record<'net' | 'paid' | 'card', string>[]>`
          select sum(total)::text as net,
            (select sum(amount) from sale_payment where sale_id in
              (select id from sale where ${sale} in (id, parent_sale_id)))::text as paid,
            (select coalesce(sum(amount), 0) from sale_payment where method = 'card' and sale_id in
              (select id from sale where ${sale} in (id, parent_sale_id)))::text as card
          from sale where ${sale} in (id, parent_sale_id)`
        const given = lines.reduce((sum, each) => sum + each.given, 0n)
        expect(BigInt(money!.net)).toBe(total - given)
        expect(BigInt(money!.paid)).toBe(total - given)
        expect(BigInt(money!.card) >= 0n && BigInt(money!.card) <= payments.card).toBe(true)

        await on.caughtUp()
        const receipt = await readReceipt(readSql, scope, customer, sale)
        expect(receipt!.value!.lines.map(({ remaining }) => remaining)).toEqual(
          lines.map(({ left }) => left),
        )
      },
    ),
    { numRuns: RUNS, ...(process.env.PT_SEED && { seed: Number(process.env.PT_SEED) }) },
  )
  expect([...seen]).toContain('done')
  expect([...seen]).toContain('more-than-remains')
  await on.expectEqual()
})
