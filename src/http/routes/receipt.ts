/**
 * GET /customers/:id/purchases/:purchaseId
 *
 * A return of this purchase may be another customer's, or a guest's. The projector raises the floor of
 * whoever's receipt shows a purchase that has changed, so what remains to be returned is never old.
 */
import type * as z from 'zod'
import {
  type MaskedRelated,
  type Receipt,
  type ReceiptLine,
  type RelatedPurchase,
  readReceipt,
} from '../../read/receipt.ts'
import { cachedAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { receiptPath } from '../parameters.ts'
import { Problem } from '../problem.ts'
import {
  type maskedRelated,
  receiptAnswer,
  type receiptLine,
  type relatedPurchase,
} from '../schemas.ts'
import { purchaseBody } from './list.ts'

type ReceiptBody = Omit<
  z.infer<typeof receiptAnswer>,
  'customerId' | 'mergedFrom' | 'stale' | 'asOf'
>

export const getReceipt = operation(
  {
    id: 'getReceipt',
    method: 'GET',
    path: '/customers/{id}/purchases/{purchaseId}',
    summary: 'The receipt: lines, payments, where it came from and what was brought back',
    permission: 'purchases:read',
    params: receiptPath,
    answer: {
      status: 200,
      description: 'The receipt',
      content: receiptAnswer,
      headers: ['ETag'],
    },
    problems: ['customer-not-found', 'customer-erased', 'purchase-not-found'],
  },
  ({ c, services, path: { id: customerId, purchaseId } }) => {
    const { scope } = c.get('principal')
    return cachedAnswer(c, services, {
      key: { customerId, endpoint: 'receipt', parameters: purchaseId },
      read: (sql) => readReceipt(sql, scope, customerId, purchaseId),
      members: ({ value }): ReceiptBody => {
        if (!value) throw new Problem('purchase-not-found')
        return receiptBody(value)
      },
    })
  },
)

export function receiptBody(receipt: Receipt): ReceiptBody {
  const { currency } = receipt
  return {
    ...purchaseBody(receipt),
    employee: receipt.employee,
    subtotal: { amount: receipt.subtotal, currency },
    tax: { amount: receipt.tax, currency },
    guestCount: receipt.guestCount,
    parent: receipt.parent && relatedBody(receipt.parent),
    orderId: receipt.orderId,
    settledBy: receipt.settledBy,
    returns: receipt.returns.map(relatedBody),
    lines: receipt.lines.map((line) => ({
      ...lineBody(line, currency),
      remainingQty: line.remaining === null ? null : Number(line.remaining) / 1000,
    })),
    payments: receipt.payments.map((payment) => paymentBody(payment, currency)),
  }
}

type RelatedBody = z.infer<typeof relatedPurchase> | z.infer<typeof maskedRelated>

function relatedBody(purchase: RelatedPurchase | MaskedRelated): RelatedBody {
  if ('masked' in purchase) return maskedBody(purchase)
  const { currency, total, id, type, status, counted, occurredAt, receiptNumber, location } =
    purchase
  const money = { amount: total, currency }
  return { id, type, status, counted, occurredAt, receiptNumber, location, total: money }
}

function maskedBody({ id, masked, occurredAt }: MaskedRelated): z.infer<typeof maskedRelated> {
  const none = { type: null, status: null, counted: null, receiptNumber: null }
  return { id, masked, occurredAt, ...none, location: null, total: null }
}

export function paymentBody(
  payment: Receipt['payments'][number],
  currency: string,
): z.infer<typeof receiptAnswer>['payments'][number] {
  return {
    id: payment.id!,
    method: payment.method!,
    amount: { amount: BigInt(payment.amount!), currency },
    reference: payment.reference,
  }
}

/** A line but for what can still be returned of it. */
export function lineBody(
  line: Omit<ReceiptLine, 'remaining'>,
  currency: string,
): Omit<z.infer<typeof receiptLine>, 'remainingQty'> {
  const money = (amount: string | null) => ({ amount: BigInt(amount ?? 0), currency })
  const voided = line.voidedAt !== null
  const comped = line.compedAt !== null
  return {
    id: line.id!,
    lineNo: Number(line.lineNo),
    productId: line.productId,
    variantId: line.variantId,
    productName: line.productName ?? '',
    variantName: line.variantName,
    sku: line.sku,
    size: line.size,
    color: line.color,
    categoryName: line.categoryName,
    // numeric(12,3): at most twelve digits, which a double holds exactly enough to print them again.
    qty: Number(line.qty),
    unitPrice: money(line.unitPrice),
    discount: money(line.discountTotal),
    tax: money(line.taxTotal),
    total: money(line.total),
    promotionRef: line.promotionRef,
    bundleRef: line.bundleRef,
    parentLineId: line.parentLineId,
    seatNo: line.seatNo === null ? null : Number(line.seatNo),
    voided,
    comped,
    counted: !voided && !comped,
  }
}
