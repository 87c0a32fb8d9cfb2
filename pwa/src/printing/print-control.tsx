/** Printing something: on a page of the browser's, as wide as the paper, or on the till's own printer. */
import { useSignal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { FailedDialog } from '../ui/failed-dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'
import { preference } from '../ui/preferences.ts'
import type { Paper } from './paper.ts'
import { printPage } from './paper-page.tsx'
import { connections, knownPrinter, type PrinterFault } from './printer.ts'

type Target = '80' | '58' | 'till'

const lastTarget = preference<Target>('paper', '80')

const PrinterDialog = lazy(
  () => import('./printer-dialog.tsx').then(({ PrinterDialog }) => PrinterDialog),
  FailedDialog,
)

interface PrintControlProps {
  /** What the button says. */
  word: string
  /** Null while it is not there yet. */
  paper: (() => Paper) | null
}

export function PrintControl({ word, paper }: PrintControlProps) {
  const texts = t.value.printing
  /** The dialog about the till's printer: what went wrong with it, or nothing yet. */
  const dialog = useSignal<{ fault: PrinterFault | null; retry: boolean } | null>(null)
  const state = useSignal<'idle' | 'printing' | 'printed'>('idle')
  const hasTill = connections().length > 0
  const target: Target = hasTill || lastTarget.value !== 'till' ? lastTarget.value : '80'

  async function printOnTill() {
    state.value = 'printing'
    const [till, printer] = await Promise.all([
      // Without the code there is none for the dialog either, which says so.
      import('./till.ts').catch(() => null),
      knownPrinter(),
    ])
    if (!till || !printer) dialog.value = { fault: null, retry: false }
    else {
      const fault = await till.printOn(printer, paper!()).then(() => null, till.faultOf)
      if (fault) dialog.value = { fault, retry: true }
      else state.value = 'printed'
    }
    if (state.peek() === 'printing') state.value = 'idle'
  }
  return (
    <>
      <div class="print-target">
        <label class="choice">
          <span class="visually-hidden">{texts.printOn}</span>
          <select
            value={target}
            onChange={(event) => {
              lastTarget.value = event.currentTarget.value as Target
              state.value = 'idle'
            }}
          >
            {Object.entries(texts.targets).map(
              ([each, name]) =>
                (each !== 'till' || hasTill) && (
                  <option key={each} value={each}>
                    {name}
                  </option>
                ),
            )}
          </select>
        </label>
        {target === 'till' && (
          <button
            type="button"
            class="icon-button"
            aria-label={texts.settings}
            onClick={() => {
              dialog.value = { fault: null, retry: false }
            }}
          >
            <Icon name="settings" />
          </button>
        )}
      </div>
      <button
        type="button"
        class="button print-button"
        disabled={paper === null || state.value === 'printing'}
        onClick={() => {
          if (target === 'till') void printOnTill()
          else printPage(paper!(), target)
        }}
      >
        <Icon name={state.value === 'printed' ? 'check' : 'printer'} />
        {state.value === 'idle' ? word : texts[state.value]}
      </button>
      <span class="visually-hidden" role="status">
        {state.value === 'printed' && texts.printed}
      </span>
      {dialog.value && (
        <PrinterDialog
          {...dialog.value}
          paper={paper}
          onClose={() => {
            dialog.value = null
          }}
          onPrinted={() => {
            dialog.value = null
            state.value = 'printed'
          }}
        />
      )}
    </>
  )
}
