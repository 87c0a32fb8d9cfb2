/**
 * Two years of two chains as source transactions: a pure function of seed, size and end. Nothing
 * here reads a clock, a locale's default or a database, so every run yields the same bytes.
 */

import { fillBasket } from './basket.ts'
import { FASHION, FOOD } from './chains.ts'
import type { SourceTransaction } from './changes.ts'
import { DAY, type Micros } from './clock.ts'
import { openChain } from './opening.ts'
import { openOrder } from './orders.ts'
import { FASHION_PRODUCTS, FOOD_PRODUCTS } from './products.ts'
import { Random } from './random.ts'
import { STORY_DAYS, tellStories } from './stories.ts'
import { planMembers, planStar, planVisits } from './traffic.ts'
import { World } from './world.ts'

export type DemoSize = 'tiny' | 'normal'

export interface DemoOptions {
  /** Default 1. Another seed gives other people, baskets and ids. */
  seed?: number
  /** `normal`: some 6,000 purchases in two years. `tiny`: each story once, to be read in a diff. */
  size?: DemoSize
  /** Where the demo's time ends. Fixed unless it is said, so that a demo does not depend on today. */
  until?: Date
}

/**
 * Part of every seed. Must change whenever the generator yields other rows than before, so that a
 * demo begun by an older version is never finished by this one; `test/demo/generate.test.ts` holds
 * the fingerprint that tells.
 */
export const DEMO_VERSION = 3

export const DEMO_UNTIL = new Date('2026-11-01T00:00:00Z')

/** What the demo's chains are called: the names are unique in a source. */
export const DEMO_BUSINESS_NAMES: readonly string[] = [FASHION.name, FOOD.name]

interface Scale {
  days: number
  members: { fashion: number; food: number }
  visits: { fashion: number; food: number }
  star: number
  stories: number
}

const SCALES: Record<DemoSize, Scale> = {
  tiny: {
    days: STORY_DAYS + 15,
    members: { fashion: 0, food: 0 },
    visits: { fashion: 0, food: 0 },
    star: 0,
    stories: 1,
  },
  normal: {
    days: 730,
    members: { fashion: 120, food: 135 },
    visits: { fashion: 2250, food: 2850 },
    star: 400,
    stories: 5,
  },
}

/** The ids by which a source is known to hold this demo, all of it or some. */
interface DemoIdentity {
  fashionId: string
  foodId: string
  /** A customer worth looking at first. */
  example: { business: string; customerId: string }
  /** The order that the last transaction opens. */
  lastOrderId: string
}

/** The ids of a demo, without making it. */
export function demoIdentity(options: DemoOptions = {}): DemoIdentity {
  const { start, until } = periodOf(options)
  const random = new Random(`${seedOf(options)} identity`)
  const hasStar = SCALES[options.size ?? 'normal'].star > 0
  return {
    fashionId: random.uuid(start),
    foodId: random.uuid(start),
    example: { business: (hasStar ? FOOD : FASHION).name, customerId: random.uuid(start) },
    lastOrderId: random.uuid(until),
  }
}

/** Everything the demo's tills write, oldest first. Ends with an insert of `lastOrderId`. */
export function* demoTransactions(options: DemoOptions = {}): Generator<SourceTransaction> {
  const scale = SCALES[options.size ?? 'normal']
  const tiny = options.size === 'tiny'
  const ids = demoIdentity(options)
  const { start, until } = periodOf(options)
  const world = new World(new Random(seedOf(options)), start, until)

  const fashion = openChain(world, FASHION, ids.fashionId, { tiny, products: FASHION_PRODUCTS })
  const food = openChain(world, FOOD, ids.foodId, { tiny, products: FOOD_PRODUCTS })
  planMembers(world, fashion, scale.members.fashion)
  planMembers(world, food, scale.members.food)
  if (scale.star > 0) planStar(world, food, scale.star, ids.example.customerId)
  planVisits(world, fashion, scale.visits.fashion)
  planVisits(world, food, scale.visits.food)
  const room = until - start - (STORY_DAYS + 10) * DAY
  for (let n = 0; n < scale.stories; n++) {
    const from = start + DAY + Math.floor((n / scale.stories) * room)
    const first = scale.star === 0 && n === 0
    tellStories(world, { fashion, food, from, ...(first && { regularId: ids.example.customerId }) })
  }
  yield* world.run()

  // A table is taken as the demo ends. It is the mark that nothing is missing.
  const location = food.locations[0]!
  const items = fillBasket(world, location, 2)
  openOrder(world, { id: ids.lastOrderId, location, owner: null, type: 'dine_in', items })
  yield* world.run()
}

function periodOf({ size = 'normal', until = DEMO_UNTIL }: DemoOptions) {
  const end: Micros = until.getTime() * 1000
  if (!Number.isSafeInteger(end)) throw new RangeError('the end of the demo is no date')
  return { start: end - SCALES[size].days * DAY, until: end }
}

function seedOf({ seed = 1, size = 'normal', until = DEMO_UNTIL }: DemoOptions): string {
  return `demo ${DEMO_VERSION} ${size} ${until.toISOString()} ${seed}`
}
