/** What a story takes off the shelf, and where. */
import { type Item, ONE } from './basket.ts'
import type { Range } from './chains.ts'
import type { Chain, Location, World } from './world.ts'

/** The chain's first location that sells the range. */
export function placeOf(chain: Chain, range: Range): Location {
  return chain.locations.find(({ spec }) => spec.range === range)!
}

/** The chain's first store and its last. */
export function ends(locations: Location[]): [Location, Location] {
  return [locations[0]!, locations.at(-1)!]
}

/** `count` different things by the piece, one of each. */
export function distinct(world: World, location: Location, count: number): Item[] {
  const range = location.chain.variants[location.spec.range]
  const pieces = range.filter(({ product }) => !product.spec.weighed)
  return world.random.sample(pieces, count).map((variant) => ({ variant, qty: ONE }))
}

/** Something from the scale, of this weight in grams. */
export function weighed(world: World, location: Location, qty: bigint): Item {
  const range = location.chain.variants[location.spec.range]
  return { variant: world.random.pick(range.filter(({ product }) => product.spec.weighed)), qty }
}

/** The same product in another size or colour, if there is one. */
export function otherSize(location: Location, { variant, qty }: Item): Item {
  const range = location.chain.variants[location.spec.range]
  const other = range.find((each) => each.product === variant.product && each !== variant)
  return { variant: other ?? variant, qty }
}

/** One of the cheapest thing there is. */
export function cheapest(location: Location): Item {
  const { currency, range } = location.spec
  const price = (item: Item) => item.variant.product.spec.prices[currency]!
  return location.chain.variants[range]
    .map((variant) => ({ variant, qty: ONE }))
    .reduce((least, item) => (price(item) < price(least) ? item : least))
}
