/** What happens to customers: they join, move, are merged and told apart again, blocked, forgotten. */
import { FOOD } from './chains.ts'
import { insert, type Rows, update } from './changes.ts'
import { isoOf } from './clock.ts'
import { personOf, UNUSUAL_NAMES } from './people.ts'
import { attribute, type Chain, type Customer, type Purchase, type World } from './world.ts'

interface JoinOptions {
  region: string
  habit: number
  /** Where the id must be known beforehand. */
  id?: string
  /** Who it is; invented when it is not said. */
  contact?: Partial<Pick<Rows['customer'], 'name' | 'phone' | 'email'>>
}

/** Writes a new customer. */
export function join(world: World, chain: Chain, options: JoinOptions): Customer {
  const { region, habit, contact } = options
  const { random } = world
  const spec = chain.spec.regions.find((each) => each.name === region)
  if (!spec) throw new RangeError(`${chain.spec.name} has no region ${region}`)
  const serial = chain.customers.length + 1
  const [culture] = random.weighted(spec.cultures, ([, weight]) => weight)
  const person = personOf(random, culture, spec.phone, serial)
  if (serial % 50 === 3) {
    person.name = unusualName(chain, Math.floor(serial / 50))
    person.email = null
  }
  const row: Rows['customer'] = {
    id: options.id ?? world.uuid(),
    businessId: chain.business.id,
    externalRef: random.chance(0.9) ? `${chain.spec.skuPrefix}-${100_000 + serial}` : null,
    ...person,
    ...contact,
    status: 'active',
    mergedIntoId: null,
    createdAt: world.nowIso,
  }
  const customer: Customer = { row, chain, region, habit, purchases: new Set() }
  chain.customers.push(customer)
  world.emit([insert('customer', row)])
  return customer
}

/** Every fiftieth customer has one: they are there, and do not crowd the list. */
function unusualName(chain: Chain, turn: number): string {
  // The second chain begins in the middle, so that two chains show all of them.
  const from = chain.spec.name === FOOD.name ? UNUSUAL_NAMES.length / 2 : 0
  return UNUSUAL_NAMES[(from + turn) % UNUSUAL_NAMES.length]!
}

export interface Merge {
  row: Rows['customerMerge']
  from: Customer
  into: Customer
  moved: Purchase[]
}

/** One transaction: every purchase of `from` goes to `into`, and the ledger keeps which. */
export function merge(world: World, from: Customer, into: Customer, reason: string): Merge {
  if (from === into || from.row.status !== 'active' || into.row.status !== 'active') {
    throw new RangeError('only two active customers can be merged')
  }
  const { business, manager } = from.chain
  const row: Rows['customerMerge'] = {
    id: world.uuid(),
    businessId: business.id,
    fromCustomerId: from.row.id,
    intoCustomerId: into.row.id,
    mergedBy: manager.id,
    reason,
    mergedAt: world.nowIso,
    undoneAt: null,
  }
  const moved = [...from.purchases]
  const set = { status: 'merged', mergedIntoId: into.row.id } as const
  Object.assign(from.row, set)
  world.emit([
    insert('customerMerge', row),
    ...moved.map(({ kind, row: { id } }) =>
      insert('customerMergePurchase', {
        businessId: business.id,
        mergeId: row.id,
        purchaseKind: kind,
        purchaseId: id,
      }),
    ),
    ...reattribute(moved, into),
    update('customer', [from.row.id], set),
  ])
  return { row, from, into, moved }
}

/**
 * Takes the latest merge of the two back: what the ledger names goes home, the rest stays. The customer
 * is active first: the source hands a merged customer's purchases to the survivor.
 */
export function unmerge(world: World, { row, from, into, moved }: Merge): void {
  if (into.row.status !== 'active') throw new RangeError('what was merged on cannot be told apart')
  const set = { status: 'active', mergedIntoId: null } as const
  Object.assign(from.row, set)
  row.undoneAt = world.nowIso
  world.emit([
    update('customerMerge', [row.id], { undoneAt: row.undoneAt }),
    update('customer', [from.row.id], set),
    ...reattribute(moved, from),
  ])
}

/** No more purchases on this name; those that are there stay. */
export function block(world: World, customer: Customer): void {
  customer.row.status = 'blocked'
  world.emit([update('customer', [customer.row.id], { status: 'blocked' })])
}

/** Forgets who it was. The purchases are the shop's books and stay, as nobody's. */
export function erase(world: World, customer: Customer): void {
  const { chain, row, purchases } = customer
  if (wasMergedInto(customer)) throw new RangeError('the demo erases nobody who has been merged')
  const set = { status: 'erased', externalRef: null, name: null, phone: null, email: null } as const
  Object.assign(row, set)
  world.emit([
    insert('customerErasure', {
      customerId: row.id,
      businessId: chain.business.id,
      requestedBy: chain.manager.id,
      requestedAt: world.nowIso,
    }),
    ...reattribute([...purchases], null),
    update('customer', [row.id], set),
  ])
}

/** Whether others are merged into this customer. */
export function wasMergedInto({ chain, row }: Customer): boolean {
  return chain.customers.some((each) => each.row.mergedIntoId === row.id)
}

/** A new address to write to. */
export function changeContact(world: World, customer: Customer): void {
  const handle = `member${isoOf(world.now).slice(2, 10).replaceAll('-', '')}`
  const set = { email: `${handle}.${world.random.int(1, 999)}@example.com` }
  Object.assign(customer.row, set)
  world.emit([update('customer', [customer.row.id], set)])
}

function reattribute(purchases: Purchase[], owner: Customer | null) {
  for (const purchase of purchases) attribute(purchase, owner)
  const ids = (kind: Purchase['kind']) =>
    purchases.filter((purchase) => purchase.kind === kind).map(({ row }) => row.id)
  const set = { customerId: owner?.row.id ?? null }
  const [sales, orders] = [ids('sale'), ids('order')]
  return [
    ...(sales.length > 0 ? [update('sale', sales, set)] : []),
    ...(orders.length > 0 ? [update('order', orders, set)] : []),
  ]
}
