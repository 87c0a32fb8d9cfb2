/** Goods come back to a counter: a return of some lines of a sale, worth what they cost. */
import { isCounted } from '../domain/counting.ts'
import type { Money } from '../domain/money.ts'
import type { RefundTender, ReturnReason } from '../domain/purchase.ts'
import { type Piece, pieceOf, splitOver } from '../domain/refund.ts'
import { isReturnable, qtyText } from '../domain/returnable.ts'
import { actsAt, type Scope } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { Refusal } from './refusal.ts'
import { holdSale, readSold, type Sale, type Sold, type SoldLineState } from './sold.ts'

export interface ReturnInput {
  /** The sale, and where the goods are taken back, are within it. */
  scope: Scope
  /** Lower case, as all ids here. */
  purchaseId: string
  /** Where they are taken back. */
  locationId: string
  /** Who takes them back; null for a service. */
  employeeId: string | null
  /** How much of which lines, in thousandths; each line once. */
  lines: readonly { lineId: string; qty: bigint }[]
  reason: ReturnReason
  refund: RefundTender
  /** What the customer was told; null: nothing yet. */
  expectedRefund: Money | null
  /** Says what would be given back, or refuses, and changes and locks nothing. */
  dryRun?: boolean
}

export interface ReturnResult {
  /** Of the return; null of a dry run. */
  purchaseId: string | null
  receiptNumber: string | null
  /** Whose the sale is now, and so the return; null: a guest's. */
  customerId: string | null
  refund: Money
  payments: Payment[]
  /** Every line of the sale that can or could be returned. */
  lines: ReturnedLine[]
}

export interface Payment {
  method: string
  reference: string | null
  /** What is given back by it: above zero. */
  amount: bigint
}

interface ReturnedLine {
  lineId: string
  /** What comes back now, in thousandths. */
  qty: bigint
  /** What is given back for that. */
  refund: bigint
  /** What can come back later. */
  remaining: bigint
}

/**
 * Takes goods back and writes the return. How much of them is left, and what they are worth, is read from
 * the source while the sale and its lines are held: of two tills that take back the same shirt one finds
 * that none is left. A till's own return is waited for while it is being written.
 * @throws Refusal `purchase-not-found`, `location-not-found`, `line-not-found`, `not-returnable`,
 * `more-than-remains`, `refund-changed`, `refund-out-of-range`, `tender-exhausted`
 */
export async function returnPurchase(tx: Statements, input: ReturnInput): Promise<ReturnResult> {
  const { scope, dryRun = false } = input
  const sale = await holdSale(tx, scope, input.purchaseId, dryRun ? 'none' : 'held')
  if (!isReturnable({ ...sale, kind: 'sale', counted: isCounted('sale', sale.status, false) })) {
    const message = `nothing of sale ${sale.id} (${sale.type}, ${sale.status}) can be returned`
    throw new Refusal('not-returnable', message, sale.id)
  }
  await expectLocation(tx, scope, input.locationId)
  const sold = await readSold(tx, sale, dryRun ? 'none' : 'held')
  const pieces = input.lines.map(({ lineId, qty }) => ({
    lineId,
    qty,
    ...taken(sold, lineId, qty),
  }))
  const refund = { amount: sumOf(pieces, 'total'), currency: sale.currency }
  expectRefund(input, sold, refund)
  const payments = paymentsOf(input.refund, sold, refund.amount)
  const written = dryRun ? null : await write(tx, input, sale, { pieces, payments })
  return {
    purchaseId: written?.id ?? null,
    receiptNumber: written?.receiptNumber ?? null,
    customerId: sale.customerId,
    refund,
    payments,
    lines: sold.lines.flatMap(({ id, remaining }) => {
      if (remaining === null) return []
      const piece = pieces.find(({ lineId }) => lineId === id)
      const qty = piece?.qty ?? 0n
      return [{ lineId: id, qty, refund: piece?.total ?? 0n, remaining: remaining - qty }]
    }),
  }
}

async function expectLocation(tx: Statements, scope: Scope, locationId: string): Promise<void> {
  const found =
    actsAt(scope, locationId) &&
    (await tx`select from location where id = ${locationId} and business_id = ${scope.businessId}`)
  if (found && found.length > 0) return
  const message = `the business has no location ${locationId}`
  throw new Refusal('location-not-found', message, locationId)
}

