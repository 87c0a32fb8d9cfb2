/** The dialogs of what is done about a customer. None of them is in the first bundle. */
import type { CustomerRecord } from '../customer/customer-record.ts'
import { MergeDialog } from './merge-dialog.tsx'
import { MergesDialog } from './merges-dialog.tsx'
import { type PersonAct, personAct } from './person-act.ts'
import { UndoMergeDialog } from './undo-merge-dialog.tsx'

export function ActDialog({ act, record }: { act: PersonAct; record: CustomerRecord }) {
  const onClose = () => {
    personAct.value = null
  }
  switch (act.name) {
    case 'merge':
      return <MergeDialog record={record} otherId={act.otherId} onClose={onClose} />
    case 'undo':
      return <UndoMergeDialog record={record} merge={act.merge} onClose={onClose} />
    case 'merges':
      return <MergesDialog record={record} onClose={onClose} />
  }
}
