/**
 * The benches' till: a chain with 5 shops, 10,000 customers and 2,000 variants, and sales of 4 lines,
 * each its own transaction, made by the server itself so that no client is measured. Deterministic.
 */
import type { Sql } from 'postgres'

export const BUSINESS = '00000000-0000-4000-8000-000000000001'
export const CUSTOMERS = 10_000
const VARIANTS = 2_000
export const LINES = 4

const id = (prefix: number, number: string) =>
  `('${prefix}0000000-0000-4000-8000-' || lpad((${number})::text, 12, '0'))::uuid`

export const customerId = (number: number) =>
  `30000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** Chain, shops, staff, customers and products. */
export async function openChain(sql: Sql): Promise<void> {
  await sql.unsafe(`
    insert into business values ('${BUSINESS}', 'Bench', 'GBP', 'Europe/London');
    insert into location select ${id(1, 'i')}, '${BUSINESS}', 'Shop ' || i, 'North', 'Europe/London', 'retail'
      from generate_series(1, 5) i;
    insert into employee select ${id(2, 'i')}, '${BUSINESS}', 'Cashier ' || i, 'cashier'
      from generate_series(1, 20) i;
    insert into customer (id, business_id, external_ref, name)
      select ${id(3, 'i')}, '${BUSINESS}', i::text, 'Customer ' || i from generate_series(1, ${CUSTOMERS}) i;
    insert into product (id, business_id, name)
      select ${id(4, 'i')}, '${BUSINESS}', 'A product with a name, number ' || i from generate_series(1, ${VARIANTS}) i;
    insert into product_variant (id, business_id, product_id, sku)
      select ${id(5, 'i')}, '${BUSINESS}', ${id(4, 'i')}, 'SKU-' || i from generate_series(1, ${VARIANTS}) i`)
}

/**
 * Rings up sales number `from` to `to`, one a minute of the shop's clock, one transaction each.
 * @param ids whether the sales' ids follow each other, or lie anywhere in an index
 */
export async function ringUp(
  sql: Sql,
  from: number,
  to: number,
  ids: 'ascending' | 'random' = 'ascending',
): Promise<void> {
  await sql.unsafe(`
    do $$
    declare
      sale_id uuid;
      at timestamptz;
    begin
      perform set_config('synchronous_commit', 'off', false), setseed(0.5);
      for i in ${from}..${to} loop
        sale_id := ${ids === 'random' ? 'md5(i::text)::uuid' : id(6, 'i')};
        at := timestamptz '2026-01-01 09:00Z' + i * interval '1 minute';
        insert into sale (id, business_id, location_id, employee_id, customer_id, type, status,
            receipt_number, currency, subtotal, total, created_at, completed_at)
          values (sale_id, '${BUSINESS}', ${id(1, '1 + i % 5')}, ${id(2, '1 + i % 20')},
            ${id(3, `1 + floor(random() * ${CUSTOMERS})::int`)}, 'sale', 'completed', 'R-' || i, 'GBP', 4000, 4000, at, at);
        insert into sale_line (id, business_id, sale_id, line_no, product_id, variant_id, product_name,
            sku, qty, unit_price, total)
          select gen_random_uuid(), '${BUSINESS}', sale_id, no, ${id(4, 'v')}, ${id(5, 'v')},
            'A product with a name, number ' || v, 'SKU-' || v, 1, 1000, 1000
          from (select no, 1 + floor(random() * ${VARIANTS})::int as v from generate_series(1, ${LINES}) no) drawn;
        commit;
      end loop;
    end $$`)
}

/** Rings up one sale of a customer now, as a till does it. @returns its id, once it is committed */
export async function ringUpOne(sql: Sql, customer: string): Promise<string> {
  const saleId = crypto.randomUUID()
  const variant = 1 + (saleId.charCodeAt(0) % VARIANTS)
  await sql.begin(async (tx) => {
    await tx.unsafe(
      `insert into sale (id, business_id, location_id, employee_id, customer_id, type, status,
         receipt_number, currency, subtotal, total, completed_at)
       values ($1, '${BUSINESS}', ${id(1, '1')}, ${id(2, '1')}, $2, 'sale', 'completed', $3, 'GBP', 4000, 4000, now())`,
      [saleId, customer, `R-${saleId}`],
      { prepare: true },
    )
    await tx.unsafe(
      `insert into sale_line (id, business_id, sale_id, line_no, product_id, variant_id, product_name,
         sku, qty, unit_price, total)
       select gen_random_uuid(), '${BUSINESS}', $1::uuid, no, ${id(4, String(variant))}, ${id(5, String(variant))},
         'A product with a name, number ' || no, 'SKU-' || no, 1, 1000, 1000
       from generate_series(1, ${LINES}) no`,
      [saleId],
      { prepare: true },
    )
  })
  return saleId
}
