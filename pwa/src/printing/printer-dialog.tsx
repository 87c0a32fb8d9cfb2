/** Which printer the till has and how it prints; and what went wrong with it. */
import { useSignal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import type { Paper } from './paper.ts'
import {
  BAUD_RATES,
  baudRate,
  type Connection,
  choosePrinter,
  connection,
  connections,
  knownPrinter,
  type Printer,
  type PrinterFault,
} from './printer.ts'
import { COLUMNS, columns, faultOf, printOn } from './till.ts'

interface PrinterDialogProps {
  fault: PrinterFault | null
  /** Whether there is a printer to try again. */
  retry: boolean
  paper: (() => Paper) | null
  onClose: () => void
  onPrinted: () => void
}

export function PrinterDialog({ fault, retry, paper, onClose, onPrinted }: PrinterDialogProps) {
  const texts = t.value.printing
  const last = useSignal(fault)
  const known = useSignal(retry)
  const busy = useSignal(false)

  async function print(find: () => Promise<Printer | null>) {
    busy.value = true
    try {
      const printer = await find()
      if (printer) {
        known.value = true
        if (paper) await printOn(printer, paper())
        onPrinted()
      }
    } catch (error) {
      last.value = faultOf(error)
    } finally {
      busy.value = false
    }
  }
  return (
    <Dialog
      title={texts.tillTitle}
      busy={busy.value}
      onClose={onClose}
      actions={
        known.value && (
          <button
            type="button"
            class="button button--primary"
            disabled={busy.value}
            onClick={() => void print(knownPrinter)}
          >
            {busy.value ? texts.printing : texts.again}
          </button>
        )
      }
    >
      {last.value && <Fault fault={last.value} />}
      {!last.value && <p>{texts.tillNote}</p>}
      <div class="printer__choices">
        {connections().map((each: Connection) => (
          <button
            key={each}
            type="button"
            class="button"
            disabled={busy.value}
            onClick={() => void print(() => choosePrinter(each))}
          >
            <Icon name="printer" />
            {texts.connections[each]}
          </button>
        ))}
      </div>
      <Choice
        label={texts.columns}
        values={COLUMNS}
        value={columns.value}
        word={(each) => texts.columnsOf(each)}
        onChoose={(each) => {
          columns.value = each
        }}
      />
      {connections().includes('serial') && connection.value !== 'usb' && (
        <Choice
          label={texts.baudRate}
          values={BAUD_RATES}
          value={baudRate.value}
          word={(each) => each}
          onChoose={(each) => {
            baudRate.value = each
          }}
        />
      )}
    </Dialog>
  )
}

function Fault({ fault }: { fault: PrinterFault }) {
  const [title, advice] = t.value.printing.faults[fault]
  return (
    <div class="problem" role="alert">
      <Icon name="alert" className="problem__icon" />
      <div>
        <p class="problem__title">{title}</p>
        <p class="problem__advice">{advice}</p>
      </div>
    </div>
  )
}

interface ChoiceProps<Value extends string> {
  label: string
  values: readonly Value[]
  value: Value
  word: (value: Value) => string
  onChoose: (value: Value) => void
}

function Choice<Value extends string>({
  label,
  values,
  value,
  word,
  onChoose,
}: ChoiceProps<Value>) {
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {word(each)}
          </option>
        ))}
      </select>
    </label>
  )
}
