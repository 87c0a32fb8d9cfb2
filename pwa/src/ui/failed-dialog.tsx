/** In the place of a dialog whose code could not be had, on a device that has not kept the app's files. */
import { Failure } from '../api/failure.ts'
import { t } from '../i18n/index.ts'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'

interface FailedDialogProps {
  onClose: () => void
  onRetry: () => void
}

export function FailedDialog({ onClose, onRetry }: FailedDialogProps) {
  const failure = new Failure('offline')
  return (
    <Dialog title={t.value.failures[failure.kind]![0]} onClose={onClose}>
      <Problem failure={failure} onRetry={onRetry} />
    </Dialog>
  )
}
