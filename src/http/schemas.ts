/**
 * What answers look like. The tests hold every answer against these, and the shapes that routes build
 * are typed by them.
 */
import * as z from 'zod'
import { CUSTOMER_STATUSES, EVIDENCE, LOCATION_KINDS, PURCHASE_KINDS } from '../domain/purchase.ts'

/**
 * An integer count of minor units, with all its digits. A reader of JSON that knows only doubles
 * loses digits beyond 2^53 in parsing; one that knows big integers does not.
 */
const minorUnits = z.union([z.bigint(), z.number().refine(Number.isInteger)]).meta({
  id: 'MinorUnits',
  description:
    'A whole number of the minor units of a currency: cents, yen, fils. All its digits are sent.',
  wire: { type: 'integer', format: 'int64' },
  examples: [4599],
})
export const id = z.guid().meta({
  wire: { type: 'string', format: 'uuid' },
  examples: ['7b1f4c8e-2f7a-4c53-9f0e-5d1c0a6e2b94'],
})
export const instant = z.iso.datetime({ precision: 6 }).meta({
  description: 'RFC 3339 in UTC, always with six decimals.',
  wire: { type: 'string', format: 'date-time' },
  examples: ['2024-03-01T09:00:00.000007Z'],
})
export const count = z
  .int()
  .min(0)
  .meta({ wire: { type: 'integer', minimum: 0 }, examples: [2] })
const currency = z
  .string()
  .min(1)
  .meta({ description: 'An ISO 4217 code.', examples: ['EUR'] })

export const money = z
  .strictObject({ amount: minorUnits, currency })
  .meta({ id: 'Money', description: 'An amount, signed.' })
const lsn = z
  .string()
  .regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)
  .meta({ examples: ['0/2A9F010'] })
export const asOf = z
  .strictObject({
    lsn,
    committedAt: instant.nullable(),
    sources: z.record(z.string(), lsn).optional(),
  })
  .meta({
    id: 'AsOf',
    description: 'All that the source had committed up to this position is in the answer.',
  })
const location = z
  .strictObject({
    id,
    name: z
      .string()
      .nullable()
      .meta({ examples: ['High Street'] }),
  })
  .meta({ id: 'Location' })

/** What all answers about one customer start with. */
const customer = {
  customerId: id,
  mergedFrom: id
    .optional()
    .meta({ description: 'Only where the id that was asked for was merged into `customerId`.' }),
  stale: z.literal(true).optional().meta({
    description: "Only on an answer from the cache while the read store can't be reached.",
  }),
}

const totals = z
  .strictObject({
    currency,
    gross: minorUnits,
    refunded: minorUnits,
    net: minorUnits,
    orderCount: count,
    returnCount: count,
    exchangeCount: count,
    averageTicket: minorUnits.nullable(),
    firstPurchaseAt: instant.nullable(),
    lastPurchaseAt: instant.nullable(),
    daysBetweenPurchases: z
      .number()
      .nullable()
      .meta({ examples: [30.5] }),
  })
  .meta({ id: 'Totals', description: 'What counts in one currency; tips are no part of it.' })

export const summaryAnswer = z
  .strictObject({ ...customer, totals: z.array(totals), asOf })
  .meta({ id: 'PurchaseSummary' })

const monthlySpending = z
  .strictObject({
    month: z
      .string()
      .regex(/^\d{4}-\d{2}$/)
      .meta({
        description: 'On the clock of the location of each purchase; of UTC where that has none.',
        examples: ['2011-12'],
      }),
    currency,
    gross: minorUnits,
    refunded: minorUnits,
    net: minorUnits,
    orderCount: count,
  })
  .meta({ id: 'MonthlySpending', description: 'What counts of one month in one currency.' })

export const spendingAnswer = z
  .strictObject({ ...customer, months: z.array(monthlySpending), asOf })
  .meta({ id: 'Spending' })

/** What a list's entry and a related purchase have in common. */
const purchase = {
  id,
  type: z.string().meta({
    description: 'sale, return, exchange, layaway_completion; dine_in, takeaway, delivery.',
    examples: ['sale'],
  }),
  status: z.string().meta({ examples: ['completed'] }),
  counted: z.boolean().meta({ description: 'Whether totals have it in them.', examples: [true] }),
  occurredAt: instant,
  receiptNumber: z
    .string()
    .nullable()
    .meta({ examples: ['R-1024'] }),
  location,
  total: money,
}

