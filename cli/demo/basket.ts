/** From what someone takes to what it costs: lines, discounts, tax, totals, tenders. Pure but for chance. */
import { divideRounded } from '../../src/domain/money.ts'
import { qtyText } from '../../src/domain/returnable.ts'
import type { Rows } from './changes.ts'
import { DAY, type Micros, monthOf, yearOf } from './clock.ts'
import { SIZE_SURCHARGE } from './products.ts'
import type { Random } from './random.ts'
import type { Location, Variant, World } from './world.ts'

/** Something in a basket. */
export interface Item {
  variant: Variant
  /** Thousandths of a unit; of a kilogram where it is weighed. */
  qty: bigint
  /** Percent off. */
  percentOff?: number
  promotionRef?: string
  bundleRef?: string
}

export type Snapshot = Omit<
  Rows['saleLine'],
  'id' | 'businessId' | 'saleId' | 'lineNo' | 'promotionRef' | 'bundleRef' | 'parentLineId'
>

export type Totals = Pick<
  Rows['sale'],
  'currency' | 'subtotal' | 'discountTotal' | 'taxTotal' | 'tipTotal' | 'total'
>

export const ONE = 1000n

/** quantity × unit price, rounded half away from zero. */
export function extended(qty: bigint, unitPrice: bigint): bigint {
  return divideRounded(qty * unitPrice, ONE)
}

/** What one unit costs now: prices rise once, a year after the demo's start. */
export function priceOf(variant: Variant, currency: string, age: Micros): bigint {
  const base = variant.product.spec.prices[currency]
  if (base === undefined)
    throw new RangeError(`${variant.product.row.name} has no ${currency} price`)
  const price = base + (variant.larger ? SIZE_SURCHARGE[currency]! : 0)
  return BigInt(age < 365 * DAY ? price : price + Math.round(price / 250) * 10)
}

/** The columns that a sale line and an order item share, as they are when it is rung up. */
export function snapshotOf(
  world: World,
  location: Location,
  item: Item,
  orderType?: Rows['order']['type'],
): Snapshot {
  const { variant, qty } = item
  const { product } = variant
  const unitPrice = priceOf(variant, location.spec.currency, world.now - world.start)
  const gross = extended(qty, unitPrice)
  const discountTotal = divideRounded(gross * BigInt(item.percentOff ?? 0), 100n)
  const { tax } = location.spec
  const rate = orderType
    ? tax[orderType === 'dine_in' ? 'dineIn' : 'takeaway']
    : tax[product.spec.goods ? 'goods' : 'food']
  const taxTotal = divideRounded((gross - discountTotal) * BigInt(rate), 100_000n)
  return {
    productId: product.row.id,
    variantId: variant.row.id,
    productName: product.row.name,
    variantName: variant.name,
    sku: variant.row.sku,
    size: variant.row.size,
    color: variant.row.color,
    categoryName: product.categoryName,
    qty: qtyText(qty),
    unitPrice,
    discountTotal,
    taxTotal,
    total: gross - discountTotal + taxTotal,
  }
}

/** The shared columns of a row that is there already. */
export function snapshotFrom(row: Snapshot): Snapshot {
  return {
    productId: row.productId,
    variantId: row.variantId,
    productName: row.productName,
    variantName: row.variantName,
    sku: row.sku,
    size: row.size,
    color: row.color,
    categoryName: row.categoryName,
    qty: row.qty,
    unitPrice: row.unitPrice,
    discountTotal: row.discountTotal,
    taxTotal: row.taxTotal,
    total: row.total,
  }
}

/** The totals of the lines that count; a tip stands apart. */
export function totalsOf(
  currency: string,
  lines: Iterable<Pick<Snapshot, 'discountTotal' | 'taxTotal' | 'total'>>,
  tipTotal = 0n,
): Totals {
  const sum: Totals = {
    currency,
    subtotal: 0n,
    discountTotal: 0n,
    taxTotal: 0n,
    tipTotal,
    total: 0n,
  }
  for (const line of lines) {
    sum.discountTotal += line.discountTotal
    sum.taxTotal += line.taxTotal
    sum.total += line.total
  }
  sum.subtotal = sum.total + sum.discountTotal - sum.taxTotal
  return sum
}

export interface Tender {
  method: string
  amount: bigint
  reference: string | null
}

/** How the amount is paid, or given back when it is negative. Nothing is tendered for nothing. */
export function tendersOf(random: Random, amount: bigint, split = random.chance(0.12)): Tender[] {
  if (amount === 0n) return []
  const card = (part: bigint) => ({
    method: 'card',
    amount: part,
    reference: `AUTH ${random.code(6)}`,
  })
  const cash = (part: bigint) => ({ method: 'cash', amount: part, reference: null })
  const voucher = (part: bigint) => ({
    method: 'voucher',
    amount: part,
    reference: `VCH-${random.code(8)}`,
  })
  if (amount < 0n) {
    return [random.weighted([card, cash, voucher], (tender) => (tender === card ? 5 : 1))(amount)]
  }
  if (!split || amount < 10n) return [random.chance(0.72) ? card(amount) : cash(amount)]
  const first = divideRounded(amount * BigInt(random.int(2, 6)), 10n)
  const leading = random.chance(0.6)
    ? { method: 'gift_card', amount: first, reference: `GC-${random.code(10)}` }
    : voucher(first)
  return [leading, random.chance(0.7) ? card(amount - first) : cash(amount - first)]
}

/** The chain's promotions by the calendar; null when none is on. */
function promotionAt(at: Micros): { ref: string; percentOff: number } | null {
  const month = monthOf(at)
  const year = yearOf(at)
  if (month === 7) return { ref: `SUMMER-SALE-${year}`, percentOff: 30 }
  if (month === 11) return { ref: `BLACK-WEEK-${year}`, percentOff: 25 }
  if (month === 1) return { ref: `WINTER-SALE-${year}`, percentOff: 40 }
  return null
}

/** What someone takes from the location's range, by chance. */
export function fillBasket(world: World, location: Location, most = 4): Item[] {
  const { random } = world
  const range = location.spec.range
  const variants = location.chain.variants[range]
  const promotion = range === 'fashion' ? promotionAt(world.now) : null
  // Nobody buys three of a coat, and many buy two coffees.
  const single = range === 'fashion' ? 20 : 7
  const count = Math.min(
    random.weighted([1, 2, 3, 4, 5, 6], (n) => 1 / n),
    most,
  )
  const items: Item[] = random.sample(variants, count).map((variant) => ({
    variant,
    qty: variant.product.spec.weighed
      ? BigInt(random.int(90, 1400))
      : random.weighted([1n, 2n, 3n], (n) => (n === 1n ? single : 1)) * ONE,
  }))
  for (const item of items) {
    if (promotion && random.chance(0.6)) {
      item.percentOff = promotion.percentOff
      item.promotionRef = promotion.ref
    } else if (random.chance(0.04)) {
      item.percentOff = 10
      item.promotionRef = 'MEMBER-10'
    }
  }
  if (range !== 'menu' && random.chance(0.06)) items.push(...bundle(world, location))
  return items
}

/** Two different things sold together for 15 % less: lines that share a bundle reference. */
export function bundle(world: World, location: Location): Item[] {
  const pool = location.chain.variants[location.spec.range].filter((v) => !v.product.spec.weighed)
  const bundleRef = `SET-${world.random.code(6)}`
  return world.random
    .sample(pool, 2)
    .map((variant) => ({ variant, qty: ONE, percentOff: 15, bundleRef }))
}
