/** Customers who stretch the screens: names, amounts, currencies and histories at their ends. */
import { type Shop, untilRead } from './shop.ts'

/** One more than a double holds, in pennies. */
const BEYOND_DOUBLES = 2n ** 53n + 1n
export const LINES = 200

/** Their references. */
export const EXTREMES = {
  unbroken: 'X-UNBROKEN',
  nameless: 'X-NAMELESS',
  rightToLeft: 'X-RTL',
  debt: 'X-DEBT',
  zero: 'X-ZERO',
  huge: 'X-HUGE',
  currencies: 'X-CURRENCIES',
  longReceipt: 'X-LONG',
} as const

const UNBROKEN = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)

/** Writes all of them. Resolves when the read model has them. */
export async function addExtremes(shop: Shop): Promise<void> {
  const { unbroken, nameless, rightToLeft, debt, zero, huge, currencies, longReceipt } = EXTREMES
  await add(shop, unbroken, UNBROKEN, [{ total: 1999n, product: UNBROKEN }])
  await add(shop, nameless, null, [{ total: 1999n }])
  await add(shop, rightToLeft, 'محمد عبد الرحمن السيد', [
    { total: 1999n, product: 'قميص قطني أبيض' },
  ])
  await add(shop, debt, 'Dora Debt', [{ total: 5000n }, { total: -123_461_789n }])
  await add(shop, zero, 'Zoe Zero', [{ total: 4999n }, { total: -4999n }])
  await add(shop, huge, 'Hugo Huge', [{ total: BEYOND_DOUBLES }, { total: -BEYOND_DOUBLES - 2n }])
  await add(shop, currencies, 'Thea Threefold', [
    { total: 1_234_567n, currency: 'JPY' },
    { total: 1_234_567n, currency: 'KWD' },
    { total: 1_234_567n, currency: 'EUR' },
  ])
  const last = await add(shop, longReceipt, 'Lara Longreceipt', [
    { total: BigInt(LINES) * 250n, lines: LINES },
  ])
  await untilRead(shop, last)
}

/** A customer of so many purchases, one an hour. Resolves when the read model has them. */
export async function addCrowd(shop: Shop, reference: string, purchases: number): Promise<void> {
  const { sql, businessId, locations } = shop
  const customerId = await addPerson(shop, reference, 'Cora Crowd')
  const [sale] = await sql<{ id: string }[]>`
    insert into sale (business_id, location_id, customer_id, type, status, receipt_number, currency, subtotal,
      total, created_at, completed_at)
    select ${businessId}, (array[${locations[0]!.id}, ${locations[1]!.id}]::text[]::uuid[])[1 + n % 2], ${customerId},
      case when n % 10 = 0 then 'return' else 'sale' end, 'completed', 'C-' || n, 'GBP', amount, amount, at, at
    from generate_series(1, ${purchases}::int) n,
      lateral (select timestamptz '2026-10-01 12:00Z' - n * interval '1 hour' as at,
        case when n % 10 = 0 then -1 else 1 end * (500 + n % 9000) as amount)
    returning id`
  await untilRead(shop, sale!.id)
}

interface Bought {
  /** Minor units; below zero it is a return. */
  total: bigint
  currency?: string
  product?: string
  lines?: number
}

/** Resolves to the last of the sales. */
async function add(
  shop: Shop,
  reference: string,
  name: string | null,
  bought: Bought[],
): Promise<string> {
  const { sql, businessId, locations } = shop
  const customerId = await addPerson(shop, reference, name)
  let last = ''
  for (const [
    n,
    { total, currency = 'GBP', product = 'Canvas tote', lines = 1 },
  ] of bought.entries()) {
    const at = new Date(Date.UTC(2026, 8, 1 + n, 12)).toISOString()
    const each = total / BigInt(lines)
    last = await sql.begin(async (sql) => {
      const [sale] = await sql<{ id: string }[]>`
        insert into sale (business_id, location_id, customer_id, type, status, receipt_number, currency, subtotal,
          total, created_at, completed_at)
        values (${businessId}, ${locations[0]!.id}, ${customerId}, ${total < 0n ? 'return' : 'sale'}, 'completed',
          ${`${reference}-${n}`}, ${currency}, ${`${total}`}, ${`${total}`}, ${at}::text::timestamptz,
          ${at}::text::timestamptz)
        returning id`
      await sql`
        insert into sale_line (business_id, sale_id, line_no, product_name, qty, unit_price, total)
        select ${businessId}, ${sale!.id}, no, ${product} || case when no > 1 then ' ' || no else '' end,
          ${total < 0n ? -1 : 1}, ${`${each < 0n ? -each : each}`}, ${`${each}`}
        from generate_series(1, ${lines}::int) no`
      await sql`
        insert into sale_payment (business_id, sale_id, method, amount)
        values (${businessId}, ${sale!.id}, 'cash', ${`${total}`})`
      return sale!.id
    })
  }
  return last
}

async function addPerson({ sql, businessId }: Shop, reference: string, name: string | null) {
  const [row] = await sql<{ id: string }[]>`
    insert into customer (business_id, name, external_ref, status)
    values (${businessId}, ${name}, ${reference}, 'active') returning id`
  return row!.id
}