/** What a list's entry and a receipt have in common. */
export const purchaseInBrief = {
  ...purchase,
  kind: z.enum(PURCHASE_KINDS),
  refunded: money.meta({ description: 'What a return or an exchange took back.' }),
  tip: money,
  discount: money,
  itemCount: count.meta({ description: 'Its lines that are neither voided nor comped.' }),
  parentPurchaseId: id.nullable(),
}

export const listedPurchase = z
  .strictObject({
    ...purchaseInBrief,
    topItem: z
      .strictObject({
        productName: z.string().meta({ examples: ['Rain jacket'] }),
        variantName: z
          .string()
          .nullable()
          .meta({ examples: ['Green / M'] }),
      })
      .nullable()
      .meta({
        description:
          'Of its `itemCount` lines the one of the largest amount, bought or returned; each name cut to 100 characters. Null: it has no such line.',
      }),
  })
  .meta({ id: 'Purchase' })

/** What a mask leaves of a purchase elsewhere; the other members are there, and null. */
const masked = { id, masked: z.literal(true), occurredAt: instant }
const hidden = <T extends object>(shape: T) => {
  const keys = (Object.keys(shape) as (keyof T)[]).filter((key) => !(key in masked))
  return Object.fromEntries(keys.map((key) => [key, z.null()])) as {
    [key in Exclude<keyof T, keyof typeof masked>]: z.ZodNull
  }
}

export const maskedPurchase = z
  .strictObject({ ...hidden(listedPurchase.shape), ...masked, kind: listedPurchase.shape.kind })
  .meta({
    id: 'MaskedPurchase',
    description: 'A purchase elsewhere, for a token of the visibility `masked`.',
  })

const cursor = z.string().meta({ description: 'Opaque; never expires.', examples: ['AQAFEt1k'] })

export const listAnswer = z
  .strictObject({
    ...customer,
    data: z.array(z.union([listedPurchase, maskedPurchase])),
    page: z.strictObject({
      next: cursor
        .nullable()
        .meta({ description: 'The `cursor` of the next page; null at the end.' }),
    }),
    asOf,
  })
  .meta({ id: 'PurchaseList' })

export const relatedPurchase = z
  .strictObject(purchase)
  .meta({ id: 'RelatedPurchase', description: 'A purchase beside the one that was asked for.' })

export const maskedRelated = z
  .strictObject({ ...hidden(purchase), ...masked })
  .meta({ id: 'MaskedRelatedPurchase', description: 'The same, elsewhere and masked.' })

export const receiptLine = z
  .strictObject({
    id,
    lineNo: z.int(),
    productId: id.nullable(),
    variantId: id.nullable(),
    productName: z.string().meta({ examples: ['Rain jacket'] }),
    variantName: z.string().nullable(),
    sku: z.string().nullable(),
    size: z.string().nullable(),
    color: z.string().nullable(),
    categoryName: z.string().nullable(),
    qty: z.number().meta({ description: 'At most three decimals.', examples: [1] }),
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
    counted: z
      .boolean()
      .meta({ description: "Whether its total is part of the purchase's total." }),
    remainingQty: z
      .number()
      .min(0)
      .nullable()
      .meta({
        description: 'How much of it can still be returned; null where nothing ever could.',
        examples: [1],
      }),
  })
  .meta({ id: 'ReceiptLine' })

const payment = z
  .strictObject({
    id,
    method: z.string().meta({ examples: ['card'] }),
    amount: money,
    reference: z.string().nullable(),
  })
  .meta({ id: 'Payment' })

const receipt = {
  ...purchaseInBrief,
  employee: z.strictObject({ id, name: z.string().nullable() }).nullable(),
  subtotal: money,
  tax: money,
  guestCount: z.int().nullable(),
  parent: z.union([relatedPurchase, maskedRelated]).nullable(),
  orderId: id.nullable(),
  settledBy: z.array(id),
  returns: z.array(z.union([relatedPurchase, maskedRelated])),
  lines: z.array(receiptLine),
  payments: z.array(payment),
}

