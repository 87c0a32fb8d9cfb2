/** Whether an answer is what the read model held at the position that it says it is of. */
import { isExchange, isReturn, takesGoodsBack } from '../../src/domain/counting.ts'
import { type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import type { History, PurchaseVersion } from './history.ts'

export interface Question {
  kind: 'summary' | 'list' | 'receipt'
  customer: string
  /** Of a receipt. */
  purchase?: string
}

export interface Given {
  question: Question
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer of the API, looked at as JSON
  body: any
  /** What the customer's floor had been raised to before the question was asked. */
  floor: Lsn
}

export const LIST_LIMIT = 100
const MAX_CHAIN = 64

/** What is wrong with the answer; null when nothing is. `history` has come as far as the answer. */
export function flawOf(history: History, { question, status, body, floor }: Given): string | null {
  // Of who is erased nothing is told: there is nothing to compare, and it never ends.
  if (status === 410) return null
  if (status === 404) return flawOfAbsence(history, question, floor)
  if (status !== 200) return `status ${status}: ${JSON.stringify(body)}`
  if (body.stale) return 'it says that it is stale, and the read store was there all the time'
  const at = parseLsn(body.asOf.lsn)
  if (at < floor) return `of ${body.asOf.lsn}, and the floor had been raised beyond it`
  const customer = survivorAt(history, question.customer, at)
  if (customer === null || customer !== body.customerId)
    return `of ${body.customerId}, and not of ${customer}`
  const told = toldOf(question, body)
  const held = heldOf(history, question, customer, at)
  return told === held ? null : `at ${body.asOf.lsn} it tells\n  ${told}\nand there was\n  ${held}`
}

/** That something is not there is stale when it was there ever since the floor was raised. */
function flawOfAbsence(history: History, { customer, purchase }: Question, floor: Lsn) {
  const card = history.card(customer, floor)
  if (!history.cardStays(customer, floor) || card?.mergedInto) return null
  if (!purchase) return 'it is said not to be there, and was'
  const stays = history.purchaseStays(purchase, floor, (held) => held.customer === customer)
  return stays ? 'the purchase is said not to be there, and was' : null
}

function survivorAt(history: History, customer: string, at: Lsn): string | null {
  let id: string | null = customer
  for (let step = 0; step < MAX_CHAIN && id; step += 1) {
    const card = history.card(id, at)
    if (!card) return null
    if (!card.mergedInto) return id
    id = card.mergedInto
  }
  return null
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of the API, looked at as JSON
function toldOf({ kind }: Question, body: any): string {
  if (kind === 'summary') {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const totals = body.totals.map((of: any) => [
      of.currency,
      of.net,
      of.refunded,
      of.orderCount,
      of.returnCount,
      of.exchangeCount,
    ])
    return JSON.stringify(totals.sort())
  }
  if (kind === 'list')
    return JSON.stringify(
      // biome-ignore lint/suspicious/noExplicitAny: as above
      body.data.map((of: any) => [
        of.id,
        of.status,
        of.counted,
        of.total.amount,
        of.total.currency,
      ]),
    )
  return JSON.stringify([
    body.status,
    body.total.amount,
    body.parent && [body.parent.id, body.parent.status, body.parent.total.amount],
    // biome-ignore lint/suspicious/noExplicitAny: as above
    body.returns.map((of: any) => [of.id, of.status, of.total.amount]).sort(),
    // biome-ignore lint/suspicious/noExplicitAny: as above
    body.lines.map((of: any) => [of.id, of.remainingQty]).sort(),
  ])
}

function heldOf(history: History, { kind, purchase }: Question, customer: string, at: Lsn): string {
  const own = history.purchasesOf(customer, at).filter(([, { listed }]) => listed)
  if (kind === 'summary') return JSON.stringify(totalsOf(own.map(([, held]) => held)))
  if (kind === 'list') {
    const rows = own
      .sort(([a, x], [b, y]) => (`${x.occurredAt}${a}` < `${y.occurredAt}${b}` ? 1 : -1))
      .slice(0, LIST_LIMIT)
    return JSON.stringify(
      rows.map(([id, held]) => [id, held.status, held.counted, held.total, held.currency]),
    )
  }
  const held = history.purchase(purchase!, at)
  if (held?.customer !== customer) return 'nothing'
  const parent = held.parent === null ? null : history.purchase(held.parent, at)
  const children = history.childrenOf(purchase!, at)
  return JSON.stringify([
    held.status,
    held.total,
    parent && [held.parent, parent.status, parent.total],
    children.map(([id, { status, total }]) => [id, status, total]).sort(),
    remainingOf(
      held,
      children.map(([, child]) => child),
    ).sort(),
  ])
}

function totalsOf(purchases: PurchaseVersion[]): unknown[] {
  const totals = new Map<string, number[]>()
  for (const { counted, currency, total, refunded, type } of purchases) {
    if (!counted) continue
    const of = totals.get(currency) ?? [0, 0, 0, 0, 0]
    totals.set(currency, of)
    const counts = [isReturn(type) ? 0 : 1, isReturn(type) ? 1 : 0, isExchange(type) ? 1 : 0]
    const parts = [total, refunded, ...counts]
    for (const [n, part] of parts.entries()) of[n]! += part
  }
  return [...totals].map(([currency, of]) => [currency, ...of]).sort()
}

/** In whole pieces, as these tills sell them. */
function remainingOf(
  sold: PurchaseVersion,
  children: PurchaseVersion[],
): [string, number | null][] {
  const returned = new Map<string, number>()
  for (const { counted, type, lines } of children)
    if (counted && takesGoodsBack(type))
      for (const [, qty, parentLine] of lines)
        if (parentLine) returned.set(parentLine, (returned.get(parentLine) ?? 0) - Number(qty))
  return sold.lines.map(([id, qty]) => {
    const canReturn = sold.counted && sold.kind === 'sale' && Number(qty) > 0
    return [id, canReturn ? Math.max(0, Number(qty) - (returned.get(id) ?? 0)) : null]
  })
}
