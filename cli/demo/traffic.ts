/** The everyday: who drops in where, on which day and at which hour, and what comes of it. */
import { fillBasket, type Item, ONE } from './basket.ts'
import { DAY, HOUR, MINUTE, monthOf, weekdayOf } from './clock.ts'
import { block, changeContact, erase, join, merge, wasMergedInto } from './customers.ts'
import {
  addItems,
  cancelOrder,
  closeOrder,
  closeUnpaid,
  openOrder,
  recordOrder,
  settle,
  strike,
} from './orders.ts'
import {
  complete,
  correctLine,
  deposit,
  isUntouched,
  linesOf,
  linkCustomer,
  returnable,
  ringUp,
  setStatus,
  takeBack,
} from './sales.ts'
import type { Chain, Customer, Location, Sale, Story, World } from './world.ts'

/** Who comes: someone in particular, or whoever chance sends. */
type Visitor = (location: Location) => Customer | null

/** Lets `count` customers join: the first of them when the system starts, the others as time goes by. */
export function planMembers(world: World, chain: Chain, count: number): void {
  const { random, start, until } = world
  for (let n = 0; n < count; n++) {
    const at =
      n < count * 0.4 ? start + HOUR + n * 1000 : start + random.fraction() * (until - start)
    world.begin(Math.floor(at), member(world, chain))
  }
}

function* member(world: World, chain: Chain): Story {
  const { random } = world
  const { region } = random.weighted(chain.locations, ({ spec }) => spec.share).spec
  // Some never buy; of the others few come often and many now and then.
  const habit = random.chance(0.05) ? 0 : 1 / (random.fraction() + 0.04)
  const customer = join(world, chain, { region, habit })
  const next = (days: number) => world.now + Math.floor(random.fraction() * days * DAY)
  if (random.chance(0.06)) {
    yield next(200)
    if (customer.row.status === 'active') changeContact(world, customer)
  }
  const fate = random.fraction()
  if (fate >= 0.07) return
  yield next(500)
  if (customer.row.status !== 'active') return
  if (fate < 0.015) block(world, customer)
  else if (fate < 0.035 && !wasMergedInto(customer)) erase(world, customer)
  else {
    const others = regulars(chain).filter((each) => each !== customer && each.region === region)
    if (others.length > 0) merge(world, customer, random.pick(others), 'asked for at the counter')
  }
}

/** Plans `count` visits of whoever chance sends to the chain's stores. */
export function planVisits(world: World, chain: Chain, count: number): void {
  for (let n = 0; n < count; n++) {
    const location = world.random.weighted(chain.locations, ({ spec }) => spec.share)
    planVisit(world, location, (place) => someone(world, place))
  }
}

/** The regular of regulars: `count` visits in every region of the chain, most of them at home. */
export function planStar(world: World, chain: Chain, count: number, id: string): void {
  const home = chain.spec.regions[0]!.name
  const contact = {
    name: 'Josephine Merriweather-Tanaka',
    phone: '+1 212-555-0142',
    email: 'josephine.merriweather@example.com',
  }
  const star = join(world, chain, { id, region: home, habit: 0, contact })
  const weight = ({ spec }: Location) => (spec.region === home ? 4 : 1)
  for (let n = 0; n < count; n++) {
    planVisit(world, world.random.weighted(chain.locations, weight), () => star)
  }
}

function planVisit(world: World, location: Location, visitor: Visitor): void {
  const { random, start, until } = world
  const days = Math.floor((until - start) / DAY)
  let day = start
  do day = start + random.int(1, days - 1) * DAY
  while (!random.chance(busyness(location, day)))
  const story = location.spec.range === 'menu' ? tableVisit : shopVisit
  world.begin(world.openingHours(location, day), story(world, location, visitor))
}

/** How likely a day is against the busiest one. */
function busyness({ spec }: Location, day: number): number {
  const weekday = [0.7, 0.5, 0.5, 0.55, 0.6, 0.8, 1][weekdayOf(day)]!
  if (spec.range !== 'fashion') return weekday
  const month = [0.8, 0.5, 0.55, 0.6, 0.6, 0.6, 0.85, 0.5, 0.6, 0.65, 0.9, 1][monthOf(day) - 1]!
  return weekday * month
}

function regulars(chain: Chain): Customer[] {
  return chain.customers.filter(({ habit, row }) => habit > 0 && row.status === 'active')
}

/** A customer who lives around there, now and then one on a journey; a third stay guests. */
function someone(world: World, location: Location): Customer | null {
  const known = regulars(location.chain)
  if (known.length === 0 || world.random.chance(0.33)) return null
  const near = (each: Customer) => (each.region === location.spec.region ? 14 : 1)
  return world.random.weighted(known, (each) => each.habit * near(each))
}

