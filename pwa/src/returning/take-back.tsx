/** The way from a receipt to the dialog that takes goods back, for who may. */
import type { Signal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { may } from '../session/session.ts'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'
import type { ReturnOptions } from './return-intent.ts'

const ReturnDialog = lazy(() =>
  import('./return-dialog.tsx').then(({ ReturnDialog }) => ReturnDialog),
)

export function TakeBackButton({ open }: { open: Signal<boolean> }) {
  if (!may('purchases:return')) return null
  return (
    <button
      type="button"
      class="button button--primary"
      onClick={() => {
        open.value = true
      }}
    >
      <Icon name="return" />
      {t.value.returning.takeBack}
    </button>
  )
}

export function TakeBackDialog({ open, ...options }: ReturnOptions & { open: Signal<boolean> }) {
  if (!open.value) return null
  return (
    <ReturnDialog
      {...options}
      onClose={() => {
        open.value = false
      }}
    />
  )
}
