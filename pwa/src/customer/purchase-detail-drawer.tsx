/**
 * The receipt of one purchase, in a dialog beside the timeline. What the list knows of it is shown at once, and
 * the rest when it comes. Escape and the browser's back button close it, and the focus returns to its row.
 */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import {
  isMasked,
  type MaskedRelated,
  type Purchase,
  type Receipt,
  type RelatedPurchase,
} from '../api/types.ts'
import { DEVICE_ZONE, formatFullMoment, formatMoment } from '../format/dates.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { back, customerPath, parameters, purchasePath } from '../router.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { Icon } from '../ui/icons.tsx'
import { paperWidth } from '../ui/preferences.ts'
import { Problem } from '../ui/problem.tsx'
import { TypeIcon, toneOf, typeWord } from '../ui/purchase-type.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { CustomerRecord } from './customer-record.ts'
import { printCopy } from './print-copy.tsx'
import { ReceiptLines } from './receipt-lines.tsx'
import { ReceiptTotals } from './receipt-totals.tsx'
import { returnableOf } from './returnable.ts'

interface PurchaseDetailDrawerProps {
  record: CustomerRecord
  purchaseId: string
  /** What the list has of it, if it has it. */
  known: Purchase | undefined
}

export function PurchaseDetailDrawer({ record, purchaseId, known }: PurchaseDetailDrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const query = record.receipt(purchaseId)
  const receipt = query.value.value
  const failure = query.failure.value
  const head = receipt ?? known

  useLayoutEffect(() => {
    const row = document.activeElement as HTMLElement | null
    const element = dialog.current!
    element.showModal()
    return () => {
      // What is behind an open dialog can't have the focus.
      element.close()
      row?.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => {
    void query.refresh()
    dialog.current!.scrollTop = 0
  }, [query])

  const close = () => back(customerPath(record.id, parameters.peek()))
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does by key what the backdrop does by click
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby="receipt-title"
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => {
        // The backdrop belongs to the dialog, and everything in it to its body.
        if (event.target === dialog.current) close()
      }}
    >
      <div class="drawer__body">
        <div class="drawer__bar">
          <h2 id="receipt-title" class="drawer__title">
            {head?.receiptNumber ? t.value.receiptNumber(head.receiptNumber) : t.value.receipt}
          </h2>
          <button type="button" class="icon-button" aria-label={t.value.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        {head && <ReceiptHead purchase={head} receipt={receipt} />}
        {receipt ? (
          <Whole receipt={receipt} />
        ) : failure ? (
          <Problem failure={failure} onRetry={() => void query.refresh()} />
        ) : (
          <div aria-busy="true">
            <Skeleton lines={4} className="skeleton--rows" />
          </div>
        )}
      </div>
    </dialog>
  )
}

function ReceiptHead({ purchase, receipt }: { purchase: Purchase; receipt: Receipt | null }) {
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

function Whole({ receipt }: { receipt: Receipt }) {
  return (
    <>
      <CanBeReturned receipt={receipt} />
      <Chain receipt={receipt} />
      <ReceiptLines lines={receipt.lines} />
      <ReceiptTotals receipt={receipt} />
      <PrintBar receipt={receipt} />
    </>
  )
}

/** The answer to the question that is asked most at the till. */
function CanBeReturned({ receipt }: { receipt: Receipt }) {
  const texts = t.value
  const { left, ever } = returnableOf(receipt.lines)
  if (!ever) return <p class="returnable returnable--never">{texts.returnableNever}</p>
  if (left === 0) return <p class="returnable returnable--none">{texts.returnableNone}</p>
  return (
    <p class="returnable">
      <Icon name="check" />
      {texts.returnable(formatNumber(left))}
    </p>
  )
}

/** The purchase that this one came from, and what came of it; each is a way there. */
function Chain({ receipt: { customerId, parent, returns } }: { receipt: Receipt }) {
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
  customerId: string
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
        <span class="chain__facts">{formatMoment(purchase.occurredAt, DEVICE_ZONE)}</span>
      </li>
    )
  }
  const { id, occurredAt, receiptNumber, location, total, counted } = purchase
  const facts = [receiptNumber, formatMoment(occurredAt, zoneOf(location.id)), location.name]
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

function PrintBar({ receipt }: { receipt: Receipt }) {
  const texts = t.value
  return (
    <div class="print-bar">
      <label class="choice">
        <span class="visually-hidden">{texts.paper}</span>
        <select
          value={paperWidth.value}
          onChange={(event) => {
            paperWidth.value = event.currentTarget.value as typeof paperWidth.value
          }}
        >
          {Object.entries(texts.paperWidths).map(([width, name]) => (
            <option key={width} value={width}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button button--primary"
        onClick={() => printCopy(receipt, paperWidth.value)}
      >
        <Icon name="printer" />
        {texts.print}
      </button>
    </div>
  )
}
