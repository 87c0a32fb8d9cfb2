/** How much of one line comes back: by thumb, by typing, or by the arrow keys. Never more than is left. */
import { useSignal } from '@preact/signals'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { isOneStep, type LineLeft, stepped, typedQuantity, unitsOf } from './quantities.ts'

interface QuantityStepperProps {
  line: LineLeft
  /** In thousandths. */
  qty: number
  disabled: boolean
  /** It has the focus when the dialog opens. */
  first: boolean
  onChange: (qty: number) => void
}

export function QuantityStepper({ line, qty, disabled, first, onChange }: QuantityStepperProps) {
  const texts = t.value.returning
  const { left } = line
  const { productName } = line.line
  /** What is being typed, until it is a quantity. */
  const typed = useSignal<string | null>(null)
  const step = (by: 1 | -1) => {
    typed.value = null
    onChange(stepped(line, qty, by))
  }
  return (
    <div class="stepper">
      {!isOneStep(line) && (
        <button
          type="button"
          class="text-button stepper__all"
          aria-pressed={qty === left}
          disabled={disabled}
          onClick={() => onChange(qty === left ? 0 : left)}
        >
          {texts.all(formatNumber(unitsOf(left)))}
          <span class="visually-hidden"> {productName}</span>
        </button>
      )}
      <div class="stepper__parts">
        <button
          type="button"
          class="stepper__button"
          aria-label={texts.less(productName)}
          disabled={disabled || qty === 0}
          onClick={() => step(-1)}
        >
          <Icon name="minus" />
        </button>
        <input
          class="stepper__field"
          type="text"
          role="spinbutton"
          inputMode={line.whole ? 'numeric' : 'decimal'}
          autocomplete="off"
          aria-label={texts.quantity(productName)}
          aria-valuemin={0}
          aria-valuemax={unitsOf(left)}
          aria-valuenow={unitsOf(qty)}
          aria-valuetext={texts.ofLeft(formatNumber(unitsOf(qty)), formatNumber(unitsOf(left)))}
          disabled={disabled}
          value={typed.value ?? formatNumber(unitsOf(qty))}
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => {
            typed.value = event.currentTarget.value
            const next = typedQuantity(line, typed.value)
            if (next !== null) onChange(next)
          }}
          onBlur={() => {
            typed.value = null
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowUp') step(1)
            else if (event.key === 'ArrowDown') step(-1)
            else return
            event.preventDefault()
          }}
        />
        <button
          type="button"
          class="stepper__button"
          aria-label={texts.more(productName)}
          autofocus={first}
          disabled={disabled || qty === left}
          onClick={() => step(1)}
        >
          <Icon name="plus" />
        </button>
      </div>
    </div>
  )
}
