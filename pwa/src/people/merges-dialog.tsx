/** All merges of a person, also those that were undone; each that holds can be undone from here. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Query } from '../api/query.ts'
import type { MergeHistory } from '../api/types.ts'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { DEVICE_ZONE, formatFullMoment } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { UndoableMerge } from './person-act.ts'
import { UndoMergeDialog } from './undo-merge-dialog.tsx'

type PastMerge = MergeHistory['data'][number]

interface MergesDialogProps {
  record: CustomerRecord
  onClose: () => void
}

export function MergesDialog({ record, onClose }: MergesDialogProps) {
  const query = useMemo(
    () => new Query<MergeHistory>(`/customers/${record.id}/merges`),
    [record.id],
  )
  useEffect(() => void query.refresh(), [query])
  const undoing = useSignal<UndoableMerge | null>(null)
  const texts = t.value.people
  const merges = query.value.value?.data
  const failure = query.failure.value
  return (
    <Dialog title={texts.mergesTitle} onClose={onClose}>
      {failure && <Problem failure={failure} onRetry={() => void query.refresh()} compact />}
      {!merges && !failure && <Skeleton lines={3} className="skeleton--rows" />}
      {merges?.length === 0 && <p>{texts.noMerges}</p>}
      <ul class="past-merges">
        {merges?.map((merge) => (
          <Past
            key={merge.mergeId}
            merge={merge}
            onUndo={() => {
              undoing.value = merge
            }}
          />
        ))}
      </ul>
      {undoing.value && (
        <UndoMergeDialog
          record={record}
          merge={undoing.value}
          onClose={() => {
            undoing.value = null
          }}
          onUndone={onClose}
        />
      )}
    </Dialog>
  )
}

function Past({ merge, onUndo }: { merge: PastMerge; onUndo: () => void }) {
  const texts = t.value.people
  const { from, into, reason, mergedAt, mergedBy, undoneAt } = merge
  const nameOf = ({ name }: { name: string | null }) => name ?? t.value.noName
  const who = mergedBy ? nameOf(mergedBy) : texts.aService
  return (
    <li class={`past-merge ${undoneAt ? 'past-merge--undone' : ''}`}>
      <p class="past-merge__who">
        {nameOf(from)} <Icon name="chevron" />
        <span class="visually-hidden">{texts.into}</span> {nameOf(into)}
      </p>
      <p class="past-merge__when">{texts.mergedBy(who, formatFullMoment(mergedAt, DEVICE_ZONE))}</p>
      {reason && <p class="past-merge__why">“{reason}”</p>}
      {undoneAt ? (
        <p class="past-merge__undone">{texts.undoneOn(formatFullMoment(undoneAt, DEVICE_ZONE))}</p>
      ) : (
        <button type="button" class="button" onClick={onUndo}>
          {texts.undo}
          <span class="visually-hidden">{`: ${nameOf(from)}`}</span>
        </button>
      )}
    </li>
  )
}
