/** What tills write into a real source: whole rows with defaults, values as texts. */
import type { ReservedSql, Sql, TransactionSql } from 'postgres'

type Writer = Sql | TransactionSql | ReservedSql
type Row = Record<string, string | number | bigint | null>

export const BUSINESS = '00000000-0000-4000-8000-00000000000b'
export const SHOP = '00000000-0000-4000-8000-000000000010'
export const BISTRO = '00000000-0000-4000-8000-000000000011'
export const KIM = '00000000-0000-4000-8000-00000000000e'

const TOTALS = { currency: 'EUR', subtotal: 1000, total: 1000 }
const LINE = { line_no: 1, product_name: 'Shirt', qty: '1.000', unit_price: 1000, total: 1000 }

const DEFAULTS: Record<string, () => Row> = {
  customer: () => ({ name: 'Ann' }),
  sale: () => ({
    location_id: SHOP,
    employee_id: KIM,
    type: 'sale',
    status: 'completed',
    created_at: '2026-01-02 09:00:00+00',
    completed_at: '2026-01-02 09:01:00.000001+00',
    ...TOTALS,
  }),
  order: () => ({
    location_id: BISTRO,
    type: 'dine_in',
    status: 'closed',
    opened_at: '2026-01-02 19:00:00+00',
    closed_at: '2026-01-02 21:00:00+00',
    ...TOTALS,
  }),
  sale_line: () => LINE,
  order_item: () => LINE,
  sale_payment: () => ({ method: 'card', amount: 1000 }),
  order_payment: () => ({ method: 'cash', amount: 1000 }),
}

/** Inserts a row; values go as text, so that nothing is rounded on the way. Returns its id. */
export async function put(sql: Writer, table: string, row: Row = {}): Promise<string> {
  const whole: Row = {
    id: crypto.randomUUID(),
    business_id: BUSINESS,
    ...DEFAULTS[table]?.(),
    ...row,
  }
  const columns = Object.keys(whole)
    .map((column) => `"${column}"`)
    .join(', ')
  const text = JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  await sql.unsafe(
    `insert into "${table}" (${columns})
     select ${columns} from json_populate_record(null::"${table}", $1::text::json)`,
    [text],
  )
  return whole.id as string
}

/** The chain that all else refers to. */
export async function openShop(sql: Writer): Promise<void> {
  await sql`insert into business (id, name, default_currency, timezone)
    values (${BUSINESS}, 'Chain', 'EUR', 'UTC')`
  await put(sql, 'location', {
    id: SHOP,
    name: 'Shop',
    region: 'N',
    timezone: 'UTC',
    kind: 'retail',
  })
  await put(sql, 'location', {
    id: BISTRO,
    name: 'Bistro',
    region: 'N',
    timezone: 'UTC',
    kind: 'restaurant',
  })
  await put(sql, 'employee', { id: KIM, display_name: 'Kim', role: 'cashier' })
}

/** A sale with lines and a payment, in a transaction of its own. Returns its id. */
export function ringUp(sql: Sql, row: Row = {}, lines = 1): Promise<string> {
  return sql.begin((tx) => ringUpIn(tx, row, lines)) as Promise<string>
}

/** The same in the transaction at hand. */
export async function ringUpIn(sql: Writer, row: Row = {}, lines = 1): Promise<string> {
  const id = await put(sql, 'sale', row)
  for (let n = 1; n <= lines; n++) await put(sql, 'sale_line', { sale_id: id, line_no: n })
  await put(sql, 'sale_payment', { sale_id: id })
  return id
}

/** Pairs of sales whose commits follow each other at once: one record may start where the other ends. */
export async function ringUpTogether(sql: Sql, pairs: number): Promise<void> {
  const [one, two] = [await sql.reserve(), await sql.reserve()]
  for (let n = 0; n < pairs; n++) {
    await Promise.all([one`begin`, two`begin`])
    await ringUpIn(one, {}, 0)
    await ringUpIn(two, {}, 0)
    await Promise.all([one`commit`, two`commit`])
  }
  one.release()
  two.release()
}

/** An order with items and a payment, in a transaction of its own. Returns its id. */
export function serve(sql: Sql, row: Row = {}, items = 1): Promise<string> {
  return sql.begin(async (tx) => {
    const id = await put(tx, 'order', row)
    for (let n = 1; n <= items; n++) await put(tx, 'order_item', { order_id: id, line_no: n })
    await put(tx, 'order_payment', { order_id: id })
    return id
  }) as Promise<string>
}

/** Many sales of `lines` lines each by one statement: one transaction. */
export async function ringUpMany(
  sql: Writer,
  count: number,
  lines = 2,
  customer: string | null = null,
) {
  await sql`
    with s as (
      insert into sale (id, business_id, location_id, customer_id, type, status, currency, subtotal, total,
        created_at, completed_at)
      select gen_random_uuid(), ${BUSINESS}, ${SHOP}, ${customer}, 'sale', 'completed', 'EUR', n, n,
        timestamptz '2026-01-03' + n * interval '1 second', timestamptz '2026-01-03' + n * interval '1 second'
      from generate_series(1, ${count}::int) n
      returning id, business_id, total)
    insert into sale_line (business_id, sale_id, line_no, product_name, qty, unit_price, total)
    select s.business_id, s.id, l, 'Item ' || l, 1, s.total, s.total
    from s, generate_series(1, ${lines}::int) l`
}
