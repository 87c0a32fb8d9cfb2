/** One purchase in a few words, in a dialog about it. */
import { formatDatedMoment } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { TypeIcon, toneOf } from '../ui/purchase-type.tsx'
import { typeWord } from '../ui/type-word.ts'
import type { OwnedPurchase } from './attribution.ts'

export function PurchaseFacts({ purchase }: { purchase: OwnedPurchase }) {
  const { receiptNumber, occurredAt, location, total, counted, customer } = purchase
  const texts = t.value
  const facts = [receiptNumber, formatDatedMoment(occurredAt, zoneOf(location.id)), location.name]
  return (
    <span class={`purchase-facts ${counted ? '' : 'row--uncounted'}`}>
      <TypeIcon tone={toneOf(purchase)} />
      <span class="purchase-facts__head">
        <strong class={`tone-text-${toneOf(purchase)}`}>{typeWord(purchase)}</strong>
        <strong>
          <Amount money={total} />
        </strong>
      </span>
      <span class="purchase-facts__facts">{facts.filter(Boolean).join(' · ')}</span>
      <span class="purchase-facts__facts">
        {customer ? texts.people.ofCustomer(customer.name ?? texts.noName) : texts.people.ofGuest}
      </span>
    </span>
  )
}
