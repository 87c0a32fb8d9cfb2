/** What happens at a till: sales, returns, exchanges, layaway, parked baskets, and second thoughts. */

import { divideRounded } from '../../src/domain/money.ts'
import { qtyText } from '../../src/domain/returnable.ts'
import {
  extended,
  type Item,
  type Snapshot,
  snapshotFrom,
  snapshotOf,
  tendersOf,
  totalsOf,
} from './basket.ts'
import { insert, type Rows, remove, update } from './changes.ts'
import { yearOf } from './clock.ts'
import {
  attribute,
  type Customer,
  type Location,
  type Order,
  type Sale,
  type World,
} from './world.ts'

/** The columns of a sale line beside its identity. */
export type LineDraft = Snapshot &
  Pick<Rows['saleLine'], 'promotionRef' | 'bundleRef' | 'parentLineId'>

interface SaleDraft {
  location: Location
  owner: Customer | null
  lines: LineDraft[]
  type?: Rows['sale']['type']
  status?: Rows['sale']['status']
  parent?: Sale
  order?: Order
  tip?: bigint
  /** Whether more than one tender pays. Default: by chance. */
  split?: boolean
}

/** Lines of what is bought. */
export function linesOf(world: World, location: Location, items: Item[]): LineDraft[] {
  return items.map((item) => ({
    ...snapshotOf(world, location, item),
    promotionRef: item.promotionRef ?? null,
    bundleRef: item.bundleRef ?? null,
    parentLineId: null,
  }))
}

/** Writes the sale: paid and with a receipt number when it is completed, else without. */
export function ringUp(world: World, draft: SaleDraft): Sale {
  const { location, owner, parent, order, type = 'sale', status = 'completed' } = draft
  const businessId = location.row.businessId
  const done = status === 'completed'
  const row: Rows['sale'] = {
    id: world.uuid(),
    businessId,
    locationId: location.row.id,
    employeeId: world.random.chance(0.97) ? world.random.pick(location.staff).id : null,
    customerId: null,
    type,
    status,
    parentSaleId: parent?.row.id ?? null,
    orderId: order?.row.id ?? null,
    receiptNumber: done ? receiptNumber(world, location) : null,
    ...totalsOf(location.spec.currency, draft.lines, draft.tip),
    createdAt: world.nowIso,
    completedAt: done ? world.nowIso : null,
  }
  const lines = draft.lines.map((line, at) => ({
    row: { id: world.uuid(), businessId, saleId: row.id, lineNo: at + 1, ...line },
    qty: milliOf(line.qty),
    returned: 0n,
  }))
  const sale: Sale = { kind: 'sale', row, location, owner: null, lines, payments: [] }
  attribute(sale, owner)
  if (done) pay(world, sale, row.total + row.tipTotal, draft.split)
  world.emit([
    insert('sale', row),
    ...lines.map((line) => insert('saleLine', line.row)),
    ...sale.payments.map((payment) => insert('salePayment', payment)),
  ])
  return sale
}

/** Completes a parked or draft sale: what was paid before counts, the rest is tendered now. */
export function complete(world: World, sale: Sale): void {
  const paid = sale.payments.length
  const due = sale.payments.reduce((left, { amount }) => left - amount, sale.row.total)
  pay(world, sale, due)
  const set = {
    status: 'completed',
    receiptNumber: receiptNumber(world, sale.location),
    completedAt: world.nowIso,
  } as const
  Object.assign(sale.row, set)
  world.emit([
    update('sale', [sale.row.id], set),
    ...sale.payments.slice(paid).map((payment) => insert('salePayment', payment)),
  ])
}

/** A deposit on a parked sale. */
export function deposit(world: World, sale: Sale): void {
  pay(world, sale, divideRounded(sale.row.total, 4n), false)
  world.emit(sale.payments.map((payment) => insert('salePayment', payment)))
}

/** Takes the last line out of a basket that is not paid yet: a row is deleted. */
export function dropLastLine(world: World, sale: Sale): void {
  const dropped = sale.lines.pop()!
  const set = totalsOf(sale.row.currency, rowsOf(sale), sale.row.tipTotal)
  Object.assign(sale.row, set)
  world.emit([remove('saleLine', [dropped.row.id]), update('sale', [sale.row.id], set)])
}

