/** What happens at a table and at the pass: orders from the first item to the bill. */
import { divideRounded } from '../../src/domain/money.ts'
import { type Item, snapshotFrom, snapshotOf, tendersOf, totalsOf } from './basket.ts'
import { type Change, insert, type Rows, update } from './changes.ts'
import { ringUp } from './sales.ts'
import {
  attribute,
  type Customer,
  type Location,
  type Order,
  type Sale,
  type World,
} from './world.ts'

type OrderRow = Rows['order']
type ItemRow = Rows['orderItem']

interface OrderDraft {
  location: Location
  owner: Customer | null
  type: OrderRow['type']
  items: Item[]
  /** Only at a table. */
  guestCount?: number
  /** Where the id must be known beforehand. */
  id?: string
}

/** Opens a ticket with its first items. */
export function openOrder(world: World, draft: OrderDraft): Order {
  const order = seat(world, draft)
  world.emit([insert('order', order.row), ...order.items.map((item) => insert('orderItem', item))])
  return order
}

/**
 * A ticket that the till sends only once it is paid: one transaction with everything in it. `voided`
 * and `comped` say how many of its items were, from the end and from the start.
 */
export function recordOrder(
  world: World,
  draft: OrderDraft,
  { voided = 0, comped = 0 }: { voided?: number; comped?: number } = {},
): Order {
  const order = seat(world, draft)
  for (const item of order.items.slice(order.items.length - voided)) {
    item.voidedAt = world.nowIso
  }
  for (const item of order.items.slice(0, comped)) item.compedAt = world.nowIso
  Object.assign(order.row, figures(order), { status: 'closed', closedAt: world.nowIso })
  const payments = bill(world, order)
  world.emit([
    insert('order', order.row),
    ...order.items.map((item) => insert('orderItem', item)),
    ...payments,
  ])
  return order
}

/** Another round for the table. */
export function addItems(world: World, order: Order, items: Item[]): void {
  const added = items.map((item) => serve(world, order, item))
  const totals = figures(order)
  Object.assign(order.row, totals)
  world.emit([
    ...added.map((row) => insert('orderItem', row)),
    update('order', [order.row.id], totals),
  ])
}

/** Strikes an item (`voidedAt`) or gives it away (`compedAt`): it stays on the ticket, uncounted. */
export function strike(world: World, order: Order, at: number, how: 'voidedAt' | 'compedAt'): void {
  const row = order.items[at]!
  row[how] = world.nowIso
  const totals = figures(order)
  Object.assign(order.row, totals)
  world.emit([
    update('orderItem', [row.id], { [how]: row[how] }),
    update('order', [order.row.id], totals),
  ])
}

/** Pays and closes the ticket; someone may show a membership card only now. */
export function closeOrder(world: World, order: Order, customer = order.owner): void {
  attribute(order, customer)
  const payments = bill(world, order)
  world.emit([closing(world, order), ...payments])
}

/** Closes a ticket that will be paid at the till of the shop. */
export function closeUnpaid(world: World, order: Order): void {
  world.emit([closing(world, order)])
}

/** The sale that settles the order: one purchase, told twice. */
export function settle(world: World, order: Order): Sale {
  const lines = counted(order).map((item) => ({
    ...snapshotFrom(item),
    promotionRef: null,
    bundleRef: null,
    parentLineId: null,
  }))
  const { location, owner } = order
  return ringUp(world, { location, owner, lines, order, tip: tipOn(world, order, order.row.total) })
}

export function cancelOrder(world: World, order: Order): void {
  const set = { status: 'cancelled', closedAt: world.nowIso } as const
  Object.assign(order.row, set)
  world.emit([update('order', [order.row.id], set)])
}

function seat(world: World, draft: OrderDraft): Order {
  const { location, owner, type, items, guestCount } = draft
  const row: OrderRow = {
    id: draft.id ?? world.uuid(),
    businessId: location.row.businessId,
    locationId: location.row.id,
    employeeId: world.random.pick(location.staff).id,
    customerId: null,
    type,
    status: 'open',
    guestCount: type === 'dine_in' ? (guestCount ?? world.random.int(1, 5)) : null,
    ...totalsOf(location.spec.currency, []),
    openedAt: world.nowIso,
    closedAt: null,
  }
  const order: Order = { kind: 'order', row, location, owner: null, items: [] }
  attribute(order, owner)
  for (const item of items) serve(world, order, item)
  Object.assign(row, figures(order))
  return order
}

function serve(world: World, order: Order, item: Item): ItemRow {
  const { guestCount, type } = order.row
  const row: ItemRow = {
    id: world.uuid(),
    businessId: order.row.businessId,
    orderId: order.row.id,
    lineNo: order.items.length + 1,
    ...snapshotOf(world, order.location, item, type),
    seatNo: guestCount === null ? null : world.random.int(1, guestCount),
    voidedAt: null,
    compedAt: null,
  }
  order.items.push(row)
  return row
}

function counted(order: Order) {
  return order.items.filter((item) => item.voidedAt === null && item.compedAt === null)
}

function figures(order: Order) {
  return totalsOf(order.row.currency, counted(order), order.row.tipTotal)
}

/** The tip, which is no revenue, and the tenders that cover bill and tip. */
function bill(world: World, order: Order): Change[] {
  order.row.tipTotal = tipOn(world, order, order.row.total)
  const due = order.row.total + order.row.tipTotal
  return tendersOf(world.random, due).map(({ method, amount }) =>
    insert('orderPayment', {
      id: world.uuid(),
      businessId: order.row.businessId,
      orderId: order.row.id,
      method,
      amount,
    }),
  )
}

/** Nobody tips in Japan, and not everybody at a counter. */
function tipOn(world: World, order: Order, total: bigint): bigint {
  const { random } = world
  if (order.row.currency === 'JPY' || !random.chance(order.row.type === 'dine_in' ? 0.9 : 0.4)) {
    return 0n
  }
  return divideRounded(total * BigInt(random.pick([15, 18, 20, 22])), 100n)
}

function closing(world: World, order: Order): Change {
  const { customerId, tipTotal } = order.row
  const set = { status: 'closed', closedAt: world.nowIso, customerId, tipTotal } as const
  Object.assign(order.row, set)
  return update('order', [order.row.id], set)
}
