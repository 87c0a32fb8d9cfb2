/**
 * The planned rows → the source tables, as a POS would write them: what a sale needs first, then the
 * sales in the order of their times, each with its lines and payment in a transaction of its own.
 * Rows that exist are never touched. Killed at any instant, a second run writes what is left.
 */
import type { ReservedSql } from 'postgres'
import { SHOP } from './online-retail.ts'
import type { Plan } from './plan.ts'

/** Rows that this run made. */
export interface Written {
  lines: number
  purchases: number
  customers: number
  products: number
  locations: number
}

/** How much is written between two looks at the signal and the progress bar. */
const SALES_A_CALL = 250
const ROWS_A_TRANSACTION = 5000

interface WriteOptions {
  signal: AbortSignal
  onProgress(purchases: number, lines: number): void
  /** For tests: stop at every purchase. */
  salesACall?: number
}

/**
 * Writes the plan. Resolves early when the signal is aborted, after a whole sale. All that it counts
 * is durable when it resolves.
 */
export async function writePlan(
  sql: ReservedSql,
  plan: Plan,
  options: WriteOptions,
): Promise<Written> {
  const written: Written = { lines: 0, purchases: 0, customers: 0, products: 0, locations: 0 }
  const total = plan.newPurchases.sale + plan.newPurchases.return
  if (total === 0) return written

  const { businessId } = plan
  await sql`
    insert into business (id, name, default_currency, timezone)
    values (${businessId}, ${SHOP.business}, ${SHOP.currency}, ${SHOP.timezone})
    on conflict do nothing`
  const locations = await sql`
    insert into location (id, business_id, name, region, timezone, kind)
    select id, ${businessId}, country, country, ${SHOP.timezone}, 'retail'
    from import_location where is_new order by country
    on conflict do nothing`
  written.locations = locations.count
  written.customers = await inSteps(sql, 'import_customer', customersFrom(businessId))
  written.products = await inSteps(sql, 'import_product', productsFrom(businessId))

  await createWriter(sql, businessId)
  const step = options.salesACall ?? SALES_A_CALL
  for (let from = 1; from <= total && !options.signal.aborted; from += step) {
    const to = Math.min(from + step - 1, total)
    const [row] = await sql<{ lines: string }[]>`
      call pg_temp.import_write_sales(${from}, ${to}, 0)`
    written.lines += Number(row!.lines)
    written.purchases += to - from + 1
    options.onProgress(written.purchases, written.lines)
  }
  return written
}

/** Runs a statement over the numbered rows of a table, some thousands a transaction. */
async function inSteps(sql: ReservedSql, table: string, statement: string): Promise<number> {
  const [row] = await sql<{ last: string | null }[]>`select max(seq) as last from ${sql(table)}`
  const last = Number(row!.last ?? 0)
  let made = 0
  for (let from = 1; from <= last; from += ROWS_A_TRANSACTION) {
    const result = await sql.unsafe(statement, [from, from + ROWS_A_TRANSACTION - 1])
    made += Number(result[0]!.made)
  }
  return made
}

const customersFrom = (businessId: string) => /* sql */ `
  with made as (
    insert into customer (id, business_id, external_ref, created_at)
    select own_id, '${businessId}', ref, created_at
    from import_customer where is_new and seq between $1 and $2 order by seq
    on conflict do nothing returning 1
  )
  select count(*) as made from made`

const productsFrom = (businessId: string) => /* sql */ `
  with products as (
    insert into product (id, business_id, name)
    select product_id, '${businessId}', name
    from import_product where is_new and seq between $1 and $2 order by seq
    on conflict do nothing
  ), made as (
    insert into product_variant (id, business_id, product_id, sku)
    select variant_id, '${businessId}', product_id, code
    from import_product where is_new and seq between $1 and $2 order by seq
    on conflict do nothing returning 1
  )
  select count(*) as made from made`

/**
 * A procedure of the session, because only there 26,000 transactions of a few rows need no 26,000
 * round trips. Commits do not wait for the disk, but the last one of a call does, and with it all
 * before it: what a crash of the server could take was not yet counted, and the next run writes it.
 */
async function createWriter(sql: ReservedSql, businessId: string): Promise<void> {
  await sql.unsafe(/* sql */ `
    create procedure pg_temp.import_write_sales(first bigint, last bigint, inout lines bigint)
    language plpgsql as $$
    declare
      s record;
      made bigint;
    begin
      for s in select * from import_sale where seq between first and last order by seq loop
        perform set_config('synchronous_commit', case when s.seq < last then 'off' else 'on' end, true);
        insert into sale (id, business_id, location_id, customer_id, type, status, receipt_number,
          currency, subtotal, total, created_at, completed_at)
        values (s.id, '${businessId}', s.location_id, s.buyer_id, s.type, 'completed', s.invoice,
          '${SHOP.currency}', s.total, s.total, s.created_at, s.completed_at);

        insert into sale_line (id, business_id, sale_id, line_no, product_id, variant_id,
          product_name, sku, qty, unit_price, total)
        select id, '${businessId}', s.id, line_no, product_id, variant_id, product_name, sku, qty,
          unit_price, total
        from import_sale_line where seq = s.seq order by line_no;
        get diagnostics made = row_count;
        lines := lines + made;

        if s.total <> 0 then
          insert into sale_payment (id, business_id, sale_id, method, amount)
          values (s.payment_id, '${businessId}', s.id, 'unknown', s.total);
        end if;
        commit;
      end loop;
    end
    $$`)
}
