/**
 * Two records, one person: the other one is found, both are looked at side by side, and one is chosen to stay.
 * What would move, and all that stands against it, is known before anything is done.
 */
import { batch, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'
import type { MergePreview } from '../api/types.ts'
import { type CustomerRecord, customerRecord, dropRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { act, preview } from '../outbox/act.ts'
import { customerPath, navigate } from '../router.ts'
import { session } from '../session/session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAttention } from './attention.ts'
import { ChooseOther } from './choose-other.tsx'
import { lastDone } from './person-act.ts'
import { PersonCard } from './person-card.tsx'
import { PersonFacts } from './person-facts.ts'
import { type Planned, usePlan } from './plan.ts'
import { Refusal, Refused, Waiting } from './refusal.tsx'

interface MergeDialogProps {
  record: CustomerRecord
  otherId: string | undefined
  onClose: () => void
}

export function MergeDialog({ record, otherId, onClose }: MergeDialogProps) {
  const other = useSignal(otherId ?? null)
  if (other.value) {
    return (
      <Compare
        key={other.value}
        record={record}
        otherId={other.value}
        onClose={onClose}
        onAnother={() => {
          other.value = null
        }}
      />
    )
  }
  return (
    <Dialog title={t.value.people.mergeTitle} onClose={onClose}>
      <ChooseOther
        record={record}
        onChoose={(id) => {
          other.value = id
        }}
      />
    </Dialog>
  )
}

interface CompareProps {
  record: CustomerRecord
  otherId: string
  onClose: () => void
  onAnother: () => void
}

function Compare({ record, otherId, onClose, onAnother }: CompareProps) {
  const texts = t.value
  const people = useMemo(() => [record.id, otherId].map((id) => new PersonFacts(id)), [otherId])
  const survivorId = useSignal(record.id)
  const reason = useSignal('')
  const busy = useSignal(false)
  const refused = useSignal<Failure | null>(null)
  const waiting = useSignal(false)
  const goingId = survivorId.value === record.id ? otherId : record.id
  const [into, from] = [survivorId.value, goingId]
  const attention = useAttention()
  const plan = usePlan(`${into} ${from}`, () =>
    preview<'merge', MergePreview>('merge', { customerId: into, body: { fromCustomerId: from } }),
  )

  useEffect(() => {
    for (const facts of people) void facts.refresh()
  }, [people])
  const nameOf = (id: string) => people.find((facts) => facts.id === id)?.card.value.value?.name

  async function merge() {
    const why = reason.peek().trim()
    busy.value = true
    refused.value = null
    const left = attention.begin()
    const outcome = await act(
      'merge',
      { customerId: into, body: { fromCustomerId: from, ...(why && { reason: why }) } },
      { customerId: into, customerName: nameOf(into) ?? null },
      { left },
    )
    if (outcome.state === 'done') {
      const { mergeId, moved } = outcome.answer
      dropRecord(from)
      await customerRecord(into).renew()
      if (left.aborted) return
      attention.end()
      batch(() => {
        lastDone.value = {
          customerId: into,
          name: 'merged',
          merge: { mergeId, from: { id: from, name: nameOf(from) ?? null } },
          moved: moved.sale + moved.order,
        }
        onClose()
        if (into !== record.id) navigate(customerPath(into), { replace: true })
      })
      return
    }
    attention.end()
    busy.value = false
    if (outcome.state === 'waiting') waiting.value = true
    else {
      refused.value = outcome.failure
      plan.askAgain()
    }
  }

  // Nobody merges whom they can't see.
  const areSeen = people.every(({ card }) => card.value.value !== null)
  const possible = areSeen && plan.answer?.blockers.length === 0
  return (
    <Dialog
      title={texts.people.mergeTitle}
      onClose={onClose}
      busy={busy.value}
      wide
      actions={
        waiting.value ? (
          <button type="button" class="button" onClick={onClose}>
            {texts.close}
          </button>
        ) : (
          <>
            <button type="button" class="button" disabled={busy.value} onClick={onAnother}>
              {texts.people.another}
            </button>
            <button
              type="button"
              class="button button--primary"
              disabled={!possible || busy.value}
              onClick={() => void merge()}
            >
              {busy.value ? texts.people.merging : texts.people.merge}
            </button>
          </>
        )
      }
    >
      <fieldset class="compare">
        <legend class="compare__question">{texts.people.whichStays}</legend>
        <div class="compare__cards">
          {people.map((facts) => (
            <PersonCard
              key={facts.id}
              facts={facts}
              stays={facts.id === survivorId.value}
              disabled={busy.value || waiting.value}
              onStay={() => {
                survivorId.value = facts.id
                refused.value = null
              }}
            />
          ))}
        </div>
      </fieldset>
      {waiting.value ? (
        <Waiting />
      ) : (
        <>
          {refused.value && <Refused failure={refused.value} nameOf={(id) => nameOf(id) ?? null} />}
          <WhatMoves plan={plan} onRetry={plan.askAgain} nameOf={nameOf} />
          <label class="field">
            <span class="field__label">{texts.people.mergeReason}</span>
            <input
              type="text"
              class="input"
              maxLength={500}
              autocomplete="off"
              disabled={busy.value}
              placeholder={texts.people.mergeReasonHint}
              value={reason.value}
              onInput={(event) => {
                reason.value = event.currentTarget.value
              }}
            />
          </label>
        </>
      )}
    </Dialog>
  )
}

interface WhatMovesProps {
  plan: Planned<MergePreview>
  onRetry: () => void
  nameOf: (id: string) => string | null | undefined
}

/** What would happen, or why it can't. */
function WhatMoves({ plan: { answer, failure }, onRetry, nameOf }: WhatMovesProps) {
  const texts = t.value.people
  if (failure) return <Problem failure={failure} onRetry={onRetry} compact />
  return (
    <div class="plan" role="status" aria-busy={!answer}>
      {!answer && <Skeleton lines={1} />}
      {answer && answer.blockers.length === 0 && (
        <p>
          {texts.wouldMove(answer.moved.sale + answer.moved.order)} {texts.oldLeadsThere}{' '}
          {session.value?.locations !== '*' && texts.unseenMove}
        </p>
      )}
      {answer && answer.blockers.length > 0 && (
        <>
          <p class="plan__title">{texts.cantMerge}</p>
          {answer.blockers.map(({ type, culprit }) => (
            <Refusal
              key={`${type} ${culprit}`}
              kind={type.slice(type.lastIndexOf(':') + 1)}
              name={nameOf(culprit)}
            />
          ))}
        </>
      )}
    </div>
  )
}
