/**
 * The stored form of a receipt's lines and payments: tuples of texts in a fixed order, trailing nulls
 * left out. Fields are only ever added at the end. All values are the source's own texts: money in
 * minor units, quantities with three decimals, times as Postgres prints them in UTC.
 */

export const LINE_FIELDS = [
  'id',
  'lineNo',
  'productId',
  'variantId',
  'productName',
  'variantName',
  'sku',
  'size',
  'color',
  'categoryName',
  'qty',
  'unitPrice',
  'discountTotal',
  'taxTotal',
  'total',
  'promotionRef',
  'bundleRef',
  'parentLineId',
  'seatNo',
  'voidedAt',
  'compedAt',
] as const
export type LineField = (typeof LINE_FIELDS)[number]

export const PAYMENT_FIELDS = ['id', 'method', 'amount', 'reference'] as const
type PaymentField = (typeof PAYMENT_FIELDS)[number]

export type Tuple = (string | null)[]

const positions = <Field extends string>(fields: readonly Field[]) =>
  Object.fromEntries(fields.map((field, at) => [field, at])) as Record<Field, number>

/** Where each field stands in a line's tuple. */
export const LINE = positions(LINE_FIELDS)

/** A tuple as an object with every field present. */
export function lineOfTuple(tuple: Tuple): Record<LineField, string | null> {
  return ofTuple(LINE_FIELDS, tuple)
}

export function paymentOfTuple(tuple: Tuple): Record<PaymentField, string | null> {
  return ofTuple(PAYMENT_FIELDS, tuple)
}

function ofTuple<Field extends string>(fields: readonly Field[], tuple: Tuple) {
  return Object.fromEntries(fields.map((field, at) => [field, tuple[at] ?? null])) as Record<
    Field,
    string | null
  >
}
