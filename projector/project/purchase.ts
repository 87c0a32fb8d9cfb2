/**
 * The fold of one purchase: (its state, a change) → its state. Pure; the only place that knows how a
 * source row becomes a row of `purchase_timeline`.
 *
 * States are owned by the batch that folds them and are changed in place: a copy a change would
 * double the work of the tail.
 */
import { isCounted, takesGoodsBack } from '../../src/domain/counting.ts'
import {
  ORDER_STATUSES,
  ORDER_TYPES,
  type PurchaseKind,
  SALE_STATUSES,
  SALE_TYPES,
} from '../../src/domain/purchase.ts'
import { LINE, type Tuple } from '../../src/domain/receipt.ts'
import type { RowChange, Values } from '../source/change.ts'
import { TABLES } from '../source/tables.ts'

/** All values are the source's texts; times in UTC as Postgres prints them. */
export interface Purchase {
  readonly id: string
  readonly kind: PurchaseKind
  businessId: string
  type: string
  status: string
  customerId: string | null
  locationId: string
  employeeId: string | null
  occurredAt: string
  receiptNumber: string | null
  currency: string
  subtotal: string
  discountTotal: string
  taxTotal: string
  tipTotal: string
  total: string
  guestCount: string | null
  parentPurchaseId: string | null
  orderId: string | null
  /** For an order: the sales that settle it. */
  settledBy: Set<string>
  lines: Map<string, Tuple>
  payments: Map<string, Tuple>
}

/** A change that can't be projected; the reason names what is wrong, never personal data. */
export class ProjectionError extends Error {
  override readonly name: string = 'ProjectionError'
}

/** A row came without a value that did not change, and there is no former row to take it from. */
export class UnsentValueError extends ProjectionError {
  override readonly name = 'UnsentValueError'
}

const SALE = TABLES.sale.at
const ORDER = TABLES.order.at

/** Which purchase a row of a table belongs to, and as what. */
export const PURCHASE_TABLES = {
  sale: { kind: 'sale', part: 'header', id: SALE.id },
  sale_line: { kind: 'sale', part: 'lines', id: TABLES.sale_line.at.sale_id },
  sale_payment: { kind: 'sale', part: 'payments', id: TABLES.sale_payment.at.sale_id },
  order: { kind: 'order', part: 'header', id: ORDER.id },
  order_item: { kind: 'order', part: 'lines', id: TABLES.order_item.at.order_id },
  order_payment: { kind: 'order', part: 'payments', id: TABLES.order_payment.at.order_id },
} as const satisfies Record<
  string,
  { kind: PurchaseKind; part: 'header' | 'lines' | 'payments'; id: number }
>
export type PurchaseTable = keyof typeof PURCHASE_TABLES
export type PartTable = Exclude<PurchaseTable, 'sale' | 'order'>

/** The id of the purchase that a change's row belongs to. */
export function purchaseIdOf(table: PurchaseTable, values: Values): string {
  const id = values[PURCHASE_TABLES[table].id]
  if (!id) throw new ProjectionError(`a row of ${table} without the id of its purchase`)
  return id
}

/**
 * A header row laid over the state: all of the header is replaced, lines and payments stay. A value
 * that was not sent (unchanged TOAST) stays too. A row with a flaw (see `flawOf`) is laid over all the
 * same: whatever the way to it, the state is the one that follows from the source's current rows.
 * @param moved of a row under a new id, the state under its former one
 */
export function foldHeader(
  state: Purchase | null,
  kind: PurchaseKind,
  values: Values,
  moved?: Purchase | null,
): Purchase {
  const former = state ?? moved
  const sale = kind === 'sale'
  const table = TABLES[kind]
  const at = sale ? SALE : ORDER
  const text = (position: number, kept: string | undefined, blank: string): string => {
    const value = values[position]
    if (value === null) return blank
    if (value !== undefined) return value
    if (kept !== undefined) return kept
    throw new UnsentValueError(`${table.name}.${table.columns[position]} was not sent`)
  }
  const amount = (position: number): string => {
    const value = values[position]
    return isWhole(value) ? value : '0'
  }
  const id = purchaseIdOf(kind, values)
  const receiptNumber = sale ? values[SALE.receipt_number] : null
  if (receiptNumber === undefined && !former)
    throw new UnsentValueError('a row of sale whose receipt number was not sent')
  const type = text(at.type, former?.type, '')
  const status = text(at.status, former?.status, '')
  const flaw = findFlaw(kind, values, type, status)
  const header = {
    businessId: values[at.business_id] ?? NOBODY,
    type,
    status,
    customerId: values[at.customer_id] ?? null,
    locationId: values[at.location_id] ?? NOBODY,
    employeeId: values[at.employee_id] ?? null,
    occurredAt: flaw ? NO_TIME : timeOf(kind, values)!,
    receiptNumber: receiptNumber === undefined ? (former?.receiptNumber ?? null) : receiptNumber,
    currency: text(at.currency, former?.currency, ''),
    subtotal: amount(at.subtotal),
    discountTotal: amount(at.discount_total),
    taxTotal: amount(at.tax_total),
    tipTotal: amount(at.tip_total),
    total: amount(at.total),
    guestCount: sale ? null : (values[ORDER.guest_count] ?? null),
    parentPurchaseId: sale ? (values[SALE.parent_sale_id] ?? null) : null,
    orderId: sale ? (values[SALE.order_id] ?? null) : null,
  }
  if (state) return Object.assign(state, header)
  return {
    id,
    kind,
    ...header,
    settledBy: new Set(),
    lines: new Map(),
    payments: new Map(),
  }
}

