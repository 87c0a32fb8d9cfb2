/**
 * What answers look like. The tests hold every answer against these, and the shapes that routes build
 * are typed by them.
 */
import * as z from 'zod'
import { CUSTOMER_STATUSES, PURCHASE_KINDS } from '../domain/purchase.ts'

/**
 * An integer count of minor units, with all its digits. A reader of JSON that knows only doubles
 * loses digits beyond 2^53 in parsing; one that knows big integers does not.
 */
const minorUnits = z.union([z.bigint(), z.number().refine(Number.isInteger)])
const id = z.guid()
const instant = z.iso.datetime({ precision: 6 })
const count = z.int().min(0)

export const money = z.strictObject({ amount: minorUnits, currency: z.string().min(1) })
const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)
export const asOf = z.strictObject({
  lsn,
  committedAt: instant.nullable(),
  sources: z.record(z.string(), lsn).optional(),
})
const location = z.strictObject({ id, name: z.string().nullable() })

/** What all answers about one customer start with. */
const customer = {
  customerId: id,
  /** Only where the id that was asked for has been merged into `customerId`. */
  mergedFrom: id.optional(),
  /** Only on an answer from the cache while the read store can't be reached. */
  stale: z.literal(true).optional(),
}

export const summaryAnswer = z.strictObject({
  ...customer,
  totals: z.array(
    z.strictObject({
      currency: z.string(),
      gross: minorUnits,
      refunded: minorUnits,
      net: minorUnits,
      orderCount: count,
      returnCount: count,
      exchangeCount: count,
      averageTicket: minorUnits.nullable(),
      firstPurchaseAt: instant.nullable(),
      lastPurchaseAt: instant.nullable(),
      daysBetweenPurchases: z.number().nullable(),
    }),
  ),
  asOf,
})

export const listedPurchase = z.strictObject({
  id,
  kind: z.enum(PURCHASE_KINDS),
  type: z.string(),
  status: z.string(),
  counted: z.boolean(),
  occurredAt: instant,
  receiptNumber: z.string().nullable(),
  location,
  total: money,
  refunded: money,
  tip: money,
  discount: money,
  itemCount: count,
  parentPurchaseId: id.nullable(),
})

export const listAnswer = z.strictObject({
  ...customer,
  data: z.array(listedPurchase),
  page: z.strictObject({ next: z.string().nullable() }),
  asOf,
})

export const relatedPurchase = z.strictObject({
  id,
  type: z.string(),
  status: z.string(),
  counted: z.boolean(),
  occurredAt: instant,
  receiptNumber: z.string().nullable(),
  location,
  total: money,
})

export const receiptLine = z.strictObject({
  id,
  lineNo: z.int(),
  productId: id.nullable(),
  variantId: id.nullable(),
  productName: z.string(),
  variantName: z.string().nullable(),
  sku: z.string().nullable(),
  size: z.string().nullable(),
  color: z.string().nullable(),
  categoryName: z.string().nullable(),
  qty: z.number(),
  unitPrice: money,
  discount: money,
  tax: money,
  total: money,
  promotionRef: z.string().nullable(),
  bundleRef: z.string().nullable(),
  parentLineId: id.nullable(),
  seatNo: z.int().nullable(),
  voided: z.boolean(),
  comped: z.boolean(),
  /** Whether its total is part of the purchase's total. */
  counted: z.boolean(),
  /** How much of it can still be returned; null where nothing ever could. */
  remainingQty: z.number().min(0).nullable(),
})

export const receiptAnswer = z.strictObject({
  ...customer,
  ...listedPurchase.shape,
  employee: z.strictObject({ id, name: z.string().nullable() }).nullable(),
  subtotal: money,
  tax: money,
  guestCount: z.int().nullable(),
  parent: relatedPurchase.nullable(),
  orderId: id.nullable(),
  settledBy: z.array(id),
  returns: z.array(relatedPurchase),
  lines: z.array(receiptLine),
  payments: z.array(
    z.strictObject({ id, method: z.string(), amount: money, reference: z.string().nullable() }),
  ),
  asOf,
})

export const searchAnswer = z.strictObject({
  data: z.array(
    z.strictObject({
      id,
      name: z.string().nullable(),
      externalRef: z.string().nullable(),
      status: z.enum(CUSTOMER_STATUSES),
      mergedInto: id.nullable(),
    }),
  ),
  asOf,
})

const purchaseCounts = z.strictObject({ sale: count, order: count })

export const mergeAnswer = z.strictObject({
  /** For undoing it; null of a dry run. */
  mergeId: id.nullable(),
  moved: purchaseCounts,
})

export const unmergeAnswer = z.strictObject({
  fromCustomerId: id,
  survivorId: id,
  movedBack: purchaseCounts,
})

export const healthAnswer = z.strictObject({ status: z.literal('up') })

export const readyAnswer = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  checks: z.strictObject({
    store: z.enum(['ok', 'unreachable']),
    schema: z.enum(['ok', 'missing', 'unknown']),
    /** The projection's phase; `not-started` before the first copy, `unknown` when it can't be read. */
    projection: z.string(),
  }),
  detail: z.string().optional(),
  asOf: asOf.optional(),
})

export const problem = z.looseObject({
  type: z.string().startsWith('urn:purchase-timeline:problem:'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  parameter: z.string().optional(),
  errors: z.array(z.strictObject({ parameter: z.string(), detail: z.string() })).optional(),
})
