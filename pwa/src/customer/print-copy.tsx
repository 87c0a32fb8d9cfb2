/**
 * A receipt on the paper of a till's printer, marked as a copy. The page is as wide as the paper and as long
 * as the receipt: a roll has no pages. The rule that says so is made by script, which the policy against
 * inline styles allows.
 */
import { render } from 'preact'
import type { Money, PurchaseReceipt, ReceiptLine } from '../api/types.ts'
import { DEVICE_ZONE, formatFullMoment } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { typeWord } from '../ui/purchase-type.tsx'
import { hasAmount, lessening } from './receipt-lines.tsx'
import { paymentsOf, totalsOf } from './receipt-totals.tsx'
import { variantOf } from './returnable.ts'

const MM_PER_PX = 25.4 / 96

/** Opens the browser's print dialog; the paper is gone again when it closes. */
export function printCopy(receipt: PurchaseReceipt, widthMm: '80' | '58'): void {
  const paper = document.createElement('div')
  paper.className = `paper paper--${widthMm}`
  document.body.append(paper)
  render(<PaperReceipt receipt={receipt} />, paper)
  const heightMm = Math.ceil(paper.getBoundingClientRect().height * MM_PER_PX) + 1
  const page = new CSSStyleSheet()
  page.replaceSync(`@page { size: ${widthMm}mm ${heightMm}mm; margin: 0 }`)
  document.adoptedStyleSheets.push(page)
  addEventListener(
    'afterprint',
    () => {
      render(null, paper)
      paper.remove()
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== page)
    },
    { once: true },
  )
  print()
}

function PaperReceipt({ receipt }: { receipt: PurchaseReceipt }) {
  const texts = t.value
  const { occurredAt, location, receiptNumber, employee, status, parent } = receipt
  const payments = paymentsOf(receipt)
  const facts = [
    typeWord(receipt),
    texts.purchaseStatuses[status],
    receiptNumber && texts.receiptNumber(receiptNumber),
  ]
  return (
    <>
      <p class="paper__copy">{texts.copyMark}</p>
      <p class="paper__store">{location.name}</p>
      <p class="paper__facts">{facts.filter(Boolean).join(' · ')}</p>
      <p class="paper__facts">{formatFullMoment(occurredAt, zoneOf(location.id))}</p>
      {employee?.name && <p class="paper__facts">{texts.soldBy(employee.name)}</p>}
      {parent?.receiptNumber && (
        <p class="paper__facts">
          {texts.chainParent}: {parent.receiptNumber}
        </p>
      )}
      <hr />
      {receipt.lines.map((line) => (
        <PaperLine key={line.id} line={line} />
      ))}
      <hr />
      {totalsOf(receipt).map(([name, money]) => (
        <PaperSum key={name} name={name} money={money} strong={name === texts.total} />
      ))}
      {payments.rows.length > 0 && <hr />}
      {payments.rows.map(([name, money], at) => (
        <PaperSum key={at} name={name} money={money} />
      ))}
      <hr />
      <p class="paper__copy">{texts.copyMark}</p>
      <p class="paper__facts">{texts.copyNote(formatFullMoment(Date.now(), DEVICE_ZONE))}</p>
    </>
  )
}

function PaperLine({ line }: { line: ReceiptLine }) {
  const texts = t.value
  const { productName, qty, unitPrice, discount, total, voided, comped } = line
  const state = voided ? texts.voidedLine : comped ? texts.compedLine : null
  const facts = [
    variantOf(line),
    qty !== 1 && `${formatNumber(qty)} × ${formatMoney(unitPrice)}`,
    state,
  ]
  return (
    <>
      <PaperSum name={productName} money={total} />
      {facts.some(Boolean) && <p class="paper__detail">{facts.filter(Boolean).join(' · ')}</p>}
      {hasAmount(discount) && (
        <p class="paper__detail">
          {texts.discount} {formatMoney(lessening(discount))}
        </p>
      )}
    </>
  )
}

interface PaperSumProps {
  name: string
  money: Money
  strong?: boolean
}

function PaperSum({ name, money, strong = false }: PaperSumProps) {
  return (
    <p class={strong ? 'paper__sum paper__sum--strong' : 'paper__sum'}>
      <span>{name}</span>
      <span>{formatMoney(money)}</span>
    </p>
  )
}