const TUPLE_WIDTH = {
  sale_line: LINE.parentLineId + 1,
  order_item: LINE.total + 1,
  sale_payment: 4,
  order_payment: 3,
} as const

/**
 * A line's or a payment's row laid over the state, or taken from it. A row that can't be projected is
 * not in the state after the throw, nor is what it was before.
 * @param moved what another purchase held of a row that comes from there
 * @returns of a row that goes, what the state held of it
 */
export function foldPart(
  state: Purchase,
  table: PartTable,
  change: RowChange,
  moved?: Tuple,
): Tuple | undefined {
  const rows = PURCHASE_TABLES[table].part === 'lines' ? state.lines : state.payments
  let before = moved
  if (change.op !== 'insert') {
    const former = (change.op === 'delete' ? change.old : (change.old ?? change.values))[0] ?? ''
    before = rows.get(former)
    rows.delete(former)
    if (change.op === 'delete') return before
  }
  const { values } = change
  const id = values[0]
  if (!id) throw new ProjectionError(`a row of ${table} without an id`)
  const tuple = tupleOf(table, values, before ?? rows.get(id))
  if (PURCHASE_TABLES[table].part === 'lines') checkLine(table, tuple)
  else if (!isWhole(tuple[PAYMENT_AMOUNT])) throw flawed(table, 'amount', tuple[PAYMENT_AMOUNT])
  rows.set(id, tuple)
  return undefined
}

function tupleOf(
  table: keyof typeof TUPLE_WIDTH,
  values: Values,
  before: Tuple | undefined,
): Tuple {
  const tuple = values.slice(0, TUPLE_WIDTH[table])
  if (table === 'order_item') {
    const at = TABLES.order_item.at
    tuple.push(null, null, null, values[at.seat_no], values[at.voided_at], values[at.comped_at])
  }
  for (let at = 0; at < tuple.length; at++) {
    if (tuple[at] !== undefined) continue
    if (!before) throw new UnsentValueError(`a row of ${table} whose value ${at} was not sent`)
    tuple[at] = before[at] ?? null
  }
  while (tuple[tuple.length - 1] === null) tuple.pop()
  return tuple as Tuple
}

const PAYMENT_AMOUNT = 2
const LINE_AMOUNTS = [
  ['unit_price', LINE.unitPrice],
  ['discount_total', LINE.discountTotal],
  ['tax_total', LINE.taxTotal],
  ['total', LINE.total],
] as const

/** NaN is a numeric to Postgres; it is no quantity. */
function checkLine(table: PartTable, tuple: Tuple) {
  const qty = tuple[LINE.qty] ?? null
  if (qty === null || !Number.isFinite(Number(qty))) throw flawed(table, 'qty', qty)
  for (const [column, at] of LINE_AMOUNTS)
    if (!isWhole(tuple[at])) throw flawed(table, column, tuple[at])
}

function isWhole(value: string | null | undefined): value is string {
  return typeof value === 'string' && /^-?\d+$/.test(value)
}

function flawed(table: PartTable, column: string, value: string | null | undefined) {
  return new ProjectionError(valueFlaw(`${table}.${column}`, value))
}

function valueFlaw(column: string, value: string | null | undefined): string {
  return `${column} ${value == null ? 'has no value' : `is ${value}`}`
}

/**
 * Where a purchase stands whose header has a flaw: a time that has no place on a timeline, a type or a
 * status that nobody knows how to count, a value that is missing. It is neither listed nor counted, and
 * its lines wait in it until the source says something better.
 */
export const NO_TIME = '0001-01-01 00:00:00+00'
/** Stands for an id that is missing. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

const WORDS = {
  sale: { type: new Set<string>(SALE_TYPES), status: new Set<string>(SALE_STATUSES) },
  order: { type: new Set<string>(ORDER_TYPES), status: new Set<string>(ORDER_STATUSES) },
}
const REQUIRED = {
  sale: [SALE.business_id, SALE.location_id, SALE.currency],
  order: [ORDER.business_id, ORDER.location_id, ORDER.currency],
}
const AMOUNTS = {
  sale: [SALE.subtotal, SALE.discount_total, SALE.tax_total, SALE.tip_total, SALE.total],
  order: [ORDER.subtotal, ORDER.discount_total, ORDER.tax_total, ORDER.tip_total, ORDER.total],
}

/** Why a purchase with this header can't be listed or counted; null when it can. */
export function flawOf(state: Purchase, values: Values): string | null {
  if (state.occurredAt !== NO_TIME) return null
  return findFlaw(state.kind, values, state.type, state.status)
}