/** What the piece of the line is worth. */
function taken({ lines }: Sold, lineId: string, qty: bigint): Piece {
  const line: SoldLineState | undefined = lines.find(({ id }) => id === lineId)
  if (!line) throw new Refusal('line-not-found', `the sale has no line ${lineId}`, lineId)
  if (line.remaining === null) {
    throw new Refusal('not-returnable', `line ${lineId} took something back itself`, lineId)
  }
  if (qty > line.remaining) {
    const message = `of line ${lineId} only ${qtyText(line.remaining)} can still be returned`
    throw new Refusal('more-than-remains', message, lineId)
  }
  return pieceOf(line, { qty: line.qty - line.remaining, total: line.refunded }, qty)
}

function expectRefund({ purchaseId, expectedRefund }: ReturnInput, sold: Sold, refund: Money) {
  const { amount, currency } = refund
  if (
    expectedRefund &&
    (expectedRefund.amount !== amount || expectedRefund.currency !== currency)
  ) {
    throw new Refusal('refund-changed', `the refund is ${amount} ${currency}`, purchaseId)
  }
  if (amount >= 0n && amount <= sold.unrefunded) return
  const message =
    `these lines are worth ${amount} ${currency}, and ${sold.unrefunded} are left of what was paid:` +
    ' take discounts that stand in lines of their own along'
  throw new Refusal('refund-out-of-range', message, purchaseId)
}

function paymentsOf(tender: RefundTender, sold: Sold, amount: bigint): Payment[] {
  if (tender === 'cash') return amount > 0n ? [{ method: 'cash', reference: null, amount }] : []
  const split = splitOver(amount, sold.tenders)
  if (split) return split.map(({ method, reference, amount }) => ({ method, reference, amount }))
  const message = 'less than the refund is left of the payments of the sale'
  throw new Refusal('tender-exhausted', message, null)
}

type WrittenPiece = Piece & { lineId: string; qty: bigint }

async function write(
  tx: Statements,
  { locationId, employeeId, reason, refund }: ReturnInput,
  sale: Sale,
  { pieces, payments }: { pieces: WrittenPiece[]; payments: Payment[] },
): Promise<{ id: string; receiptNumber: string }> {
  const [discount, tax, total] = (['discount', 'tax', 'total'] as const).map((amount) =>
    String(-sumOf(pieces, amount)),
  )
  // The sale is held, so the number is given out once; another till's return may have its own.
  const [row] = await tx<{ id: string; receipt_number: string }[]>`
    insert into sale (business_id, location_id, employee_id, customer_id, type, status, parent_sale_id,
      receipt_number, currency, subtotal, discount_total, tax_total, total, completed_at)
    select business_id, ${locationId}, ${employeeId}, customer_id, 'return', 'completed', id,
      coalesce(receipt_number, left(id::text, 8)) || '-R' ||
        (select count(*) + 1 from sale r where r.parent_sale_id = sale.id),
      currency, ${total!}::numeric + ${discount!}::numeric - ${tax!}::numeric,
      ${discount!}::bigint, ${tax!}::bigint, ${total!}::bigint, now()
    from sale where id = ${sale.id}
    returning id::text, receipt_number`
  const { id, receipt_number: receiptNumber } = row!
  const lines = pieces.map(({ lineId, qty, discount, tax, total }, at) => ({
    line_id: lineId,
    line_no: at + 1,
    qty: qtyText(-qty),
    discount: String(-discount),
    tax: String(-tax),
    total: String(-total),
  }))
  await tx`
    insert into sale_line (business_id, sale_id, line_no, product_id, variant_id, product_name, variant_name,
      sku, size, color, category_name, qty, unit_price, discount_total, tax_total, total, promotion_ref,
      bundle_ref, parent_line_id)
    select l.business_id, ${id}, r.line_no, l.product_id, l.variant_id, l.product_name, l.variant_name,
      l.sku, l.size, l.color, l.category_name, r.qty, l.unit_price, r.discount, r.tax, r.total,
      l.promotion_ref, l.bundle_ref, l.id
    from json_to_recordset(${JSON.stringify(lines)}::text::json)
      as r (line_id uuid, line_no int, qty numeric, discount bigint, tax bigint, total bigint)
    join sale_line l on l.id = r.line_id`
  const paid = payments.map((payment) => ({ ...payment, amount: String(-payment.amount) }))
  await tx`
    insert into sale_payment (business_id, sale_id, method, amount, reference)
    select s.business_id, s.id, p.method, p.amount, p.reference
    from sale s, json_to_recordset(${JSON.stringify(paid)}::text::json)
      as p (method text, amount bigint, reference text)
    where s.id = ${id}`
  await tx`
    insert into sale_return (business_id, sale_id, reason, refund)
    select business_id, id, ${reason}, ${refund} from sale where id = ${id}`
  return { id, receiptNumber }
}

function sumOf(pieces: readonly Piece[], amount: keyof Piece): bigint {
  return pieces.reduce((sum, piece) => sum + piece[amount], 0n)
}
