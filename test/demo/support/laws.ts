/**
 * What must hold of any demo: each law says in words what is wrong, and nothing when all is right.
 * The arithmetic is written out anew, so that it does not share a mistake with the generator.
 */
import type { Rows } from '../../../cli/demo/changes.ts'
import { groupBy, milliOf, sum, type Tables } from './tables.ts'

export type Law = (tables: Tables) => string[]

type Line = Rows['saleLine'] | Rows['orderItem']
type Purchase = Rows['sale'] | Rows['order']

/** Round half away from zero, the way numeric does. */
function product(line: Line): bigint {
  const thousandths = milliOf(line.qty) * line.unitPrice
  const [sign, size] = thousandths < 0n ? [-1n, -thousandths] : [1n, thousandths]
  return sign * ((size + 500n) / 1000n)
}

function countedItems(orderId: string, items: Map<string, Rows['orderItem'][]>) {
  return (items.get(orderId) ?? []).filter((item) => !item.voidedAt && !item.compedAt)
}

function addUp(purchase: Purchase, lines: Line[]): string[] {
  const wrong: string[] = []
  const check = (what: string, found: bigint, expected: bigint) => {
    if (found !== expected) wrong.push(`${purchase.id}: ${what} is ${found}, not ${expected}`)
  }
  for (const line of lines) {
    const expected = product(line) - line.discountTotal + line.taxTotal
    check(`total of line ${line.lineNo}`, line.total, expected)
  }
  check('subtotal', purchase.subtotal, sum(lines, product))
  check(
    'discount',
    purchase.discountTotal,
    sum(lines, (line) => line.discountTotal),
  )
  check(
    'tax',
    purchase.taxTotal,
    sum(lines, (line) => line.taxTotal),
  )
  check(
    'total',
    purchase.total,
    sum(lines, (line) => line.total),
  )
  check(
    'total of the parts',
    purchase.total,
    purchase.subtotal - purchase.discountTotal + purchase.taxTotal,
  )
  return wrong
}

const linesAddUp: Law = (tables) => {
  const lines = groupBy(tables.saleLine.values(), (line) => line.saleId)
  const items = groupBy(tables.orderItem.values(), (item) => item.orderId)
  return [
    ...[...tables.sale.values()].flatMap((sale) => addUp(sale, lines.get(sale.id) ?? [])),
    ...[...tables.order.values()].flatMap((order) => addUp(order, countedItems(order.id, items))),
  ]
}

const purchasesHaveLines: Law = (tables) => {
  const lines = groupBy(tables.saleLine.values(), (line) => line.saleId)
  const items = groupBy(tables.orderItem.values(), (item) => item.orderId)
  const bare = (kind: Map<string, unknown[]>) => (row: Purchase) => !kind.get(row.id)?.length
  return [
    ...[...tables.sale.values()].filter(bare(lines)),
    ...[...tables.order.values()].filter(bare(items)),
  ].map(({ id }) => `${id}: no line`)
}

const paidInFull: Law = (tables) => {
  const salePayments = groupBy(tables.salePayment.values(), (payment) => payment.saleId)
  const orderPayments = groupBy(tables.orderPayment.values(), (payment) => payment.orderId)
  const settled = new Set([...tables.sale.values()].map(({ orderId }) => orderId))
  const paid = (payments: { amount: bigint }[] = []) => sum(payments, ({ amount }) => amount)
  const owed = ({ total, tipTotal }: Purchase) => total + tipTotal
  return [
    ...[...tables.sale.values()]
      .filter((sale) => sale.status === 'completed')
      .filter((sale) => paid(salePayments.get(sale.id)) !== owed(sale)),
    ...[...tables.order.values()].filter((order) => {
      const due = order.status === 'closed' && !settled.has(order.id) ? owed(order) : 0n
      return paid(orderPayments.get(order.id)) !== due
    }),
  ].map(({ id }) => `${id}: the payments do not cover it`)
}

const returnsNeverExceed: Law = (tables) => {
  const wrong: string[] = []
  const back = groupBy(tables.saleLine.values(), (line) => line.parentLineId)
  for (const line of tables.saleLine.values()) {
    const returned = back.get(line.id)
    if (!returned) continue
    const qty = -sum(returned, (each) => milliOf(each.qty))
    const refund = -sum(returned, (each) => each.total)
    if (qty > milliOf(line.qty)) wrong.push(`${line.id}: more came back than was bought`)
    if (refund > line.total) wrong.push(`${line.id}: more was given back than was paid`)
    if (qty === milliOf(line.qty) && refund !== line.total) {
      wrong.push(`${line.id}: all of it came back for ${refund} of ${line.total}`)
    }
  }
  return wrong
}

