/**
 * The journeys that every demo must hold, whatever chance brings: each shows one corner of the
 * domain from its beginning to its end. The tiny demo tells each once, the normal one some times.
 */
import { bundle, fillBasket, type Item, ONE } from './basket.ts'
import { update } from './changes.ts'
import { DAY, MINUTE, type Micros } from './clock.ts'
import { block, changeContact, erase, join, merge, unmerge } from './customers.ts'
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
import { cheapest, distinct, ends, otherSize, placeOf, weighed } from './picks.ts'
import {
  complete,
  correctLine,
  deposit,
  dropLastLine,
  linesOf,
  linkCustomer,
  ringUp,
  setStatus,
  takeBack,
} from './sales.ts'
import type { Chain, Story, World } from './world.ts'

interface Telling {
  fashion: Chain
  food: Chain
  /** When the first story begins; each of the others begins a day after the one before it. */
  from: Micros
  /** The id of the first story's customer, where it must be known beforehand. */
  regularId?: string
}

/** Begins every story once. */
export function tellStories(world: World, { fashion, food, from, regularId }: Telling): void {
  const stories = [
    regular(world, fashion, regularId),
    threeCardsOnePerson(world, food),
    foundGuest(world, fashion),
    forgotten(world, fashion),
    neverCame(world, fashion),
    eveningOut(world, food),
    overTheCounter(world, food),
    secondThoughts(world, fashion),
  ]
  for (const [at, story] of stories.entries()) world.begin(from + at * DAY, story)
}

/** How long the longest story takes. */
export const STORY_DAYS = 60

/** Buys, returns in parts, exchanges both ways, and pays a coat in instalments. */
function* regular(world: World, chain: Chain, id?: string): Story {
  const [home, abroad] = ends(chain.locations)
  const customer = join(world, chain, { region: home.spec.region, habit: 0, ...(id && { id }) })
  yield world.inDays(home, 1)
  const [first, second, third] = distinct(world, home, 3)
  const items: Item[] = [
    { ...first!, qty: 3n * ONE, percentOff: 20, promotionRef: 'WELCOME-20' },
    second!,
    third!,
    ...bundle(world, home),
  ]
  const sale = ringUp(world, {
    location: home,
    owner: customer,
    lines: linesOf(world, home, items),
    split: true,
  })
  yield world.inDays(home, 4)
  const partly = takeBack(sale, [{ at: 0, qty: ONE }])
  ringUp(world, { location: home, owner: sale.owner, type: 'return', lines: partly, parent: sale })
  yield world.inDays(home, 6)
  const forTwo = [
    ...takeBack(sale, [{ at: 1, qty: ONE }]),
    ...linesOf(world, home, [otherSize(home, second!), ...distinct(world, home, 1)]),
  ]
  ringUp(world, {
    location: home,
    owner: sale.owner,
    type: 'exchange',
    lines: forTwo,
    parent: sale,
  })
  yield world.inDays(home, 5)
  const forLess = [
    ...takeBack(sale, [
      { at: 0, qty: 2n * ONE },
      { at: 2, qty: ONE },
    ]),
    ...linesOf(world, home, [cheapest(home)]),
  ]
  ringUp(world, {
    location: home,
    owner: sale.owner,
    type: 'exchange',
    lines: forLess,
    parent: sale,
  })
  const layaway = ringUp(world, {
    location: abroad,
    owner: sale.owner,
    type: 'layaway_completion',
    status: 'parked',
    lines: linesOf(world, abroad, distinct(world, abroad, 1)),
  })
  deposit(world, layaway)
  yield world.inDays(abroad, 21)
  complete(world, layaway)
}

/** A guest whose receipt turns up again once she has joined. */
function* foundGuest(world: World, chain: Chain): Story {
  const [home] = ends(chain.locations)
  yield world.inDays(home, 0)
  const sale = ringUp(world, {
    location: home,
    owner: null,
    lines: linesOf(world, home, distinct(world, home, 2)),
  })
  yield world.inDays(home, 9)
  const customer = join(world, chain, { region: home.spec.region, habit: 0 })
  yield world.now + 3 * MINUTE
  linkCustomer(world, sale, customer)
}

/** Asks to be forgotten; the shop keeps its books. */
function* forgotten(world: World, chain: Chain): Story {
  const [, location] = ends(chain.locations)
  const customer = join(world, chain, { region: location.spec.region, habit: 0 })
  yield world.inDays(location, 2)
  ringUp(world, {
    location,
    owner: customer,
    lines: linesOf(world, location, distinct(world, location, 2)),
  })
  yield world.inDays(location, 3)
  changeContact(world, customer)
  yield world.inDays(location, 25)
  erase(world, customer)
}

/** Signs up, buys nothing, and is blocked. */
function* neverCame(world: World, chain: Chain): Story {
  const [home] = ends(chain.locations)
  const customer = join(world, chain, { region: home.spec.region, habit: 0 })
  yield world.inDays(home, 20)
  block(world, customer)
}

