/**
 * A person asks to be forgotten. What goes and what stays is said first; then their reference has to be typed, since
 * nothing brings them back.
 */
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'
import type { Erasure } from '../api/types.ts'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { forgetCustomers } from '../offline/kept-customers.ts'
import { act, preview } from '../outbox/act.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAttention } from './attention.ts'
import { isSameWord, wordToType } from './erase-word.ts'
import { lastDone } from './person-act.ts'
import { usePlan } from './plan.ts'
import { Refused, Waiting } from './refusal.tsx'

interface EraseDialogProps {
  record: CustomerRecord
  onClose: () => void
}

export function EraseDialog({ record, onClose }: EraseDialogProps) {
  const texts = t.value.people
  const customerId = record.id
  const { name = null, externalRef = null } = record.card.value.value ?? {}
  const word = useMemo(() => wordToType(name, externalRef, customerId), [record])
  const typed = useSignal('')
  const busy = useSignal(false)
  const waiting = useSignal(false)
  const refused = useSignal<Failure | null>(null)
  const attention = useAttention()
  const plan = usePlan(customerId, () => preview<'erasure', Erasure>('erasure', { customerId }))

  async function erase({ customerIds: expectedCustomerIds }: Erasure) {
    busy.value = true
    refused.value = null
    const to = { customerId, expectedCustomerIds }
    const about = { customerId, customerName: name }
    const outcome = await act('erasure', to, about, { left: attention.begin() })
    // If it is done, whatever shows this customer says so.
    attention.end()
    if (outcome.state === 'done') {
      lastDone.value = null
      await forgetCustomers(outcome.answer.customerIds, 'erased')
      // The screen is told that there is nobody any more, and takes the dialog away.
      await record.card.renew()
      document.getElementById('content')?.focus({ preventScroll: true })
      return
    }
    busy.value = false
    if (outcome.state === 'waiting') waiting.value = true
    else {
      refused.value = outcome.failure
      if (outcome.failure.problem?.kind === 'others-merged') plan.askAgain()
    }
  }

  const isSaid = isSameWord(typed.value, word)
  return (
    <Dialog
      title={texts.eraseTitle(name)}
      onClose={onClose}
      busy={busy.value}
      actions={
        <>
          <button type="button" class="button" disabled={busy.value} onClick={onClose}>
            {waiting.value ? t.value.close : texts.cancel}
          </button>
          {!waiting.value && (
            <button
              type="submit"
              form="erase"
              class="button button--danger"
              disabled={!plan.answer || !isSaid || busy.value}
            >
              {busy.value ? texts.erasing : texts.erase}
            </button>
          )}
        </>
      }
    >
      {waiting.value ? (
        <Waiting />
      ) : (
        <form
          id="erase"
          class="act-form"
          onSubmit={(event) => {
            event.preventDefault()
            if (plan.answer && isSaid && !busy.peek()) void erase(plan.answer)
          }}
        >
          <p class="act-form__warning">
            <Icon name="alert" />
            {texts.eraseForGood}
          </p>
          {refused.value && <Refused failure={refused.value} nameOf={() => name} />}
          {plan.failure ? (
            plan.failure.problem?.kind === 'erased' ? (
              <Refused failure={plan.failure} nameOf={() => name} />
            ) : (
              <Problem failure={plan.failure} onRetry={plan.askAgain} compact />
            )
          ) : (
            <div role="status">
              <WhatGoes plan={plan.answer} />
            </div>
          )}
          <label class="field">
            <span class="field__label field__label--plain">
              {texts.typeToErase} <strong>{word}</strong>
            </span>
            <input
              type="text"
              class="input"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              disabled={busy.value}
              value={typed.value}
              onInput={(event) => {
                typed.value = event.currentTarget.value
              }}
            />
          </label>
        </form>
      )}
    </Dialog>
  )
}

function WhatGoes({ plan }: { plan: Erasure | null }) {
  const texts = t.value.people
  if (!plan) return <Skeleton lines={4} />
  const { customerIds, detached, merges } = plan
  return (
    <ul class="act-list">
      <li>{texts.eraseContact}</li>
      {customerIds.length > 1 && <li>{texts.eraseOthers(customerIds.length - 1)}</li>}
      <li>{texts.eraseDetached(detached.sale + detached.order)}</li>
      {merges > 0 && <li>{texts.eraseMerges(merges)}</li>}
      <li>{texts.eraseDevices}</li>
    </ul>
  )
}
