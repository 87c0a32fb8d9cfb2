/** The way from a receipt to the dialog that takes goods back, for who may. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { draftOf } from '../outbox/act.ts'
import { navigate, parameters, SETTLE } from '../router.ts'
import { may } from '../session/session.ts'
import { FailedDialog } from '../ui/failed-dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'
import type { ReturnOptions } from './return-intent.ts'

const ReturnDialog = lazy(
  () => import('./return-dialog.tsx').then(({ ReturnDialog }) => ReturnDialog),
  FailedDialog,
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

/** It opens by itself where the address names a request to settle (`?settle=ID`), and begins with that. */
export function TakeBackDialog({ open, ...options }: ReturnOptions & { open: Signal<boolean> }) {
  const settles = useSignal<ReturnOptions['settles']>(undefined)
  const wanted = parameters.value.get(SETTLE)
  useEffect(() => {
    if (!wanted || !may('purchases:return')) return
    let over = false
    void draftOf(wanted).then((draft) => {
      if (over || draft?.purchaseId !== options.purchaseId) return
      settles.value = { id: wanted, key: draft.key, body: draft.body }
      open.value = true
    })
    return () => {
      over = true
    }
  }, [wanted, options.purchaseId])
  if (!open.value) return null
  return (
    <ReturnDialog
      {...options}
      settles={settles.value}
      onClose={() => {
        open.value = false
        settles.value = undefined
        if (wanted) leaveRequest()
      }}
    />
  )
}

function leaveRequest(): void {
  const rest = new URLSearchParams(parameters.peek())
  rest.delete(SETTLE)
  const search = String(rest)
  navigate(location.pathname + (search && `?${search}`), { replace: true })
}