/** Baskets that end otherwise than they began, and sales that are mended after the fact. */
function* secondThoughts(world: World, chain: Chain): Story {
  const [location] = ends(chain.locations)
  const basket = (count: number) => linesOf(world, location, distinct(world, location, count))
  yield world.inDays(location, 1)
  const draft = ringUp(world, { location, owner: null, status: 'draft', lines: basket(3) })
  yield world.now + 4 * MINUTE
  dropLastLine(world, draft)
  yield world.now + 2 * MINUTE
  complete(world, draft)
  yield world.inDays(location, 1)
  ringUp(world, { location, owner: null, status: 'parked', lines: basket(1) })
  ringUp(world, { location, owner: null, status: 'draft', lines: basket(1) })
  yield world.inDays(location, 1)
  const mistake = ringUp(world, { location, owner: null, lines: basket(2) })
  const [item] = distinct(world, location, 1)
  const miscounted = ringUp(world, {
    location,
    owner: null,
    lines: linesOf(world, location, [{ ...item!, qty: 4n * ONE }]),
    split: false,
  })
  yield world.inDays(location, 2)
  setStatus(world, mistake, 'voided')
  correctLine(world, miscounted)
  yield world.now + 10 * MINUTE
  const product = world.random.pick(chain.products)
  product.row.name = `${product.row.name} (new season)`
  world.emit([update('product', [product.row.id], { name: product.row.name })])
}

/** One person with three cards, found out one by one; and a stranger taken for her by mistake. */
function* threeCardsOnePerson(world: World, chain: Chain): Story {
  const cafe = placeOf(chain, 'menu')
  const counter = placeOf(chain, 'market')
  const region = counter.spec.region
  const a = join(world, chain, { region, habit: 0 })
  const { name, phone } = a.row
  const typedInCapitals = { name: name?.toUpperCase() ?? null, phone, email: null }
  yield world.now + 5 * MINUTE
  const b = join(world, chain, { region, habit: 0, contact: { name, phone, email: null } })
  yield world.now + 5 * MINUTE
  const c = join(world, chain, { region, habit: 0, contact: typedInCapitals })
  const stranger = join(world, chain, { region, habit: 0 })
  yield world.inDays(counter, 1)
  const jars = distinct(world, counter, 2)
  jars[0]!.qty = 2n * ONE
  const sale = ringUp(world, { location: counter, owner: a, lines: linesOf(world, counter, jars) })
  yield world.inDays(cafe, 1)
  recordOrder(world, {
    location: cafe,
    owner: b,
    type: 'takeaway',
    items: fillBasket(world, cafe, 2),
  })
  yield world.inDays(counter, 1)
  const olives = weighed(world, counter, 532n)
  ringUp(world, { location: counter, owner: c, lines: linesOf(world, counter, [olives]) })
  yield world.inDays(cafe, 2)
  recordOrder(world, {
    location: cafe,
    owner: stranger,
    type: 'dine_in',
    items: fillBasket(world, cafe, 2),
  })
  yield world.inDays(counter, 3)
  merge(world, a, b, 'same telephone number')
  yield world.inDays(counter, 4)
  merge(world, b, c, 'shown an identity card')
  const error = merge(world, stranger, c, 'same name on the receipt')
  yield world.inDays(counter, 5)
  const back = takeBack(sale, [{ at: 0, qty: ONE }])
  const { owner } = sale
  ringUp(world, { location: counter, owner, type: 'return', lines: back, parent: sale })
  yield world.inDays(counter, 6)
  unmerge(world, error)
}

/** A table from the first round to the bill, one that leaves, and one that pays at the till. */
function* eveningOut(world: World, chain: Chain): Story {
  const cafe = placeOf(chain, 'menu')
  const rounds = (count: number) => distinct(world, cafe, count)
  const table = { location: cafe, type: 'dine_in' } as const
  const customer = join(world, chain, { region: cafe.spec.region, habit: 0 })
  yield world.inDays(cafe, 1)
  const order = openOrder(world, { ...table, owner: null, items: rounds(3), guestCount: 3 })
  yield world.now + 12 * MINUTE
  addItems(world, order, rounds(2))
  yield world.now + 8 * MINUTE
  strike(world, order, 1, 'voidedAt')
  strike(world, order, 4, 'compedAt')
  yield world.now + 25 * MINUTE
  closeOrder(world, order, customer)
  yield world.inDays(cafe, 2)
  const gone = openOrder(world, { ...table, owner: null, items: rounds(1), guestCount: 2 })
  yield world.now + 15 * MINUTE
  cancelOrder(world, gone)
  yield world.inDays(cafe, 2)
  const later = openOrder(world, { ...table, owner: order.owner, items: rounds(2), guestCount: 1 })
  yield world.now + 30 * MINUTE
  closeUnpaid(world, later)
  yield world.now + 4 * MINUTE
  settle(world, later)
}

/** Orders that the till sends once they are paid, in another currency and on a scale. */
function* overTheCounter(world: World, chain: Chain): Story {
  const cafe = chain.locations.filter(({ spec }) => spec.range === 'menu').at(-1)!
  const counter = placeOf(chain, 'market')
  yield world.inDays(cafe, 1)
  const location = cafe
  recordOrder(world, { location, owner: null, type: 'takeaway', items: distinct(world, cafe, 2) })
  yield world.inDays(cafe, 1)
  const delivery = {
    location,
    owner: null,
    type: 'delivery',
    items: distinct(world, cafe, 3),
  } as const
  recordOrder(world, delivery, { voided: 1 })
  yield world.inDays(counter, 1)
  const cheese = weighed(world, counter, 1204n)
  ringUp(world, { location: counter, owner: null, lines: linesOf(world, counter, [cheese]) })
}
