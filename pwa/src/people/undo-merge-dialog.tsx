/** Asks once whether a merge shall be undone, and says what comes back by it. */
import { batch, useSignal } from '@preact/signals'
import type { Failure } from '../api/failure.ts'
import { type CustomerRecord, dropRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { act } from '../outbox/act.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useAttention } from './attention.ts'
import { lastDone, type UndoableMerge } from './person-act.ts'
import { Refused, Waiting } from './refusal.tsx'

interface UndoMergeDialogProps {
  record: CustomerRecord
  merge: UndoableMerge
  onClose: () => void
  /** Besides, once it is undone. */
  onUndone?: () => void
}

export function UndoMergeDialog({ record, merge, onClose, onUndone }: UndoMergeDialogProps) {
  const texts = t.value.people
  const busy = useSignal(false)
  const waiting = useSignal(false)
  const refused = useSignal<Failure | null>(null)
  const attention = useAttention()
  const { mergeId, from } = merge
  const name = from.name ?? t.value.noName

  async function undo() {
    busy.value = true
    refused.value = null
    const about = {
      customerId: record.id,
      customerName: record.card.value.peek()?.name ?? null,
      otherCustomerId: from.id,
    }
    const left = attention.begin()
    const outcome = await act('unmerge', { customerId: record.id, mergeId }, about, { left })
    if (outcome.state === 'done') {
      const { movedBack } = outcome.answer
      dropRecord(from.id)
      if (record.openedAs.peek() === from.id) record.openedAs.value = null
      await record.renew()
      if (left.aborted) return
      attention.end()
      batch(() => {
        lastDone.value = {
          customerId: record.id,
          name: 'undone',
          merge,
          moved: movedBack.sale + movedBack.order,
        }
        onClose()
        onUndone?.()
      })
      return
    }
    attention.end()
    busy.value = false
    if (outcome.state === 'waiting') waiting.value = true
    else refused.value = outcome.failure
  }

  return (
    <Dialog
      title={texts.undoTitle}
      onClose={onClose}
      busy={busy.value}
      actions={
        waiting.value ? (
          <button type="button" class="button" onClick={onClose}>
            {t.value.close}
          </button>
        ) : (
          <>
            <button type="button" class="button" disabled={busy.value} onClick={onClose}>
              {texts.keepMerged}
            </button>
            <button
              type="button"
              class="button button--primary"
              disabled={busy.value}
              onClick={() => void undo()}
            >
              {busy.value ? texts.undoing : texts.undo}
            </button>
          </>
        )
      }
    >
      {waiting.value ? <Waiting /> : <p>{texts.undoWhat(name)}</p>}
      {refused.value && <Refused failure={refused.value} nameOf={() => from.name} />}
    </Dialog>
  )
}
