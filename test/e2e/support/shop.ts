/** What the tests put into the source of a running stack besides the demo: a regular with a long history. */
import postgres from 'postgres'
import { until } from '../../support/pt.ts'

export interface Shop {
  sql: postgres.Sql
  read: postgres.Sql
  businessId: string
  locations: { id: string; name: string }[]
}

export async function openShop(
  { sourceUrl, readUrl }: { sourceUrl: string; readUrl: string },
  business: string,
): Promise<Shop> {
  const sql = postgres(sourceUrl, { max: 1, onnotice() {} })
  const read = postgres(readUrl, { max: 1, onnotice() {} })
  const [row] = await sql<{ id: string }[]>`select id from business where name = ${business}`
  const locations = await sql<{ id: string; name: string }[]>`
    select id, name from location where business_id = ${row!.id} order by name`
  return { sql, read, businessId: row!.id, locations: [...locations] }
}

export async function closeShop({ sql, read }: Shop): Promise<void> {
  await Promise.all([sql.end({ timeout: 1 }), read.end({ timeout: 1 })])
}

/** Resolves when the read model has it: a search that comes before finds nobody. */
export async function addCustomer(
  { sql, read, businessId }: Shop,
  name: string,
  reference: string,
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into customer (business_id, name, external_ref, phone, status)
    values (${businessId}, ${name}, ${reference}, '+44 20 7946 0991', 'active') returning id`
  await until(async () => {
    const [card] = await read`select 1 from customer_card where customer_id = ${row!.id}`
    return card
  }, `${name} is not in the read model`)
  return row!.id
}

/** Resolves when the read model has the purchase, and thereby all that was committed before it. */
export async function untilRead({ read }: Shop, purchaseId: string): Promise<void> {
  await until(async () => {
    const [entry] = await read`select 1 from purchase_timeline where purchase_id = ${purchaseId}`
    return entry
  }, `${purchaseId} is not in the read model`)
}

interface SaleInput {
  /** Null: a guest's. */
  customerId: string | null
  locationId: string
  receiptNumber: string
  total: number
  /** ISO 8601. */
  at: string
  status?: 'completed' | 'voided'
  productName?: string
}

/** A sale of one thing, for cash. The tax is in the price. */
export async function ringUp({ sql, businessId }: Shop, input: SaleInput): Promise<string> {
  const { customerId, locationId, receiptNumber, total, at } = input
  const { status = 'completed', productName = 'Canvas tote' } = input
  return sql.begin(async (sql) => {
    const [sale] = await sql<{ id: string }[]>`
      insert into sale (business_id, location_id, customer_id, type, status, receipt_number, currency,
        subtotal, discount_total, tax_total, tip_total, total, created_at, completed_at)
      values (${businessId}, ${locationId}, ${customerId}, 'sale', ${status}, ${receiptNumber}, 'GBP',
        ${total}, 0, 0, 0, ${total}, ${at}::text::timestamptz, ${at}::text::timestamptz)
      returning id`
    await sql`
      insert into sale_line (business_id, sale_id, line_no, product_name, qty, unit_price, discount_total, tax_total, total)
      values (${businessId}, ${sale!.id}, 1, ${productName}, 1, ${total}, 0, 0, ${total})`
    await sql`
      insert into sale_payment (business_id, sale_id, method, amount)
      values (${businessId}, ${sale!.id}, 'cash', ${total})`
    return sale!.id
  })
}