function findFlaw(kind: PurchaseKind, values: Values, type: string, status: string): string | null {
  const time = timeOf(kind, values)
  if (!time || !isOnTimeline(time)) return `a ${kind} whose time is ${time ?? 'missing'}`
  const { columns } = TABLES[kind]
  for (const at of REQUIRED[kind])
    if (values[at] === null) return valueFlaw(`${kind}.${columns[at]}`, null)
  for (const at of AMOUNTS[kind])
    if (!isWhole(values[at])) return valueFlaw(`${kind}.${columns[at]}`, values[at])
  if (!WORDS[kind].type.has(type)) return unknownWord(`${kind}.type`, type, WORDS[kind].type)
  if (!WORDS[kind].status.has(status))
    return unknownWord(`${kind}.status`, status, WORDS[kind].status)
  return null
}

/** How much of a word that nobody knows is shown: it is none of a person's, but it may be anything. */
const SHOWN_CHARACTERS = 40

/** The reason why a value that must be one of a few words can't be projected. */
export function unknownWord(column: string, word: string, known: Iterable<string>): string {
  if (word === '') return `${column} has no value`
  const shown = word.length > SHOWN_CHARACTERS ? `${word.slice(0, SHOWN_CHARACTERS)}…` : word
  return `${column} is ${JSON.stringify(shown)}, which is none of ${[...known].join(', ')}`
}

/** Postgres knows infinity, and years before 1 and beyond 9999. */
function isOnTimeline(time: string): boolean {
  return /^\d{4}-/.test(time) && !time.endsWith('BC')
}

function timeOf(kind: PurchaseKind, values: Values): string | null | undefined {
  return kind === 'sale'
    ? (values[SALE.completed_at] ?? values[SALE.created_at])
    : (values[ORDER.closed_at] ?? values[ORDER.opened_at])
}

function isSettled(purchase: Purchase): boolean {
  return purchase.settledBy.size > 0
}

/** Whether it has its own place in the list: an order that a sale settles is that sale. */
export function isListed(purchase: Purchase): boolean {
  return purchase.occurredAt !== NO_TIME && !(purchase.kind === 'order' && isSettled(purchase))
}

export function countsInTotals(purchase: Purchase): boolean {
  return (
    purchase.occurredAt !== NO_TIME &&
    isCounted(purchase.kind, purchase.status, isSettled(purchase))
  )
}

/** Voided and comped items are shown and never counted. */
export function lineCounts(line: Tuple): boolean {
  return (line[LINE.voidedAt] ?? null) === null && (line[LINE.compedAt] ?? null) === null
}

/** Of the counted lines that of the largest amount, bought or returned; the first of several. */
export function dearestLine(lines: readonly Tuple[]): Tuple | null {
  let dearest: Tuple | null = null
  let most = ''
  for (const line of lines) {
    if (!lineCounts(line)) continue
    const total = line[LINE.total]!
    const size = total.startsWith('-') ? total.slice(1) : total
    // Whole numbers as Postgres prints them: the longer text is the larger number.
    const isMore = size.length === most.length ? size > most : size.length > most.length
    if (!isMore) continue
    dearest = line
    most = size
  }
  return dearest
}

/** Σ |total| of the returned lines, for a purchase that takes goods back; minor units. */
export function refundedOf(purchase: Purchase): bigint {
  if (!takesGoodsBack(purchase.type)) return 0n
  let refunded = 0n
  for (const line of purchase.lines.values()) {
    if (!lineCounts(line) || !line[LINE.qty]!.startsWith('-')) continue
    const total = BigInt(line[LINE.total]!)
    refunded += total < 0n ? -total : total
  }
  return refunded
}

/** Lines and payments in the order in which they are stored: by number, then by id. */
export function orderedLines(purchase: Purchase): Tuple[] {
  const lines = [...purchase.lines.values()]
  let sorted = true
  for (let i = 1; i < lines.length && sorted; i++)
    sorted = compareLines(lines[i - 1]!, lines[i]!) <= 0
  return sorted ? lines : lines.sort(compareLines)
}

function compareLines(a: Tuple, b: Tuple): number {
  const byNumber = Number(a[LINE.lineNo]) - Number(b[LINE.lineNo])
  return byNumber !== 0 ? byNumber : a[0]! < b[0]! ? -1 : 1
}

export function orderedPayments(purchase: Purchase): Tuple[] {
  const payments = [...purchase.payments.values()]
  return payments.length < 2 ? payments : payments.sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}
