/** The dialogs of what is done about a customer. None of them is in the first bundle. */
import type { CustomerRecord } from '../customer/customer-record.ts'
import { AccessesDialog } from './accesses-dialog.tsx'
import { EraseDialog } from './erase-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { LinkReceiptDialog } from './link-receipt-dialog.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import { MergesDialog } from './merges-dialog.tsx'
import type { PersonAct } from './person-act.ts'
import { UndoMergeDialog } from './undo-merge-dialog.tsx'

interface ActDialogProps {
  act: PersonAct
  record: CustomerRecord
  onClose: () => void
}

export function ActDialog({ act, record, onClose }: ActDialogProps) {
  switch (act.name) {
    case 'merge':
      return <MergeDialog record={record} otherId={act.otherId} onClose={onClose} />
    case 'undo':
      return <UndoMergeDialog record={record} merge={act.merge} onClose={onClose} />
    case 'merges':
      return <MergesDialog record={record} onClose={onClose} />
    case 'link':
      return <LinkReceiptDialog record={record} onClose={onClose} />
    case 'accesses':
      return <AccessesDialog record={record} onClose={onClose} />
    case 'export':
      return <ExportDialog record={record} onClose={onClose} />
    case 'erase':
      return <EraseDialog record={record} onClose={onClose} />
  }
}
