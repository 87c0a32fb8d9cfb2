/** An amount. Screen readers pass over a minus sign: those who listen are told it in words. */
import type { Money } from '../api/types.ts'
import { formatMagnitude, formatMoney, isNegative } from '../format/money.ts'
import { t } from '../i18n/index.ts'

export function Amount({ money }: { money: Money }) {
  if (!isNegative(money.amount)) return <span class="amount">{formatMoney(money)}</span>
  return (
    <span class="amount amount--negative">
      <span aria-hidden="true">{formatMoney(money)}</span>
      <span class="visually-hidden">{t.value.minus(formatMagnitude(money))}</span>
    </span>
  )
}