export const receiptAnswer = z
  .strictObject({ ...customer, ...receipt, asOf })
  .meta({ id: 'Receipt' })

export const purchaseAnswer = z
  .strictObject({
    customerId: id
      .nullable()
      .meta({ description: "Whose it is, after all merges; null: a guest's." }),
    ...receipt,
    asOf,
  })
  .meta({ id: 'PurchaseReceipt' })

/** What anyone who sees a customer at all is told of her. */
const identity = {
  name: z
    .string()
    .nullable()
    .meta({ examples: ['Anna Smith'] }),
  externalRef: z
    .string()
    .nullable()
    .meta({ examples: ['C-1042'] }),
  status: z.enum(CUSTOMER_STATUSES),
}

const phoneEnding = z
  .string()
  .regex(/^\d{4}$/)
  .nullable()
  .meta({ description: 'The last four digits of the phone number.', examples: ['0142'] })

const foundCustomer = z
  .strictObject({
    id,
    ...identity,
    phoneEnding: phoneEnding.meta({
      description:
        'The last four digits of the phone number, where another hit goes by the same name; else null.',
      examples: ['0142'],
    }),
    mergedInto: id.nullable(),
    survivor: z
      .strictObject({ id, name: identity.name, externalRef: identity.externalRef })
      .nullable()
      .meta({ description: 'Whose it all is now, after all merges; null: not merged.' }),
  })
  .meta({ id: 'FoundCustomer' })

export const customerAnswer = z
  .strictObject({
    customerId: customer.customerId,
    mergedFrom: customer.mergedFrom,
    ...identity,
    phoneEnding,
    asOf,
  })
  .meta({ id: 'Customer' })

const foundPurchase = z
  .strictObject({
    ...purchase,
    receiptNumber: z.string().meta({ examples: ['R-1024'] }),
    kind: z.enum(PURCHASE_KINDS),
    itemCount: count,
    customer: z
      .strictObject({ id, name: identity.name, status: identity.status })
      .nullable()
      .meta({ description: "Whose it is, after all merges; null: a guest's." }),
  })
  .meta({ id: 'FoundPurchase' })

export const purchaseSearchAnswer = z
  .strictObject({ data: z.array(foundPurchase), asOf })
  .meta({ id: 'PurchaseSearch' })

const visibleLocation = z
  .strictObject({
    id,
    name: z.string().meta({ examples: ['High Street'] }),
    region: z.string(),
    timezone: z.string().meta({ description: 'An IANA name.', examples: ['Europe/London'] }),
    kind: z.enum(LOCATION_KINDS),
  })
  .meta({ id: 'VisibleLocation' })

export const locationsAnswer = z
  .strictObject({ data: z.array(visibleLocation), asOf })
  .meta({ id: 'Locations' })

export const searchAnswer = z
  .strictObject({ data: z.array(foundCustomer), asOf })
  .meta({ id: 'CustomerSearch' })

const problemTypeText = z
  .string()
  .startsWith('urn:purchase-timeline:problem:')
  .meta({ wire: { type: 'string', format: 'uri' } })

const purchaseCounts = z.strictObject({ sale: count, order: count }).meta({ id: 'PurchaseCounts' })

export const mergeAnswer = z
  .strictObject({
    mergeId: id.meta({ description: 'For undoing it.' }),
    moved: purchaseCounts,
  })
  .meta({ id: 'Merge' })

export const mergePreviewAnswer = z
  .strictObject({
    moved: purchaseCounts,
    blockers: z
      .array(
        z.strictObject({
          type: problemTypeText.meta({ description: 'Of the problem that the merge would be.' }),
          culprit: id.meta({ description: 'The customer who is the reason.' }),
          detail: z.string().meta({ description: 'For people; never decide by it.' }),
        }),
      )
      .meta({ description: 'All that the merge would be refused for; empty: it would be done.' }),
  })
  .meta({ id: 'MergePreview' })

const namedPerson = z.strictObject({ id, name: z.string().nullable() }).meta({ id: 'NamedPerson' })

export const mergeHistoryAnswer = z
  .strictObject({
    customerId: customer.customerId,
    mergedFrom: customer.mergedFrom,
    data: z.array(
      z.strictObject({
        mergeId: id,
        from: namedPerson,
        into: namedPerson,
        reason: z.string().nullable(),
        mergedAt: instant,
        mergedBy: namedPerson.nullable().meta({ description: 'Null: a service.' }),
        undoneAt: instant.nullable().meta({ description: 'Null: it holds, and can be undone.' }),
      }),
    ),
  })
  .meta({ id: 'MergeHistory' })

