/** The day a chain joins the system: its stores, staff and catalogue, in one source transaction. */
import type { ChainSpec, Range } from './chains.ts'
import { type Change, insert, type Rows } from './changes.ts'
import { nameOf } from './people.ts'
import { CATEGORIES, type ProductSpec } from './products.ts'
import type { Chain, Location, Product, Variant, World } from './world.ts'

interface OpeningOptions {
  /** Only the stores, and the few products, that the tiny demo needs. */
  tiny: boolean
  products: readonly ProductSpec[]
}

/** The tiny demo takes this many products of each range, with at most two variants of each. */
const TINY_PRODUCTS = 4

export function openChain(
  world: World,
  spec: ChainSpec,
  businessId: string,
  { tiny, products }: OpeningOptions,
): Chain {
  const business: Rows['business'] = {
    id: businessId,
    name: spec.name,
    defaultCurrency: spec.defaultCurrency,
    timezone: spec.timezone,
  }
  const changes = [insert('business', business)]
  const manager = employ(world, businessId, spec.regions[0]!.cultures[0]![0], 'manager')
  changes.push(insert('employee', manager))
  const chain: Chain = {
    spec,
    business,
    locations: [],
    manager,
    products: [],
    variants: { fashion: [], menu: [], market: [] },
    customers: [],
  }
  for (const location of spec.locations) {
    if (tiny && !location.tiny) continue
    chain.locations.push(openLocation(world, chain, location, tiny ? 1 : 3, changes))
  }
  stock(world, chain, tiny ? fewOf(products) : products, tiny, changes)
  world.emit(changes)
  return chain
}

function openLocation(
  world: World,
  chain: Chain,
  spec: Location['spec'],
  staffCount: number,
  changes: Change[],
): Location {
  const row: Rows['location'] = {
    id: world.uuid(),
    businessId: chain.business.id,
    name: spec.name,
    region: spec.region,
    timezone: spec.timezone,
    kind: spec.range === 'menu' ? 'restaurant' : 'retail',
  }
  changes.push(insert('location', row))
  const { cultures } = chain.spec.regions.find((region) => region.name === spec.region)!
  const role = spec.range === 'menu' ? 'server' : 'cashier'
  const staff = Array.from({ length: staffCount }, () => {
    const [culture] = world.random.weighted(cultures, ([, weight]) => weight)
    return employ(world, chain.business.id, culture, role)
  })
  changes.push(...staff.map((employee) => insert('employee', employee)))
  return { row, spec, chain, staff, receipts: 0 }
}

function employ(
  world: World,
  businessId: string,
  culture: Parameters<typeof nameOf>[1],
  role: string,
): Rows['employee'] {
  return { id: world.uuid(), businessId, displayName: nameOf(world.random, culture).name, role }
}

function fewOf(products: readonly ProductSpec[]): ProductSpec[] {
  const taken = new Map<Range, number>()
  return products.filter(({ range }) => {
    const count = taken.get(range) ?? 0
    taken.set(range, count + 1)
    return count < TINY_PRODUCTS
  })
}

function stock(
  world: World,
  chain: Chain,
  products: readonly ProductSpec[],
  tiny: boolean,
  changes: Change[],
): void {
  const categories = new Map<string, string>()
  const categoryId = (name: string, parentId: string | null): string => {
    const known = categories.get(name)
    if (known) return known
    const row: Rows['category'] = {
      id: world.uuid(),
      businessId: chain.business.id,
      parentId,
      name,
    }
    categories.set(name, row.id)
    changes.push(insert('category', row))
    return row.id
  }
  let serial = 0
  for (const spec of products) {
    const parent = categoryId(CATEGORIES[spec.range][spec.category]!, null)
    const row: Rows['product'] = {
      id: world.uuid(),
      businessId: chain.business.id,
      categoryId: categoryId(spec.category, parent),
      name: spec.name,
      brand: spec.brand,
    }
    const product: Product = { row, spec, categoryName: spec.category }
    chain.products.push(product)
    changes.push(insert('product', row))
    const code = `${chain.spec.skuPrefix}-${String(++serial * 10).padStart(4, '0')}`
    const variants = variantsOf(world, product, code).slice(0, tiny ? 2 : undefined)
    chain.variants[spec.range].push(...variants)
    changes.push(...variants.map((variant) => insert('productVariant', variant.row)))
  }
}

/** Every size in every colour; one without either where there is nothing to choose. */
function variantsOf(world: World, product: Product, code: string): Variant[] {
  const { sizes, colors, range } = product.spec
  const variants: Variant[] = []
  for (const color of colors.length > 0 ? colors : [null]) {
    for (const [at, size] of (sizes.length > 0 ? sizes : [null]).entries()) {
      const choice = [color, size].filter((part) => part !== null)
      const suffix = choice.map((part) => `-${part.slice(0, 5).toUpperCase()}`).join('')
      variants.push({
        row: {
          id: world.uuid(),
          businessId: product.row.businessId,
          productId: product.row.id,
          sku: code + suffix,
          size,
          color,
        },
        product,
        name: choice.length > 0 ? choice.join(' / ') : null,
        larger: range !== 'fashion' && at > 0,
      })
    }
  }
  return variants
}
