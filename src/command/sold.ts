/** A sale as returns see it: what of it is left, read from the source while it can't change. */
import { isCounted, takesGoodsBack } from '../domain/counting.ts'
import type { SoldLine, Tender } from '../domain/refund.ts'
import { remainingQuantities, thousandths } from '../domain/returnable.ts'
import { type Scope, sees } from '../domain/scope.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { Refusal } from './refusal.ts'

export interface Sale {
  id: string
  customerId: string | null
  type: string
  status: string
  currency: string
  total: bigint
}

export interface SoldLineState extends SoldLine {
  id: string
  /** In thousandths; null: nothing ever, it took something back itself. */
  remaining: bigint | null
  /** What was given back for it. */
  refunded: bigint
}

export interface Sold {
  lines: SoldLineState[]
  /** What of the money that was paid for the goods has not been given back. */
  unrefunded: bigint
  /** How it was paid, and what of each has not been given back. */
  tenders: Tender[]
}

/** Whether others are kept from changing what is read until the transaction ends. */
type Holding = 'none' | 'held'

interface SaleRow {
  id: string
  customer_id: string | null
  location_id: string
  type: string
  status: string
  currency: string
  total: string
}

/**
 * A sale that the scope shows, with its owner. Goods come back at any counter, whichever sold them.
 * @throws Refusal `purchase-not-found`, `not-returnable` for an order
 */
export async function holdSale(
  tx: Statements,
  scope: Scope,
  id: string,
  holding: Holding,
): Promise<Sale> {
  const { businessId } = scope
  const read = (lock: string) => tx<SaleRow[]>`
    select id::text, customer_id::text, location_id::text, type, status, currency, total::text
    from sale where id = ${id} and business_id = ${businessId} ${tx.unsafe(lock)}`
  let [row] = await read('')
  if (!row || !sees(scope, row.location_id)) throw await noSale(tx, scope, id)
  while (holding === 'held') {
    // The customer first, as merges do. Who merges waits, and takes the return along.
    await tx`select from customer where id = ${row.customer_id} for key share`
    const owner: string | null = row.customer_id
    // Stronger than what a reference takes: a return that a till is writing is waited for.
    ;[row] = await read('for update')
    if (!row) throw await noSale(tx, scope, id)
    if (row.customer_id === owner) break
  }
  const { customer_id: customerId, type, status, currency, total } = row
  return { id, customerId, type, status, currency, total: BigInt(total) }
}

async function noSale(tx: Statements, scope: Scope, id: string): Promise<Refusal> {
  const [order] = await tx<{ location_id: string }[]>`
    select location_id::text from "order" where id = ${id} and business_id = ${scope.businessId}`
  if (order && sees(scope, order.location_id)) {
    const message = `${id} is an order: what came with it is returned with the sale that settles it`
    return new Refusal('not-returnable', message, id)
  }
  return new Refusal('purchase-not-found', `the business has no purchase ${id}`, id)
}

interface LineRow {
  id: string
  qty: string
  discount: string
  tax: string
  total: string
}

interface ReturningRow {
  parent_line_id: string | null
  type: string
  status: string
  qty: string
  total: string
}

interface PaymentRow {
  is_original: boolean
  method: string
  reference: string | null
  amount: string
}

/** What is left of a sale that `holdSale` gave. */
export async function readSold(tx: Statements, sale: Sale, holding: Holding): Promise<Sold> {
  if (holding === 'held') {
    // A till that completes or voids a return of it, or writes a line of one, is waited for.
    await tx`select from sale where parent_sale_id = ${sale.id} order by id for share`
    await tx`select from sale_line where sale_id = ${sale.id} order by id for update`
  }
  const sold = await tx<LineRow[]>`
    select id::text, qty::text, discount_total::text as discount, tax_total::text as tax, total::text
    from sale_line where sale_id = ${sale.id} order by line_no, id`
  const returning = await tx<ReturningRow[]>`
    select l.parent_line_id::text, s.type, s.status, l.qty::text, l.total::text
    from (
      select id, sale_id from sale_line
      where parent_line_id in (select id from sale_line where sale_id = ${sale.id})
      union
      select l.id, l.sale_id from sale r join sale_line l on l.sale_id = r.id
      where r.parent_sale_id = ${sale.id}
    ) found join sale_line l using (id) join sale s on s.id = l.sale_id`
  const back = returning.filter(
    ({ type, status, qty }) =>
      takesGoodsBack(type) && isCounted('sale', status, false) && thousandths(qty) < 0n,
  )
  return {
    lines: lineStates(sold, back),
    unrefunded: back.reduce((left, { total }) => left + BigInt(total), paidFor(sale, sold)),
    tenders: await readTenders(tx, sale.id),
  }
}

function lineStates(sold: readonly LineRow[], back: readonly ReturningRow[]): SoldLineState[] {
  const asLine = (id: string | null, qty: string, parentLineId: string | null) => ({
    ...{ id, qty, parentLineId },
    voidedAt: null,
  })
  const remaining = remainingQuantities(
    sold.map(({ id, qty }) => asLine(id, qty, null)),
    back.map(({ type, qty, parent_line_id: parent }) => ({
      ...{ type, counted: true },
      lines: [asLine(null, qty, parent)],
    })),
  )
  return sold.map(({ id, qty, discount, tax, total }) => ({
    id,
    qty: thousandths(qty),
    discount: BigInt(discount),
    tax: BigInt(tax),
    total: BigInt(total),
    remaining: remaining.get(id) ?? null,
    refunded: back
      .filter(({ parent_line_id: parent }) => parent === id)
      .reduce((sum, line) => sum - BigInt(line.total), 0n),
  }))
}

/** An exchange's total is what was paid less what it took back itself. */
function paidFor({ type, total }: Sale, lines: readonly LineRow[]): bigint {
  if (!takesGoodsBack(type)) return total
  const tookBack = lines.filter(({ qty }) => thousandths(qty) < 0n)
  return tookBack.reduce((sum, line) => sum - BigInt(line.total), total)
}

/** Payments are one tender when they have method and reference in common. */
async function readTenders(tx: Statements, saleId: string): Promise<Tender[]> {
  const rows = await tx<PaymentRow[]>`
    select s.id = ${saleId} as is_original, p.method, p.reference, p.amount::text
    from sale s join sale_payment p on p.sale_id = s.id
    where s.id = ${saleId}
      or (s.parent_sale_id = ${saleId} and s.status = 'completed' and s.type in ('return', 'exchange'))
    order by s.id <> ${saleId}, p.method, p.reference, p.id`
  const tenders = new Map<string, Tender>()
  for (const { is_original: isOriginal, method, reference, amount } of rows) {
    const key = JSON.stringify([method, reference])
    const tender = tenders.get(key)
    // What was given back by other ways leaves these as they are.
    if (tender && (isOriginal || BigInt(amount) < 0n)) tender.left += BigInt(amount)
    else if (isOriginal) tenders.set(key, { method, reference, left: BigInt(amount) })
  }
  return [...tenders.values()]
}