export const attributionAnswer = z
  .strictObject({
    purchaseId: id,
    kind: z.enum(PURCHASE_KINDS),
    formerCustomerId: id.nullable().meta({ description: "Null: it was a guest's." }),
    formerEvidence: z
      .enum(EVIDENCE)
      .nullable()
      .meta({ description: 'How sure that was; null: nobody had said.' }),
    customerId: id
      .nullable()
      .meta({ description: "Whose it is: the survivor of who was named; null: a guest's." }),
    evidence: z.enum(EVIDENCE),
  })
  .meta({ id: 'Attribution' })

export const unmergeAnswer = z
  .strictObject({ fromCustomerId: id, survivorId: id, movedBack: purchaseCounts })
  .meta({ id: 'Unmerge' })

export const suggestionsAnswer = z
  .strictObject({
    customerId: customer.customerId,
    mergedFrom: customer.mergedFrom,
    data: z.array(
      z.strictObject({
        id,
        name: z.string().nullable(),
        externalRef: z.string().nullable(),
        matches: z.array(
          z.strictObject({
            on: z.enum(['phone', 'email']),
            hint: z.string().meta({ description: 'Masked.', examples: ['•••567'] }),
          }),
        ),
      }),
    ),
    asOf,
  })
  .meta({ id: 'MergeSuggestions' })

export const returnAnswer = z
  .strictObject({
    purchaseId: id.nullable().meta({ description: 'Of the return; null of a dry run.' }),
    receiptNumber: z
      .string()
      .nullable()
      .meta({ examples: ['R-1024-R1'] }),
    customerId: id
      .nullable()
      .meta({ description: "Whose the sale is now, and so the return; null: a guest's." }),
    refund: money,
    payments: z
      .array(
        z.strictObject({ method: z.string(), reference: z.string().nullable(), amount: money }),
      )
      .meta({ description: 'What is given back by which way; the return holds it as negative.' }),
    lines: z
      .array(
        z.strictObject({
          lineId: id,
          qty: z.number().min(0).meta({ description: 'What comes back now.' }),
          refund: money,
          remainingQty: z.number().min(0).meta({ description: 'What can come back later.' }),
        }),
      )
      .meta({ description: 'Every line of the sale that can, or could, come back.' }),
  })
  .meta({ id: 'Return' })

export const erasureAnswer = z
  .strictObject({
    customerIds: z
      .array(id)
      .meta({ description: 'The customer, and all that were merged into it.' }),
    detached: purchaseCounts,
    merges: count.meta({ description: 'Merges whose reasons and ledgers go.' }),
  })
  .meta({ id: 'Erasure' })

export const healthAnswer = z.strictObject({ status: z.literal('up') }).meta({ id: 'Health' })

const projectionPhase = z.string().meta({
  description: '`live`; `not-started` before the first copy; `unknown` when it can not be read.',
  examples: ['live'],
})

export const readyAnswer = z
  .strictObject({
    status: z.enum(['ready', 'not-ready']),
    checks: z.strictObject({
      store: z.enum(['ok', 'unreachable']),
      schema: z.enum(['ok', 'missing', 'unknown']),
      projection: projectionPhase,
    }),
    detail: z.string().optional(),
    asOf: asOf.optional(),
  })
  .meta({ id: 'Readiness' })

export const problem = z
  .looseObject({
    type: problemTypeText,
    title: z.string(),
    status: z.int().meta({ wire: { type: 'integer', minimum: 400, maximum: 599 } }),
    detail: z.string().meta({ description: 'For people; never decide by it.' }),
    parameter: z.string().optional().meta({ description: 'The first parameter that is wrong.' }),
    errors: z.array(z.strictObject({ parameter: z.string(), detail: z.string() })).optional(),
    violatedPolicies: z
      .array(z.string())
      .optional()
      .meta({ description: 'The quotas that were used up.' }),
    traceId: z.string().optional().meta({ description: 'Of this request; logs have it, too.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. `type` is stable and says what went wrong.' })
