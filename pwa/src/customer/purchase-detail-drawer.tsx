/**
 * The receipt of one purchase, in a dialog beside the timeline. What the list knows of it is shown at once, and
 * the rest when it comes. Escape and the browser's back button close it, and the focus returns to its row.
 */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Purchase } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { Age } from '../offline/age.tsx'
import { back, customerPath, parameters } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { CustomerRecord } from './customer-record.ts'
import { ReceiptHead, WholeReceipt } from './whole-receipt.tsx'

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
  useLayoutEffect(() => void query.refresh(), [query])
  useEffect(() => {
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
        {receipt && failure && query.checkedAt.value && (
          <p class="drawer__age">
            <Age at={query.checkedAt.value} />
          </p>
        )}
        {receipt ? (
          <WholeReceipt
            key={receipt.id}
            receipt={receipt}
            source={query}
            customerName={record.card.value.value?.name ?? null}
            onReturned={() => void record.renewHead()}
          />
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
