/** From a customer: a receipt that turns up again, found by its number, becomes theirs. */
import { batch, useSignal } from '@preact/signals'
import type { FoundPurchase } from '../api/types.ts'
import { type CustomerRecord, outdateRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { AttributionDialog } from './attribution-dialog.tsx'
import { lastDone } from './person-act.ts'
import { ReceiptFinder } from './receipt-finder.tsx'

interface LinkReceiptDialogProps {
  record: CustomerRecord
  onClose: () => void
}

export function LinkReceiptDialog({ record, onClose }: LinkReceiptDialogProps) {
  const chosen = useSignal<FoundPurchase | null>(null)
  const purchase = chosen.value
  const texts = t.value.people
  if (!purchase) {
    return (
      <Dialog title={texts.linkTitle} onClose={onClose}>
        <ReceiptFinder
          onChoose={(found) => {
            chosen.value = found
          }}
        />
      </Dialog>
    )
  }
  return (
    <AttributionDialog
      title={texts.linkTitle}
      purchase={purchase}
      to={{ id: record.id, name: record.card.value.peek()?.name ?? null }}
      onClose={onClose}
      onAnother={() => {
        chosen.value = null
      }}
      onDone={async () => {
        if (purchase.customer) outdateRecord(purchase.customer.id)
        await record.renew()
        return () =>
          batch(() => {
            const { id: purchaseId, receiptNumber } = purchase
            lastDone.value = { customerId: record.id, name: 'linked', purchaseId, receiptNumber }
            onClose()
          })
      }}
    />
  )
}