const returnsAreNegative: Law = (tables) => {
  const lines = groupBy(tables.saleLine.values(), (line) => line.saleId)
  return [...tables.sale.values()].flatMap((sale) => {
    const own = lines.get(sale.id) ?? []
    const negative = own.filter((line) => milliOf(line.qty) < 0n)
    const wrong: string[] = []
    const expect = (holds: boolean, what: string) => holds || wrong.push(`${sale.id}: ${what}`)
    const takesBack = sale.type === 'return' || sale.type === 'exchange'
    expect(takesBack === (sale.parentSaleId !== null), 'parent and type disagree')
    if (sale.type === 'return') {
      expect(negative.length === own.length, 'a return with something bought')
      expect(sale.total < 0n, 'a return that costs')
    } else if (sale.type === 'exchange') {
      expect(negative.length > 0 && negative.length < own.length, 'an exchange for nothing')
    } else expect(negative.length === 0, 'a negative line in a sale')
    for (const line of own) {
      const parent = line.parentLineId === null ? null : tables.saleLine.get(line.parentLineId)
      expect(negative.includes(line) === (parent !== null), 'a returned line without its own')
      if (!parent) continue
      expect(parent.saleId === sale.parentSaleId, 'a line of another sale')
      expect(tables.sale.get(parent.saleId)?.status === 'completed', 'a return of what is no sale')
      expect(parent.variantId === line.variantId, 'another thing came back')
    }
    return wrong
  })
}

const statusesAreWhole: Law = (tables) => [
  ...[...tables.sale.values()]
    .filter(({ status, completedAt, receiptNumber }) =>
      status === 'voided'
        ? (completedAt === null) !== (receiptNumber === null)
        : (status === 'completed') !== (completedAt !== null && receiptNumber !== null),
    )
    .map(({ id, status }) => `${id}: ${status}, and its receipt says otherwise`),
  ...[...tables.order.values()]
    .filter(({ status, closedAt }) => (status === 'open') !== (closedAt === null))
    .map(({ id, status }) => `${id}: ${status}, and its closing time says otherwise`),
  ...[...tables.order.values()]
    .filter(({ type, guestCount }) => (type === 'dine_in') !== (guestCount !== null))
    .map(({ id }) => `${id}: guests without a table, or a table without guests`),
]

const ordersSettledOnce: Law = (tables) => {
  const settling = groupBy(
    [...tables.sale.values()].filter(({ orderId }) => orderId !== null),
    ({ orderId }) => orderId!,
  )
  return [...settling].flatMap(([orderId, sales]) => {
    const order = tables.order.get(orderId)!
    const same = ({ total, subtotal, taxTotal, customerId }: Purchase) =>
      [total, subtotal, taxTotal, customerId].join()
    const whole = sales.length === 1 && order.status === 'closed' && same(sales[0]!) === same(order)
    return whole ? [] : [`${orderId}: not settled once and whole`]
  })
}

const customersAreWhole: Law = (tables) => {
  const owners = new Set(
    [...tables.sale.values(), ...tables.order.values()].map(({ customerId }) => customerId),
  )
  return [...tables.customer.values()].flatMap((customer) => {
    const { id, status, externalRef, name, phone, email, mergedIntoId } = customer
    const wrong: string[] = []
    const isNamed = (externalRef ?? name ?? phone ?? email) !== null
    if (status === 'erased' && (isNamed || owners.has(id))) wrong.push(`${id}: not forgotten`)
    if ((status === 'erased') !== tables.customerErasure.has(id)) wrong.push(`${id}: no tombstone`)
    if (status !== 'erased' && name === null) wrong.push(`${id}: without a name`)
    if ((status === 'merged') !== (mergedIntoId !== null)) wrong.push(`${id}: merged into nobody`)
    if (status === 'merged' && owners.has(id)) wrong.push(`${id}: merged, and still owns purchases`)
    if (email !== null && !/@example\.(com|org|net)$/.test(email))
      wrong.push(`${id}: a real address`)
    return wrong
  })
}

const tenantsStayApart: Law = (tables) => {
  const business = new Map<string, string>()
  for (const rows of Object.values(tables)) {
    for (const row of rows.values())
      if ('id' in row && 'businessId' in row) {
        business.set(row.id, row.businessId)
      }
  }
  return Object.entries(tables).flatMap(([table, rows]) =>
    [...rows.values()].flatMap((row) =>
      Object.entries(row)
        .filter(([column]) => column.endsWith('Id') && column !== 'businessId')
        .filter(([, id]) => id !== null && business.get(String(id)) !== (row as Line).businessId)
        .map(([column, id]) => `${table}.${column} ${id}: of another chain`),
    ),
  )
}

const oneCurrencyAPlace: Law = (tables) => {
  const places = groupBy(
    [...tables.sale.values(), ...tables.order.values()],
    ({ locationId }) => locationId,
  )
  return [...places]
    .filter(([, purchases]) => new Set(purchases.map(({ currency }) => currency)).size > 1)
    .map(([id]) => `${id}: more than one currency`)
}

export const LAWS: Record<string, Law> = {
  linesAddUp,
  purchasesHaveLines,
  paidInFull,
  returnsNeverExceed,
  returnsAreNegative,
  statusesAreWhole,
  ordersSettledOnce,
  customersAreWhole,
  tenantsStayApart,
  oneCurrencyAPlace,
}

/** Every violation of every law, under the law's name. */
export function violations(tables: Tables): string[] {
  return Object.entries(LAWS).flatMap(([name, law]) =>
    law(tables).map((text) => `${name}: ${text}`),
  )
}
