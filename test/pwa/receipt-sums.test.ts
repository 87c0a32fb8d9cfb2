import { beforeAll, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import type { Money, PurchaseReceipt, ReceiptLine } from '../../pwa/src/api/types.ts'
import { amountOf, hasAmount, quantityOf, totalsOf } from '../../pwa/src/customer/receipt-sums.ts'
import { worthOfOne } from '../../pwa/src/returning/quantities.ts'
import { divideRounded } from '../../src/domain/money.ts'
import { lineOfTuple, type Tuple } from '../../src/domain/receipt.ts'
import { lineBody } from '../../src/http/routes/receipt.ts'
import { GOLDEN } from '../replay/support.ts'

/** Whatever language the machine has, the words are English and the amounts British. */
beforeAll(() => {
  Object.defineProperty(navigator, 'languages', { value: ['en-GB'], configurable: true })
})

const gbp = (amount: bigint | number): Money => ({ amount: BigInt(amount), currency: 'GBP' })
const sumOf = (all: Money[]) => all.reduce((sum, { amount }) => sum + BigInt(amount), 0n)

interface Sold {
  thousandths: number
  unitPrice: number
  percentOff: number
  /** In percent, on top of the price; 0: inside of it. */
  taxRate: number
  voided: boolean
}

/** As a till writes it. */
function lineOf({ thousandths, unitPrice, percentOff, taxRate, voided }: Sold): ReceiptLine {
  const gross = divideRounded(BigInt(thousandths) * BigInt(unitPrice), 1000n)
  const discount = divideRounded(gross * BigInt(percentOff), 100n)
  const tax = divideRounded((gross - discount) * BigInt(taxRate), 100n)
  return {
    qty: thousandths / 1000,
    ...{ unitPrice: gbp(unitPrice), discount: gbp(discount), tax: gbp(tax) },
    ...{ total: gbp(gross - discount + tax), voided, comped: false, counted: !voided },
  } as ReceiptLine
}

function receiptOf(lines: ReceiptLine[], offReceipt = 0n): PurchaseReceipt {
  const counted = lines.filter((line) => line.counted)
  const [discounts, tax, total] = (['discount', 'tax', 'total'] as const).map((part) =>
    sumOf(counted.map((line) => line[part])),
  ) as [bigint, bigint, bigint]
  const discount = discounts + offReceipt
  return {
    ...{ lines, discount: gbp(discount), tax: gbp(tax), tip: gbp(0) },
    ...{ subtotal: gbp(total + discounts - tax), total: gbp(total - offReceipt) },
  } as unknown as PurchaseReceipt
}

/** What stands on a receipt adds up: its lines to the subtotal, and that with what is below it to the total. */
function expectToAddUp(receipt: PurchaseReceipt) {
  const shown = new Map(totalsOf(receipt).map(([name, money]) => [name, BigInt(money.amount)]))
  const total = shown.get('Total')!
  const subtotal = shown.get('Subtotal') ?? total
  const counted = receipt.lines.filter((line) => line.counted)

  expect(sumOf(counted.map(amountOf))).toBe(subtotal)
  expect(subtotal + (shown.get('Discount') ?? 0n) + (shown.get('Tax') ?? 0n)).toBe(total)
}

const sold = fc.record<Sold>({
  // Bought or brought back, by the piece or by weight.
  thousandths: fc.oneof(
    fc.integer({ min: -5, max: 5 }).map((n) => (n || 1) * 1000),
    fc.integer({ min: 1, max: 3000 }),
  ),
  unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
  percentOff: fc.constantFrom(0, 0, 10, 33),
  taxRate: fc.constantFrom(0, 0, 9, 21),
  voided: fc.boolean(),
})

test('the lines of a receipt add up to its subtotal, and the rest of it to its total', () => {
  fc.assert(
    fc.property(fc.array(sold), fc.nat(500), (all, offReceipt) => {
      expectToAddUp(receiptOf(all.map(lineOf), BigInt(offReceipt)))
    }),
  )
})

test('what stands beside a quantity is what the line comes to', () => {
  fc.assert(
    fc.property(sold, (of) => {
      const line = lineOf(of)
      const isOne = Math.abs(of.thousandths) === 1000
      expect(quantityOf(line)).toEqual(isOne ? null : expect.stringContaining(' × £'))
    }),
  )
  const piece = { thousandths: 2000, unitPrice: 525, percentOff: 0, taxRate: 9, voided: false }
  const line = lineOf(piece)
  expect(quantityOf(line)).toBe('2 × £5.25')
  expect(amountOf(line).amount).toBe(1050n)
  // A till that writes the tax out of a price that has it inside.
  const inside = { ...line, unitPrice: gbp(600), tax: gbp(200), total: gbp(1200) }
  expect(amountOf(inside).amount).toBe(1000n)
  expect(quantityOf(inside)).toBe('Quantity 2')
})

test('one piece gives back its part of what was paid, with its tax and less its discount', () => {
  const paid = lineOf({
    thousandths: 3000,
    ...{ unitPrice: 1000, percentOff: 10, taxRate: 10, voided: false },
  })
  expect(paid.total.amount).toBe(2970n)
  expect(worthOfOne(paid).amount).toBe(990n)
  expect(worthOfOne({ ...paid, qty: 2.5 }).amount).toBe(1188n)
})

test("the demo's receipts add up", async () => {
  const { purchase_timeline: rows } = JSON.parse(await readFile(GOLDEN, 'utf8')) as {
    purchase_timeline: Record<string, string | number>[]
  }
  let discounted = 0
  let taxed = 0
  for (const row of rows) {
    const money = (name: string) => gbp(BigInt(row[name]!))
    const tuples = row.lines as unknown as Tuple[]
    const receipt = {
      ...{ subtotal: money('subtotal'), discount: money('discount_total') },
      ...{ tax: money('tax_total'), tip: gbp(0), total: money('total') },
      lines: tuples.map((tuple) => lineBody(lineOfTuple(tuple), 'GBP')),
    } as unknown as PurchaseReceipt
    expectToAddUp(receipt)
    for (const line of receipt.lines)
      if (Math.abs(line.qty) !== 1) expect(quantityOf(line)).toContain(' × £')
    if (hasAmount(receipt.discount)) discounted += 1
    if (hasAmount(receipt.tax)) taxed += 1
  }
  expect(discounted).toBeGreaterThan(0)
  expect(taxed).toBeGreaterThan(0)
})
