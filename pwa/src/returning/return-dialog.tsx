/** Taking goods back over the counter: what, why, how and where; then the amount; then what to do with it. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import type { ReceiptLine } from '../api/types.ts'
import { variantOf } from '../customer/returnable.ts'
import { formatMoney } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ownLocations } from './counter.ts'
import { everything, type LineLeft, unitsOf, worthOfOne } from './quantities.ts'
import { QuantityStepper } from './quantity-stepper.tsx'
import { Refusal } from './refusal.tsx'
import {
  PrintRequest,
  PrintReturn,
  ReturnDone,
  ReturnRequested,
  ReturnWaiting,
} from './return-done.tsx'
import { type Reason, ReturnIntent, type ReturnOptions, type Tender } from './return-intent.ts'
import { ReturnQuote } from './return-quote.tsx'

interface ReturnDialogProps extends ReturnOptions {
  onClose: () => void
}

export function ReturnDialog({ onClose, ...options }: ReturnDialogProps) {
  const texts = t.value.returning
  const intent = useMemo(() => new ReturnIntent(options), [])
  const reasonMissing = useSignal(false)
  const reasons = useRef<HTMLDivElement>(null)
  useEffect(() => intent.start(), [intent])
  const phase = intent.phase.value
  const quote = intent.quote.value
  const sending = phase.name === 'sending'
  const unreachable = intent.unreachable.value

  function confirm() {
    reasonMissing.value = intent.reason.peek() === null
    if (reasonMissing.value) {
      reasons.current!.scrollIntoView({ block: 'nearest' })
      reasons.current!.querySelector('input')!.focus({ preventScroll: true })
    } else void intent.confirm()
  }

  const title = texts.title(intent.receipt.value?.receiptNumber ?? null)
  if (phase.name === 'done' || phase.name === 'waiting' || phase.name === 'requested') {
    return (
      <Dialog
        title={title}
        onClose={onClose}
        actions={
          <>
            {phase.name === 'done' && phase.answer.purchaseId && (
              <PrintReturn purchaseId={phase.answer.purchaseId} />
            )}
            {phase.name === 'requested' && <PrintRequest intent={intent} />}
            <button type="button" class="button button--primary" onClick={onClose}>
              {texts.done}
            </button>
          </>
        }
      >
        {phase.name === 'done' && <ReturnDone answer={phase.answer} />}
        {phase.name === 'waiting' && <ReturnWaiting />}
        {phase.name === 'requested' && <ReturnRequested />}
      </Dialog>
    )
  }
  return (
    <Dialog
      title={title}
      busy={sending}
      onClose={onClose}
      actions={
        <>
          <ReturnQuote quote={quote} />
          <button
            type="button"
            class="button button--primary"
            disabled={(quote.state !== 'known' && !unreachable) || sending}
            onClick={confirm}
          >
            {sending
              ? texts.sending
              : quote.state === 'known'
                ? texts.confirm(formatMoney(quote.answer.refund))
                : unreachable
                  ? texts.request
                  : texts.takeBack}
          </button>
        </>
      }
    >
      <Lines intent={intent} />
      <div ref={reasons}>
        <Choice legend={texts.why} missing={reasonMissing.value ? texts.reasonMissing : null}>
          {(Object.keys(texts.reasons) as Reason[]).map((reason) => (
            <Pick
              key={reason}
              group="reason"
              word={texts.reasons[reason]}
              picked={intent.reason.value === reason}
              disabled={sending}
              onPick={() => {
                reasonMissing.value = false
                intent.reason.value = reason
              }}
            />
          ))}
        </Choice>
      </div>
      <Choice legend={texts.how}>
        {(Object.keys(texts.tenders) as Tender[]).map((tender) => (
          <Pick
            key={tender}
            group="tender"
            word={texts.tenders[tender]}
            picked={intent.tender.value === tender}
            disabled={sending}
            onPick={() => intent.chooseTender(tender)}
          />
        ))}
      </Choice>
      <Counter intent={intent} />
      {intent.refusal.value && <Refusal intent={intent} failure={intent.refusal.value} />}
    </Dialog>
  )
}

function Lines({ intent }: { intent: ReturnIntent }) {
  const texts = t.value.returning
  const titleId = useId()
  const lines = intent.lines.value
  const chosen = intent.chosen.value
  const disabled = intent.phase.value.name === 'sending'
  const all = everything(lines)
  const isAll = lines.every(({ line: { id } }) => chosen[id] === all[id])
  return (
    <section class="goods" aria-labelledby={titleId}>
      <div class="goods__head">
        <h3 id={titleId} class="choice-title">
          {texts.what}
        </h3>
        {lines.length > 1 && (
          <button
            type="button"
            class="button"
            aria-pressed={isAll}
            disabled={disabled}
            onClick={() => intent.choose(isAll ? nothing(lines) : all)}
          >
            {texts.everything}
          </button>
        )}
      </div>
      {lines.length === 0 ? (
        <p class="goods__none">{texts.nothingLeft}</p>
      ) : (
        <ul class="lines">
          {lines.map((line, at) => (
            <li key={line.line.id} class="goods__line">
              <Goods line={line} />
              <QuantityStepper
                line={line}
                qty={chosen[line.line.id] ?? 0}
                disabled={disabled}
                first={at === 0}
                onChange={(qty) => intent.choose({ [line.line.id]: qty })}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Goods({ line: { line, left } }: { line: LineLeft }) {
  const texts = t.value
  const facts = [
    variantOf(line),
    worthOf(line),
    line.remainingQty !== line.qty &&
      texts.lineReturnable(formatNumber(unitsOf(left)), formatNumber(line.qty)),
  ]
  return (
    <div class="goods__what">
      <p class="goods__name">{line.productName}</p>
      <p class="goods__facts">{facts.filter(Boolean).join(' · ')}</p>
    </div>
  )
}

/** What one of it gives back: as it was paid, with its tax and less its discount. */
function worthOf(line: ReceiptLine): string {
  const worth = formatMoney(worthOfOne(line))
  return line.qty === 1 ? worth : t.value.each(worth)
}

function nothing(lines: readonly LineLeft[]) {
  return Object.fromEntries(lines.map(({ line }) => [line.id, 0]))
}

/** Where it is taken back, where there is a choice. */
function Counter({ intent }: { intent: ReturnIntent }) {
  const stores = ownLocations.value
  if (stores.length < 2) return null
  return (
    <label class="field">
      <span class="choice-title">{t.value.returning.where}</span>
      <select
        value={intent.locationId.value ?? ''}
        disabled={intent.phase.value.name === 'sending'}
        onChange={(event) => intent.chooseLocation(event.currentTarget.value)}
      >
        {stores.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface ChoiceProps {
  legend: string
  /** What is said while nothing is chosen that has to be. */
  missing?: string | null
  children: ComponentChildren
}

function Choice({ legend, missing = null, children }: ChoiceProps) {
  return (
    <fieldset>
      <legend class="choice-title">
        {legend}
        {missing && (
          <span class="choice-missing" role="alert">
            {missing}
          </span>
        )}
      </legend>
      <div class="picks">{children}</div>
    </fieldset>
  )
}

interface PickProps {
  group: string
  word: string
  picked: boolean
  disabled: boolean
  onPick: () => void
}

function Pick({ group, word, picked, disabled, onPick }: PickProps) {
  return (
    <label class="pick">
      <input type="radio" name={group} checked={picked} disabled={disabled} onChange={onPick} />
      {word}
    </label>
  )
}