function* shopVisit(world: World, location: Location, visitor: Visitor): Story {
  const { random } = world
  const owner = visitor(location)
  const lines = linesOf(world, location, fillBasket(world, location))
  const fate = random.fraction()
  if (fate < 0.012) {
    ringUp(world, { location, owner, lines, status: 'voided' })
    return
  }
  if (fate < 0.035) {
    yield* parkedBasket(world, location, owner, lines.length, fate < 0.015)
    return
  }
  const sale = ringUp(world, { location, owner, lines })
  if (owner === null && random.chance(0.03)) {
    yield world.inDays(location, random.int(1, 12))
    const found = someone(world, location)
    if (found && sale.owner === null) linkCustomer(world, sale, found)
  } else if (fate < 0.045) {
    yield world.now + random.int(5, 300) * MINUTE
    if (fate < 0.04 && isUntouched(sale)) setStatus(world, sale, 'voided')
    else correctLine(world, sale)
  }
  const returning = location.spec.range === 'fashion' ? 0.13 : 0.03
  while (random.chance(returning)) {
    yield world.inDays(location, random.int(2, 24))
    bringBack(world, sale)
  }
}

/** A basket that waits: for the rest of the money, for later in the day, or for ever. */
function* parkedBasket(
  world: World,
  location: Location,
  owner: Customer | null,
  count: number,
  forEver: boolean,
): Story {
  const { random } = world
  const items = fillBasket(world, location, count)
  const layaway = location.spec.range === 'fashion' && random.chance(0.6)
  const sale = ringUp(world, {
    location,
    owner,
    lines: linesOf(world, location, items),
    type: layaway ? 'layaway_completion' : 'sale',
    status: layaway ? 'parked' : random.pick(['draft', 'parked']),
  })
  if (forEver) return
  if (layaway) deposit(world, sale)
  yield layaway
    ? world.inDays(location, random.int(10, 45))
    : world.now + random.int(3, 90) * MINUTE
  complete(world, sale)
}

/** A return or an exchange of a part of what is left, in any store of the region. */
function bringBack(world: World, sale: Sale): void {
  const { random } = world
  const left = returnable(sale)
  if (left.length === 0) return
  const parts = random
    .sample(left, random.int(1, left.length))
    .map(({ at, left: most, whole }) => ({
      at,
      qty: whole ? most : BigInt(random.int(1, Number(most / ONE))) * ONE,
    }))
  const { region, currency } = sale.location.spec
  const stores = sale.location.chain.locations.filter(
    ({ spec }) => spec.region === region && spec.currency === currency && spec.range !== 'menu',
  )
  const location = random.chance(0.8) ? sale.location : random.pick(stores)
  const exchange = random.chance(0.3)
  const lines = [
    ...takeBack(sale, parts),
    ...(exchange ? linesOf(world, location, fillBasket(world, location, 2)) : []),
  ]
  const type = exchange ? 'exchange' : 'return'
  ringUp(world, { location, owner: sale.owner, lines, type, parent: sale })
}

function* tableVisit(world: World, location: Location, visitor: Visitor): Story {
  const { random } = world
  const owner = visitor(location)
  const type = random.weighted(['dine_in', 'takeaway', 'delivery'] as const, (each) =>
    each === 'dine_in' ? 5 : each === 'takeaway' ? 4 : 1,
  )
  const items = happyHour(world, fillBasket(world, location))
  const draft = { location, owner, type, items }
  const fate = random.fraction()
  if (fate >= 0.2) {
    recordOrder(world, draft, {
      voided: items.length > 1 && random.chance(0.05) ? 1 : 0,
      comped: items.length > 1 && random.chance(0.04) ? 1 : 0,
    })
    return
  }
  const late = fate < 0.015
  const order = openOrder(world, { ...draft, owner: late ? null : owner })
  yield world.now + random.int(6, 20) * MINUTE
  if (fate > 0.17) {
    cancelOrder(world, order)
    return
  }
  if (type === 'dine_in') {
    addItems(world, order, fillBasket(world, location, 2))
    if (random.chance(0.15)) strike(world, order, 0, random.pick(['voidedAt', 'compedAt']))
    yield world.now + random.int(10, 30) * MINUTE
  }
  if (fate < 0.1) {
    closeOrder(world, order, late ? owner : order.owner)
    return
  }
  closeUnpaid(world, order)
  yield world.now + random.int(1, 6) * MINUTE
  settle(world, order)
}

/** The kitchen's own discount, late in the day. */
function happyHour(world: World, items: Item[]): Item[] {
  if (!world.random.chance(0.05)) return items
  return items.map((item) => ({ ...item, percentOff: 20 }))
}
