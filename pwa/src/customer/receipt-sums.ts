/** How a receipt adds up, and how it was paid, in names and amounts. Pure, but for the language. */
import type { Money, PurchaseReceipt, ReceiptLine } from '../api/types.ts'
import { formatMoney, isNegative } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { paymentWord } from '../ui/payment-method.ts'

/** The rows of a receipt's sum, with those left out that change nothing. */
export function totalsOf({
  subtotal,
  discount,
  tax,
  tip,
  total,
}: PurchaseReceipt): [string, Money][] {
  const texts = t.value
  const changes: [string, Money][] = [
    [texts.discount, lessening(discount)],
    [texts.tax, tax],
  ]
  const given = changes.filter(([, money]) => hasAmount(money))
  const sum: [string, Money][] = [[texts.total, total]]
  const extra: [string, Money][] = hasAmount(tip) ? [[texts.tip, tip]] : []
  // A subtotal alone would only repeat the total.
  const parts: [string, Money][] = given.length > 0 ? [[texts.subtotal, subtotal], ...given] : []
  return [...parts, ...sum, ...extra]
}

export function paymentsOf({ payments, total }: PurchaseReceipt): {
  title: string
  rows: [string, Money][]
} {
  const texts = t.value
  return {
    title: isNegative(total.amount) ? texts.refundedWith : texts.payments,
    rows: payments.map(({ method, amount, reference }) => {
      const name = paymentWord(method)
      return [reference ? `${name} · ${reference}` : name, amount]
    }),
  }
}

/**
 * What a line comes to before discount and tax: of the lines that count the sum is the receipt's subtotal. With
 * the tax on top of the price or inside of it, for what is bought and what comes back.
 */
export function amountOf({
  total,
  discount,
  tax,
}: Pick<ReceiptLine, 'total' | 'discount' | 'tax'>): Money {
  return {
    amount: BigInt(total.amount) + BigInt(discount.amount) - BigInt(tax.amount),
    currency: total.currency,
  }
}

/** `2 × £5.25`; without the price where that, times the quantity, is not what the line comes to; null for one piece. */
export function quantityOf(line: ReceiptLine): string | null {
  const { qty, unitPrice } = line
  if (Math.abs(qty) === 1) return null
  const thousandths = BigInt(Math.round(qty * 1000))
  const off = BigInt(unitPrice.amount) * thousandths - BigInt(amountOf(line).amount) * 1000n
  // What is sold by weight is rounded to a whole minor unit, whichever way.
  const isMultiple = off > -1000n && off < 1000n
  const times = formatNumber(Math.abs(qty))
  return isMultiple ? `${times} × ${formatMoney(unitPrice)}` : t.value.quantity(times)
}

export function hasAmount({ amount }: Money): boolean {
  return Number(amount) !== 0
}

/** A discount is stored as what it takes away. */
export function lessening({ amount, currency }: Money): Money {
  return { amount: -amount, currency }
}
