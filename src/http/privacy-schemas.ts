/** What the operations about people's data answer. */
import * as z from 'zod'
import { CUSTOMER_STATUSES, PURCHASE_KINDS } from '../domain/purchase.ts'
import { asOf, id, instant, purchaseInBrief, receiptAnswer, receiptLine } from './schemas.ts'

export const purgeAnswer = z
  .strictObject({
    data: z.array(z.strictObject({ customerId: id, erasedAt: instant })),
    next: z.string().meta({ description: 'Send it as `after` next time.', examples: ['4711'] }),
    more: z.boolean().meta({ description: 'Whether there is more behind `next` at once.' }),
  })
  .meta({ id: 'PurgeList' })

export const accessEntry = z
  .strictObject({
    at: instant,
    employee: z
      .strictObject({ id, name: z.string().nullable() })
      .nullable()
      .meta({ description: 'Null: a service. The name is null once the employee is gone.' }),
    role: z.string(),
    action: z.string().meta({
      description: 'The operation; `retention` for what the chain has forgotten by itself.',
      examples: ['getReceipt'],
    }),
    customerId: id.meta({ description: 'The id that was asked for.' }),
    purchaseId: id.nullable(),
    outcome: z.string().meta({
      description: '`done`, `dry-run`, or the kind of problem that was answered instead.',
      examples: ['done'],
    }),
  })
  .meta({ id: 'Access' })

export const accessesAnswer = z
  .strictObject({
    data: z.array(accessEntry),
    page: z.strictObject({ next: z.string().nullable() }),
  })
  .meta({ id: 'AccessList' })

const contact = z
  .strictObject({
    id,
    status: z.enum(CUSTOMER_STATUSES),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    externalRef: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Contact' })

const { subtotal, tax, guestCount, orderId, settledBy, payments } = receiptAnswer.shape

export const exportedPurchase = z
  .strictObject({
    ...purchaseInBrief,
    subtotal,
    tax,
    guestCount,
    orderId,
    settledBy,
    lines: z.array(receiptLine.omit({ remainingQty: true })),
    payments,
  })
  .meta({ id: 'ExportedPurchase', description: 'A receipt, without the employees.' })

export const exportAnswer = z
  .strictObject({
    format: z.literal('purchase-timeline/customer-export'),
    version: z.literal(1),
    exportedAt: z.iso.datetime(),
    customer: contact,
    mergedCustomers: z.array(contact).meta({ description: 'Whose ids lead to this customer.' }),
    merges: z.array(
      z.strictObject({
        id,
        fromCustomerId: id,
        intoCustomerId: id,
        reason: z.string().nullable(),
        mergedAt: instant,
        undoneAt: instant.nullable(),
      }),
    ),
    attributions: z.array(
      z.strictObject({
        purchaseKind: z.enum(PURCHASE_KINDS),
        purchaseId: id,
        fromCustomerId: id.nullable(),
        toCustomerId: id.nullable(),
        evidence: z.string(),
        note: z.string().nullable(),
        attributedAt: instant,
      }),
    ),
    purchases: z.array(exportedPurchase).meta({ description: 'Newest first.' }),
    accesses: z
      .array(accessEntry.omit({ employee: true }))
      .meta({ description: 'Who looked, by role, newest first.' }),
    asOf: asOf.meta({ description: 'Of the first page: all that was committed before is there.' }),
    until: asOf.meta({ description: 'Of the last page: nothing that came later is there.' }),
    complete: z.literal(true).meta({ description: 'The last member: without it, it broke off.' }),
  })
  .meta({ id: 'CustomerExport' })
