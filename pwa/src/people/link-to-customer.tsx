/** From a receipt: whose it is. A guest's finds its customer; a customer's goes to another one, or to nobody. */
import { batch, useSignal } from '@preact/signals'
import { customerRecord, outdateRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { customerPath, navigate, parameters, purchasePath } from '../router.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import type { OwnedPurchase, Person } from './attribution.ts'
import { AttributionDialog } from './attribution-dialog.tsx'
import { CustomerPicker } from './customer-picker.tsx'
import { lastDone } from './person-act.ts'
import { PurchaseFacts } from './purchase-facts.tsx'

interface LinkToCustomerProps {
  purchase: OwnedPurchase
  onClose: () => void
}

/**
 * The dialog. When it is done the receipt is open among the purchases of whose it is now; of a purchase that
 * was taken from a customer the app stays with that customer, whose screen says where it went.
 */
export function LinkToCustomer({ purchase, onClose }: LinkToCustomerProps) {
  const chosen = useSignal<{ to: Person | null } | null>(null)
  const { customer: from } = purchase
  const texts = t.value.people
  const title = from ? texts.notTheirsTitle : texts.linkTitle
  if (!chosen.value) {
    return (
      <Dialog title={title} onClose={onClose}>
        <PurchaseFacts purchase={purchase} />
        <CustomerPicker
          label={texts.whose}
          {...(from && { exceptId: from.id })}
          onChoose={(to) => {
            chosen.value = { to }
          }}
        />
        {from && (
          <button
            type="button"
            class="button button--wide"
            onClick={() => {
              chosen.value = { to: null }
            }}
          >
            <Icon name="person" />
            {texts.nobodys}
          </button>
        )}
      </Dialog>
    )
  }
  const { to } = chosen.value
  return (
    <AttributionDialog
      title={title}
      purchase={purchase}
      to={to}
      onClose={onClose}
      onAnother={() => {
        chosen.value = null
      }}
      onDone={async (ownerId) => {
        const { id: purchaseId, receiptNumber } = purchase
        if (ownerId) outdateRecord(ownerId)
        if (from) await customerRecord(from.id).renew()
        return () =>
          batch(() => {
            onClose()
            if (from) {
              const owner = ownerId && to ? { id: ownerId, name: to.name } : null
              lastDone.value = { customerId: from.id, name: 'moved', receiptNumber, to: owner }
              // It is not among theirs any more.
              navigate(customerPath(from.id, parameters.peek()), { replace: true })
            } else if (ownerId) {
              lastDone.value = { customerId: ownerId, name: 'linked', purchaseId, receiptNumber }
              navigate(purchasePath(ownerId, purchaseId), { replace: true })
            }
          })
      }}
    />
  )
}
