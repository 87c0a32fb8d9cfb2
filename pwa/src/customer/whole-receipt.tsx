/** All of one receipt, and what can be done with it: wherever a receipt is shown. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import {
  isMasked,
  type MaskedRelated,
  type PurchaseInBrief,
  type PurchaseReceipt,
  type RelatedPurchase,
  type Return,
} from '../api/types.ts'
import { DEVICE_ZONE, formatDatedMoment, formatFullMoment } from '../format/dates.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { UnsettledNotice } from '../outbox/unsettled-notice.tsx'
import { WhoseButton } from '../people/whose-button.tsx'
import { afterReturn } from '../returning/after-return.ts'
import type { ReceiptSource } from '../returning/return-intent.ts'
import { TakeBackButton, TakeBackDialog } from '../returning/take-back.tsx'
import { parameters, purchasePath } from '../router.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'
import { TypeIcon, toneOf } from '../ui/purchase-type.tsx'
import { typeWord } from '../ui/type-word.ts'
import { ReceiptLines } from './receipt-lines.tsx'
import { ReceiptTotals } from './receipt-totals.tsx'
import { returnableOf } from './returnable.ts'

const PrintCopy = lazy<{ receipt: PurchaseReceipt }>(
  () => import('../printing/print-copy.tsx').then((module) => module.PrintCopy),
  ({ onRetry }) => (
    <button type="button" class="button print-button" onClick={onRetry}>
      {t.value.retry}
    </button>
  ),
)

interface ReceiptHeadProps {
  /** What a list has of it is enough. */
  purchase: PurchaseInBrief
  receipt: PurchaseReceipt | null
}

export function ReceiptHead({ purchase, receipt }: ReceiptHeadProps) {
  const texts = t.value
  const { status, counted, occurredAt, location, total } = purchase
  const state = texts.purchaseStatuses[status]
  const tone = toneOf(purchase)
  return (
    <div class={`receipt-head ${counted ? '' : 'receipt-head--uncounted'}`}>
      <TypeIcon tone={tone} />
      <p class="receipt-head__what">
        <span class={`tone-text-${tone}`}>{typeWord(purchase)}</span>
        {state && <span class={`chip chip--${status}`}>{state}</span>}
        {!counted && <span class="receipt-head__note">{texts.notCounted}</span>}
      </p>
      <p class="receipt-head__total">
        <Amount money={total} />
      </p>
      <p class="receipt-head__facts">
        <span>{formatFullMoment(occurredAt, zoneOf(location.id))}</span>
        {location.name && <span>{location.name}</span>}
        {receipt?.employee?.name && <span>{texts.soldBy(receipt.employee.name)}</span>}
        {!!receipt?.guestCount && <span>{texts.guests(receipt.guestCount)}</span>}
      </p>
    </div>
  )
}

interface WholeReceiptProps {
  receipt: PurchaseReceipt
  /** Where it comes from, to ask again. */
  source: ReceiptSource
  customerName: string | null
  /** Called once something of it was taken back. */
  onReturned: () => void
}

/** Give it the purchase's id as its key: what was done with one receipt is nothing of the next one's. */
export function WholeReceipt({ receipt, source, customerName, onReturned }: WholeReceiptProps) {
  const [done, setDone] = useState<Parameters<typeof afterReturn>[1] | null>(null)
  const takingBack = useSignal(false)
  const shown = done ? afterReturn(receipt, done) : receipt
  function returned(answer: Return, at: PurchaseReceipt['location']) {
    setDone({ answer, at, occurredAt: new Date().toISOString() })
    void source.renew()
    onReturned()
  }
  return (
    <>
      <UnsettledNotice of={receipt.id} />
      <CanBeReturned receipt={shown}>
        <TakeBackButton open={takingBack} />
      </CanBeReturned>
      <Chain receipt={shown} />
      <ReceiptLines lines={shown.lines} />
      <ReceiptTotals receipt={shown} />
      <WhoseButton receipt={shown} customerName={customerName} />
      <div class="print-bar">
        <PrintCopy receipt={shown} />
      </div>
      <TakeBackDialog
        open={takingBack}
        purchaseId={receipt.id}
        receipt={source}
        customerName={customerName}
        onDone={returned}
      />
    </>
  )
}

/** The answer to the question that is asked most at the till. */
function CanBeReturned({
  receipt,
  children,
}: {
  receipt: PurchaseReceipt
  children: ComponentChildren
}) {
  const texts = t.value
  const { left, ever } = returnableOf(receipt.lines)
  if (!ever) return <p class="returnable returnable--never">{texts.returnableNever}</p>
  if (left === 0) return <p class="returnable returnable--none">{texts.returnableNone}</p>
  return (
    <div class="returnable">
      <Icon name="check" />
      <p class="returnable__text">{texts.returnable(formatNumber(left))}</p>
      {children}
    </div>
  )
}

/** The purchase that this one came from, and what came of it; each is a way there. */
function Chain({ receipt: { customerId, parent, returns } }: { receipt: PurchaseReceipt }) {
  const texts = t.value
  if (!parent && returns.length === 0) return null
  return (
    <section class="chain" aria-labelledby="chain-title">
      <h3 id="chain-title" class="drawer__heading">
        {texts.chain}
      </h3>
      <ul class="chain__links">
        {parent && (
          <Related customerId={customerId} purchase={parent} relation={texts.chainParent} />
        )}
        {returns.map((purchase) => (
          <Related
            key={purchase.id}
            customerId={customerId}
            purchase={purchase}
            relation={texts.chainReturn}
          />
        ))}
      </ul>
    </section>
  )
}

interface RelatedProps {
  customerId: string | null
  purchase: RelatedPurchase | MaskedRelated
  relation: string
}

function Related({ customerId, purchase, relation }: RelatedProps) {
  if (isMasked(purchase)) {
    return (
      <li class="chain__link">
        <TypeIcon tone="masked" />
        <span class="chain__what">
          {relation}: {t.value.masked}
        </span>
        <span class="chain__facts">{formatDatedMoment(purchase.occurredAt, DEVICE_ZONE)}</span>
      </li>
    )
  }
  const { id, occurredAt, receiptNumber, location, total, counted } = purchase
  const facts = [receiptNumber, formatDatedMoment(occurredAt, zoneOf(location.id)), location.name]
  return (
    <li>
      <a
        class={`chain__link ${counted ? '' : 'row--uncounted'}`}
        href={purchasePath(customerId, id, parameters.value)}
        data-replace
      >
        <TypeIcon tone={toneOf(purchase)} />
        <span class="chain__what">
          {relation}: <strong class={`tone-text-${toneOf(purchase)}`}>{typeWord(purchase)}</strong>
        </span>
        <span class="chain__facts">{facts.filter(Boolean).join(' · ')}</span>
        <span class="row__total">
          <Amount money={total} />
        </span>
      </a>
    </li>
  )
}
