/** Sales of several things, paid in several ways, for the tests of what comes back. */
import type { Shop } from './shop.ts'

export interface GoodsInput {
  /** Null: a guest. */
  customerId: string | null
  locationId: string
  receiptNumber: string
  lines: { name: string; qty: string; total: number }[]
  payments: { method: string; amount: number; reference?: string }[]
}

/** The ids of the sale and of its lines, in their order. */
export async function sellGoods(
  { sql, businessId }: Shop,
  { customerId, locationId, receiptNumber, lines, payments }: GoodsInput,
): Promise<{ id: string; lineIds: string[] }> {
  const total = lines.reduce((sum, line) => sum + line.total, 0)
  return sql.begin(async (sql) => {
    const [sale] = await sql<{ id: string }[]>`
      insert into sale (business_id, location_id, customer_id, type, status, receipt_number, currency,
        subtotal, discount_total, tax_total, tip_total, total, created_at, completed_at)
      values (${businessId}, ${locationId}, ${customerId}, 'sale', 'completed', ${receiptNumber}, 'GBP',
        ${total}, 0, 0, 0, ${total}, now(), now())
      returning id`
    const lineIds: string[] = []
    for (const [at, { name, qty, total }] of lines.entries()) {
      const [line] = await sql<{ id: string }[]>`
        insert into sale_line (business_id, sale_id, line_no, product_name, qty, unit_price,
          discount_total, tax_total, total)
        values (${businessId}, ${sale!.id}, ${at + 1}, ${name}, ${qty}::text::numeric,
          round(${total} / ${qty}::text::numeric), 0, 0, ${total})
        returning id`
      lineIds.push(line!.id)
    }
    for (const { method, amount, reference = null } of payments) {
      await sql`
        insert into sale_payment (business_id, sale_id, method, amount, reference)
        values (${businessId}, ${sale!.id}, ${method}, ${amount}, ${reference})`
    }
    return { id: sale!.id, lineIds }
  })
}
