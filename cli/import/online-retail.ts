/**
 * The Online Retail format: its header, and one record of it → one invoice line, or the reason why it
 * is none. Pure. Reasons name the column and the rule, never the value: reports go to logs.
 */
import { minorDigits, multiplyToMinor } from '../../src/domain/money.ts'
import { DATE_FORMS, type DateOrder, wallClock } from './dates.ts'
import { ZoneClock } from './zoned-time.ts'

/** The shop that every file of this format belongs to. */
export const SHOP = {
  business: 'Online Retail',
  currency: 'GBP',
  timezone: 'Europe/London',
} as const

const COLUMNS = {
  invoice: ['InvoiceNo', 'Invoice'],
  sku: ['StockCode'],
  description: ['Description'],
  quantity: ['Quantity'],
  date: ['InvoiceDate'],
  price: ['UnitPrice', 'Price'],
  customer: ['CustomerID', 'Customer ID'],
  country: ['Country'],
} as const

type Column = keyof typeof COLUMNS
/** Where each column stands in a record. */
export type Positions = Record<Column, number>

/** One invoice line as the source will hold it. Money in minor units, rounded half away from zero. */
export interface InvoiceLine {
  invoice: string
  sku: string
  description: string | null
  /** A plain decimal that fits numeric(12,3). */
  qty: string
  unitPrice: bigint
  total: bigint
  /** ISO 8601, UTC. */
  soldAt: string
  /** null: a guest. */
  customer: string | null
  country: string
}

/**
 * The columns of a header, in any order and both spellings; or, in words, what is wrong with it. A
 * column of no known name is refused: dropping it would lose what it says.
 */
export function readHeader(fields: readonly string[]): Positions | string {
  const positions: Partial<Positions> = {}
  for (const [index, field] of fields.entries()) {
    const column = (Object.keys(COLUMNS) as Column[]).find((name) =>
      COLUMNS[name].some((spelling) => fold(spelling) === fold(field)),
    )
    if (!column) return `its header has an unknown column ${JSON.stringify(field.slice(0, 40))}`
    if (positions[column] !== undefined) return `its header has ${COLUMNS[column][0]} twice`
    positions[column] = index
  }
  const missing = (Object.keys(COLUMNS) as Column[]).filter((name) => positions[name] === undefined)
  if (missing.length === 0) return positions as Positions
  return `its header lacks ${missing.map((name) => COLUMNS[name].join(' or ')).join(', ')}`
}

const fold = (name: string) => name.trim().toLowerCase()

/** An index on a text has a limit; no real code, number or country comes near this one. */
const MAX_KEY = 200
const MAX_QTY = 10n ** 12n
const MAX_MONEY = 2n ** 63n - 1n
const DIGITS = minorDigits(SHOP.currency)
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/
const MAX_DECIMAL = 40
const CUSTOMER = /^(\d+)(?:\.0*)?$/
const clock = new ZoneClock(SHOP.timezone)

/** One record of a file with dates in that order, as an invoice line, or the reason why it cannot be imported. */
export function readLine(
  fields: readonly string[],
  at: Positions,
  order: DateOrder,
): InvoiceLine | string {
  const text = (column: Column) => fields[at[column]]!.trim()

  const invoice = text('invoice')
  if (invoice === '') return 'InvoiceNo is empty'
  if (invoice.length > MAX_KEY) return 'InvoiceNo is too long'

  const sku = text('sku')
  if (sku === '') return 'StockCode is empty'
  if (sku.length > MAX_KEY) return 'StockCode is too long'

  const qty = quantityOf(text('quantity'))
  if ('reason' in qty) return qty.reason
  const price = priceOf(text('price'))
  if ('reason' in price) return price.reason
  const total = multiplyToMinor(qty.decimal, price.decimal, DIGITS)
  if (magnitude(total) > MAX_MONEY) return 'Quantity × UnitPrice is too large'

  const soldAt = INSTANTS[order](text('date'))
  if (soldAt === null) return `InvoiceDate is not a date and time ${DATE_FORMS[order]}`

  const customer = CUSTOMER.exec(text('customer'))
  if (!customer && text('customer') !== '') return 'CustomerID is not a whole number'
  if (customer && customer[1]!.length > MAX_KEY) return 'CustomerID is too long'

  const country = text('country')
  if (country === '') return 'Country is empty'
  if (country.length > MAX_KEY) return 'Country is too long'

  const description = text('description') || null
  return {
    invoice,
    sku,
    description,
    qty: qty.decimal,
    unitPrice: price.minor,
    total,
    soldAt,
    customer: customer?.[1] ?? null,
    country,
  }
}

/** A year of a shop has few different quantities, prices and minutes: each is worked out once. */
function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (text.length > MAX_DECIMAL) return work(text)
    // A field is a view into its chunk of the file: what is kept must not keep the chunk.
    const own = Buffer.from(text).toString()
    const result = work(own)
    if (known.size >= 10_000) known.clear()
    known.set(own, result)
    return result
  }
}

const quantityOf = remembered((text): { decimal: string } | { reason: string } => {
  const qty = decimal(text)
  if (qty === null) return { reason: 'Quantity is not a number' }
  const thousandths = scaled(qty, 3)
  if (thousandths === null) return { reason: 'Quantity has more than three decimals' }
  if (magnitude(thousandths) >= MAX_QTY) return { reason: 'Quantity is too large' }
  return { decimal: qty }
})

const priceOf = remembered((text): { decimal: string; minor: bigint } | { reason: string } => {
  const price = decimal(text)
  if (price === null) return { reason: 'UnitPrice is not a number' }
  const minor = multiplyToMinor('1', price, DIGITS)
  if (magnitude(minor) > MAX_MONEY) return { reason: 'UnitPrice is too large' }
  return { decimal: price, minor }
})

/** The decimal without what it can do without, or null when it is none. */
function decimal(text: string): string | null {
  const match = text.length <= MAX_DECIMAL ? DECIMAL.exec(text) : null
  if (!match || (!match[2] && !match[3])) return null
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  return `${match[1] === '-' ? '-' : ''}${match[2] || '0'}${fraction && `.${fraction}`}`
}

/** The decimal × 10^digits, or null when that is no whole number. */
function scaled(text: string, digits: number): bigint | null {
  const [whole, fraction = ''] = text.split('.')
  const kept = fraction.padEnd(digits, '0').slice(0, digits)
  return /[1-9]/.test(fraction.slice(digits)) ? null : BigInt(whole + kept)
}

const magnitude = (value: bigint) => (value < 0n ? -value : value)

/** The shop's local time as an instant, or null when the calendar has no such day or time. */
const instantIn = (order: DateOrder) =>
  remembered((text): string | null => {
    const wall = wallClock(text, order)
    return wall === null ? null : new Date(clock.instant(wall)).toISOString()
  })

const INSTANTS: Record<DateOrder, (text: string) => string | null> = {
  ymd: instantIn('ymd'),
  dmy: instantIn('dmy'),
  mdy: instantIn('mdy'),
}
