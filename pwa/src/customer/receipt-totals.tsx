/** How a receipt adds up, and how it was paid. */
import type { PurchaseReceipt } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { Amount } from '../ui/amount.tsx'
import { paymentsOf, totalsOf } from './receipt-sums.ts'

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
