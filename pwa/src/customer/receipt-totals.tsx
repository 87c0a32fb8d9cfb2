/** How a receipt adds up, and how it was paid. */
import type { Money, PurchaseReceipt } from '../api/types.ts'
import { isNegative } from '../format/money.ts'
import { t } from '../i18n/index.ts'
import { Amount } from '../ui/amount.tsx'
import { paymentWord } from '../ui/payment-method.ts'
import { hasAmount, lessening } from './receipt-lines.tsx'

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

export function ReceiptTotals({ receipt }: { receipt: PurchaseReceipt }) {
  const { title, rows } = paymentsOf(receipt)
  const sums = totalsOf(receipt)
  return (
    <>
      <dl class="sums">
        {sums.map(([name, money]) => (
          <div
            key={name}
            class={name === t.value.total ? 'sums__row sums__row--total' : 'sums__row'}
          >
            <dt>{name}</dt>
            <dd>
              <Amount money={money} />
            </dd>
          </div>
        ))}
      </dl>
      {rows.length > 0 && (
        <section aria-labelledby="payments-title">
          <h3 id="payments-title" class="drawer__heading">
            {title}
          </h3>
          <dl class="sums">
            {rows.map(([name, money], at) => (
              <div key={at} class="sums__row">
                <dt>{name}</dt>
                <dd>
                  <Amount money={money} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  )
}
