/** From a receipt to the dialog that says whose it is, for who may, in a store of theirs. */
import { useSignal } from '@preact/signals'
import type { PurchaseReceipt } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { may, session } from '../session/session.ts'
import { FailedDialog } from '../ui/failed-dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'

const LinkToCustomer = lazy(
  () => import('./link-to-customer.tsx').then((module) => module.LinkToCustomer),
  FailedDialog,
)

interface WhoseButtonProps {
  receipt: PurchaseReceipt
  customerName: string | null
}

export function WhoseButton({ receipt, customerName }: WhoseButtonProps) {
  const open = useSignal(false)
  const { customerId, location } = receipt
  const { locations = [] } = session.value ?? {}
  const actsThere = locations === '*' || locations.includes(location.id)
  if (!actsThere || !may(customerId ? 'purchases:move' : 'purchases:link')) return null
  const { linkToCustomer, notTheirs } = t.value.people
  return (
    <>
      <button
        type="button"
        class={customerId ? 'text-button whose' : 'button'}
        onClick={() => {
          open.value = true
        }}
      >
        <Icon name="person" />
        {customerId ? notTheirs : linkToCustomer}
      </button>
      {open.value && (
        <LinkToCustomer
          purchase={{
            ...receipt,
            customer: customerId ? { id: customerId, name: customerName } : null,
          }}
          onClose={() => {
            open.value = false
          }}
        />
      )}
    </>
  )
}
