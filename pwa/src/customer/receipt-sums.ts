/** How a receipt adds up, and how it was paid, in names and amounts. Pure, but for the language. */
import type { Money, PurchaseReceipt } from '../api/types.ts'
import { isNegative } from '../format/money.ts'
import { t } from '../i18n/index.ts'
import { paymentWord } from '../ui/payment-method.ts'

/** The rows of a receipt's sum, with those left out that are nothing. */
export function totalsOf({
  subtotal,
  discount,
  tax,
  tip,
  total,
}: PurchaseReceipt): [string, Money][] {
  const texts = t.value
  const parts: [string, Money][] = [
    [texts.subtotal, subtotal],
    [texts.discount, lessening(discount)],
    [texts.tax, tax],
  ]
  const sum: [string, Money][] = [[texts.total, total]]
  const extra: [string, Money][] = hasAmount(tip) ? [[texts.tip, tip]] : []
  const given = parts.filter(([, money]) => hasAmount(money))
  // A subtotal alone would only repeat the total.
  return [...(given.length > 1 ? given : []), ...sum, ...extra]
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

export function hasAmount({ amount }: Money): boolean {
  return Number(amount) !== 0
}

/** A discount is stored as what it takes away. */
export function lessening({ amount, currency }: Money): Money {
  return { amount: -amount, currency }
}