export function setStatus(world: World, sale: Sale, status: Rows['sale']['status']): void {
  sale.row.status = status
  world.emit([update('sale', [sale.row.id], { status })])
}

/** Whether nothing hangs on the sale yet, so that it can be voided or corrected. */
export function isUntouched(sale: Sale): boolean {
  return sale.row.status === 'completed' && sale.lines.every((line) => line.returned === 0n)
}

/** One piece fewer than was rung up: the line, the totals and the last tender are corrected. */
export function correctLine(world: World, sale: Sale): boolean {
  const line = sale.lines.find((each) => each.qty > 1000n && each.qty % 1000n === 0n)
  const payment = sale.payments.at(-1)
  if (!line || !payment || !isUntouched(sale)) return false
  const before = sale.row.total
  const kept = line.qty - 1000n
  const share = (amount: bigint) => divideRounded(amount * kept, line.qty)
  const discountTotal = share(line.row.discountTotal)
  const taxTotal = share(line.row.taxTotal)
  const lineSet = {
    qty: qtyText(kept),
    discountTotal,
    taxTotal,
    total: extended(kept, line.row.unitPrice) - discountTotal + taxTotal,
  }
  const saved = line.row.total - lineSet.total
  // A tender that the correction would turn around is one that a real till would not touch.
  if (payment.amount <= saved) return false
  line.qty = kept
  Object.assign(line.row, lineSet)
  const saleSet = totalsOf(sale.row.currency, rowsOf(sale), sale.row.tipTotal)
  Object.assign(sale.row, saleSet)
  payment.amount -= before - saleSet.total
  world.emit([
    update('saleLine', [line.row.id], lineSet),
    update('sale', [sale.row.id], saleSet),
    update('salePayment', [payment.id], { amount: payment.amount }),
  ])
  return true
}

/** Finds out, later, who the guest was. */
export function linkCustomer(world: World, sale: Sale, customer: Customer): void {
  attribute(sale, customer)
  world.emit([update('sale', [sale.row.id], { customerId: customer.row.id })])
}

/** What can still come back of each line, in thousandths. Weighed goods come back whole. */
export function returnable(sale: Sale): { at: number; left: bigint; whole: boolean }[] {
  if (sale.row.status !== 'completed') return []
  return sale.lines
    .map((line, at) => ({
      at,
      left: line.qty - line.returned,
      whole: line.qty % 1000n !== 0n,
    }))
    .filter(({ left }) => left > 0n)
}

/**
 * Negative lines that take `qty` of each named line back. Discount and tax go back in proportion,
 * measured from what has come back so far, so that all parts together give back the line exactly.
 */
export function takeBack(sale: Sale, parts: { at: number; qty: bigint }[]): LineDraft[] {
  return parts.map(({ at, qty }) => {
    const line = sale.lines[at]
    if (!line || qty <= 0n || line.returned + qty > line.qty) {
      throw new RangeError('more than was bought cannot come back')
    }
    const part = (amount: bigint) =>
      divideRounded(amount * (line.returned + qty), line.qty) -
      divideRounded(amount * line.returned, line.qty)
    const discountTotal = -part(line.row.discountTotal)
    const taxTotal = -part(line.row.taxTotal)
    const total = extended(-qty, line.row.unitPrice) - discountTotal + taxTotal
    line.returned += qty
    return {
      ...snapshotFrom(line.row),
      qty: qtyText(-qty),
      discountTotal,
      taxTotal,
      total,
      promotionRef: line.row.promotionRef,
      bundleRef: line.row.bundleRef,
      parentLineId: line.row.id,
    }
  })
}

function pay(world: World, sale: Sale, amount: bigint, split?: boolean): void {
  for (const tender of tendersOf(world.random, amount, split)) {
    const { businessId, id: saleId } = sale.row
    sale.payments.push({ id: world.uuid(), businessId, saleId, ...tender })
  }
}

function receiptNumber(world: World, location: Location): string {
  const serial = String(++location.receipts).padStart(6, '0')
  return `${location.spec.code}-${yearOf(world.now)}-${serial}`
}

function rowsOf(sale: Sale): Rows['saleLine'][] {
  return sale.lines.map((line) => line.row)
}

function milliOf(qty: string): bigint {
  return BigInt(qty.replace('.', ''))
}
