/**
 * What is printed, as a list of lines that knows neither paper nor printer: a page of the browser's and a till's
 * printer both show this. Pure, but for the language.
 */
import type { Money, PurchaseReceipt, ReceiptLine } from '../api/types.ts'
import {
  amountOf,
  hasAmount,
  lessening,
  paymentsOf,
  quantityOf,
  totalsOf,
} from '../customer/receipt-sums.ts'
import { variantOf } from '../customer/returnable.ts'
import { DEVICE_ZONE, formatFullMoment } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { typeWord } from '../ui/type-word.ts'

export type PaperLine =
  /** What must not be overlooked: that it is a copy. */
  | { kind: 'mark'; text: string }
  | { kind: 'title'; text: string }
  | { kind: 'centre'; text: string }
  | { kind: 'rule' }
  | { kind: 'sum'; name: string; amount: string; strong: boolean }
  /** Of the line above. */
  | { kind: 'detail'; text: string }

export type Paper = readonly PaperLine[]

const RULE: PaperLine = { kind: 'rule' }

/** For a customer who has lost hers: it can't be taken for the one that the till gave out. */
export function copyOf(receipt: PurchaseReceipt, printedAt = Date.now()): Paper {
  const texts = t.value.printing
  const mark: PaperLine = { kind: 'mark', text: texts.copyMark }
  const note = texts.copyNote(formatFullMoment(printedAt, DEVICE_ZONE))
  return [mark, ...originalOf(receipt), RULE, mark, { kind: 'centre', text: note }]
}

/** Of what was just done here, and is given out once. */
export function originalOf(receipt: PurchaseReceipt): Paper {
  const payments = paymentsOf(receipt).rows.map(([name, money]) => sum(name, money))
  return [
    ...headOf(receipt),
    RULE,
    ...receipt.lines.flatMap(paperLines),
    RULE,
    ...totalsOf(receipt).map(([name, money]) => sum(name, money, name === t.value.total)),
    ...(payments.length > 0 ? [RULE, ...payments] : []),
  ]
}

/** What comes back, as a paper has it. */
export interface RequestedLine {
  line: ReceiptLine
  qty: number
}

/** For a customer whose goods stay here although nobody could settle it: no receipt, and no money was paid. */
export function requestOf(
  receipt: PurchaseReceipt,
  { lines, reason, at }: { lines: readonly RequestedLine[]; reason: string; at: string | null },
  requestedAt = Date.now(),
): Paper {
  const texts = t.value.printing
  const { receiptNumber } = receipt
  return [
    { kind: 'mark', text: texts.requestMark },
    { kind: 'mark', text: texts.requestNotSettled },
    ...(at ? [{ kind: 'title', text: at } as const] : []),
    ...(receiptNumber
      ? [{ kind: 'centre', text: t.value.receiptNumber(receiptNumber) } as const]
      : []),
    { kind: 'centre', text: formatFullMoment(requestedAt, DEVICE_ZONE) },
    RULE,
    ...lines.flatMap(({ line, qty }): PaperLine[] => {
      const variant = variantOf(line)
      return [
        { kind: 'sum', name: line.productName, amount: formatNumber(qty), strong: false },
        ...(variant ? [{ kind: 'detail', text: variant } as const] : []),
      ]
    }),
    RULE,
    { kind: 'centre', text: reason },
    { kind: 'centre', text: texts.requestNote },
  ]
}

function headOf(receipt: PurchaseReceipt): PaperLine[] {
  const texts = t.value
  const { occurredAt, location, receiptNumber, employee, status, parent } = receipt
  const what = [
    typeWord(receipt),
    texts.purchaseStatuses[status],
    receiptNumber && texts.receiptNumber(receiptNumber),
  ]
  const facts = [
    what.filter(Boolean).join(' · '),
    formatFullMoment(occurredAt, zoneOf(location.id)),
    employee?.name && texts.soldBy(employee.name),
    parent?.receiptNumber && `${texts.chainParent}: ${parent.receiptNumber}`,
  ]
  return [
    ...(location.name ? [{ kind: 'title', text: location.name } as const] : []),
    ...facts.flatMap((text) => (text ? [{ kind: 'centre', text } as const] : [])),
  ]
}

function paperLines(line: ReceiptLine): PaperLine[] {
  const texts = t.value
  const { productName, qty, discount, voided, comped } = line
  const facts = [
    variantOf(line),
    quantityOf(line),
    qty < 0 && texts.types.return,
    voided ? texts.voidedLine : comped && texts.compedLine,
  ]
  const details = [
    facts.filter(Boolean).join(' · '),
    hasAmount(discount) && `${texts.discount} ${formatMoney(lessening(discount))}`,
  ]
  return [
    sum(productName, amountOf(line)),
    ...details.flatMap((text) => (text ? [{ kind: 'detail', text } as const] : [])),
  ]
}

function sum(name: string, money: Money, strong = false): PaperLine {
  return { kind: 'sum', name, amount: formatMoney(money), strong }
}
