/** Takes out all that is known of a person, for that person. */
import { useEffect, useMemo } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { formatBytes } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { session } from '../session/session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { ExportFile, exportFileName } from './export-file.ts'

interface ExportDialogProps {
  record: CustomerRecord
  onClose: () => void
}

export function ExportDialog({ record, onClose }: ExportDialogProps) {
  const card = record.card.value.peek()
  const file = useMemo(() => {
    const name = exportFileName(card?.externalRef ?? null, record.id, new Date())
    return new ExportFile(record.id, name)
  }, [record])
  useEffect(() => () => file.stop(), [file])
  const texts = t.value.people
  const state = file.state.value
  const isComing = state.name === 'coming'
  return (
    <Dialog
      title={texts.exportTitle}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            {state.name === 'saved' ? t.value.close : texts.cancel}
          </button>
          {state.name !== 'saved' && (
            <button
              type="button"
              class="button button--primary"
              disabled={isComing}
              onClick={() => void file.save()}
            >
              {isComing ? texts.exporting : texts.exportNow}
            </button>
          )}
        </>
      }
    >
      <p>{texts.exportWhat}</p>
      <p class="act-note">{texts.exportCare}</p>
      {session.value?.locations !== '*' && <p class="act-note">{texts.exportPart}</p>}
      {isComing && (
        <p class="export-state" role="status">
          {texts.exportComing}
          {/* It grows many times a second: for the eye only. */}
          <span aria-hidden="true">{state.bytes > 0 && formatBytes(state.bytes)}</span>
        </p>
      )}
      {state.name === 'saved' && (
        <p class="export-state export-state--saved" role="status">
          <Icon name="check" />
          <span>{texts.exportSaved(state.fileName, formatBytes(state.bytes))}</span>
        </p>
      )}
      {state.name === 'broken' && (
        <div class="refusal" role="alert">
          <Icon name="alert" className="problem__icon" />
          <div>
            <p class="problem__title">{texts.exportBroken[0]}</p>
            <p class="problem__advice">{texts.exportBroken[1]}</p>
          </div>
        </div>
      )}
      {state.name === 'failed' && (
        <Problem failure={state.failure} onRetry={() => void file.save()} compact />
      )}
    </Dialog>
  )
}
