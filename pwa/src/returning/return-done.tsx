/** What is to be done with the money, once the goods are taken back. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { Query } from '../api/query.ts'
import type { PurchaseReceipt, Return } from '../api/types.ts'
import { formatMoney } from '../format/money.ts'
import { t } from '../i18n/index.ts'
import { originalOf, type Paper, requestOf } from '../printing/paper.ts'
import { PrintControl } from '../printing/print-control.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { paymentWord, UNRECORDED } from '../ui/payment-method.ts'
import { counterOf } from './counter.ts'
import { unitsOf } from './quantities.ts'
import type { ReturnIntent } from './return-intent.ts'

export function ReturnDone({ answer }: { answer: Return }) {
  const texts = t.value
  const { payments, receiptNumber } = answer
  return (
    <Outcome icon="check" title={texts.returning.doneTitle}>
      {payments.length === 0 && <p class="outcome__way">{texts.returning.nothingToPay}</p>}
      {payments.map((payment, at) => (
        <p key={at} class="outcome__way">
          {wayOf(payment)}
          {payment.reference && <span class="outcome__fact">{payment.reference}</span>}
        </p>
      ))}
      {receiptNumber && <p class="outcome__fact">{texts.receiptNumber(receiptNumber)}</p>}
    </Outcome>
  )
}

/** The receipt of the return, which the customer gets: the original, and no copy. */
export function PrintReturn({ purchaseId }: { purchaseId: string }) {
  const query = useMemo(() => new Query<PurchaseReceipt>(`/purchases/${purchaseId}`), [purchaseId])
  useEffect(() => void query.refresh(), [query])
  const receipt = query.value.value
  return (
    <PrintControl
      word={t.value.returning.printReturn}
      paper={receipt && (() => originalOf(receipt))}
    />
  )
}

/** What the customer gets instead while nobody could settle it. */
export function PrintRequest({ intent }: { intent: ReturnIntent }) {
  return <PrintControl word={t.value.returning.printRequest} paper={() => requestPaper(intent)} />
}

function requestPaper(intent: ReturnIntent): Paper {
  const chosen = intent.chosen.peek()
  return requestOf(intent.receipt.peek()!, {
    lines: intent.lines
      .peek()
      .filter(({ line }) => chosen[line.id])
      .map(({ line }) => ({ line, qty: unitsOf(chosen[line.id]!) })),
    reason: t.value.returning.reasons[intent.reason.peek()!],
    at: counterOf(intent.locationId.peek()!).name,
  })
}

export function ReturnWaiting() {
  const texts = t.value.returning
  return (
    <Outcome icon="offline" title={texts.waitingTitle} uncertain>
      <p>{texts.waitingNote}</p>
    </Outcome>
  )
}

export function ReturnRequested() {
  const texts = t.value.returning
  return (
    <Outcome icon="alert" title={texts.requestedTitle} uncertain>
      <p>{texts.requestedNote}</p>
    </Outcome>
  )
}

/** What is done with one of the payments. */
export function wayOf({ method, amount }: Return['payments'][number]): string {
  const texts = t.value.returning
  if (method === 'cash') return texts.handOut(formatMoney(amount))
  if (method === UNRECORDED) return texts.goesBackAsPaid(formatMoney(amount))
  return texts.goesBack(formatMoney(amount), texts.goesBackTo[method] ?? paymentWord(method))
}

interface OutcomeProps {
  icon: IconName
  title: string
  uncertain?: boolean
  children: ComponentChildren
}

/** It takes the focus from the button that is gone, and is read out. */
function Outcome({ icon, title, uncertain = false, children }: OutcomeProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current!.focus(), [])
  return (
    <div class={uncertain ? 'outcome outcome--uncertain' : 'outcome'} role="status">
      <h3 ref={heading} class="outcome__title" tabIndex={-1}>
        <Icon name={icon} />
        {title}
      </h3>
      {children}
    </div>
  )
}
