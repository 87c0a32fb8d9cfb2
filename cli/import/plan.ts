/**
 * The staged lines → what is to be written, worked out by the database in temporary tables: which
 * lines stand on their invoice, which invoices are new, which rows they need and under which ids.
 * Nothing of the source is changed here.
 *
 * An invoice's id is made of its time and of all that it says. So an invoice that is already there,
 * from an earlier import or from one that was killed, is known by its id alone, whatever the POS has
 * done to it since (a merge, a late link, an erasure); and an invoice whose number is there with
 * another id says something else, and is not imported.
 */
import type { ReservedSql } from 'postgres'
import { SHOP } from './online-retail.ts'

/** What the plan found, before anything is written. Counts of lines, or of what the lines name. */
export interface Plan {
  businessId: string
  lines: { new: number; alreadyThere: number; refused: number }
  purchases: { sale: number; return: number }
  guests: { lines: number; purchases: number }
  customers: number
  products: number
  locations: number
  /** Invoices to write: they are numbered 1 to this, in the order of their times. */
  newPurchases: { sale: number; return: number }
}

export async function makePlan(sql: ReservedSql): Promise<Plan> {
  await createFunctions(sql)
  await sql.unsafe('analyze import_line')
  await refuseContradictions(sql)
  const businessId = await planBusiness(sql)
  await planInvoices(sql, businessId)
  await planMasters(sql, businessId)
  await planSales(sql)
  return readPlan(sql, businessId)
}

/**
 * Ids (UUIDv8) that depend only on what they name. `import_named_id` hashes a name. `import_timed_id`
 * has a time in front, as UUIDv7 has, so that sales written in time order fill the indexes from one
 * side; its remaining bits are a hash, never random.
 *
 * Each is one expression that uses its arguments once: PostgreSQL then inlines it, at a tenth of the
 * cost of half a million calls.
 */
async function createFunctions(sql: ReservedSql): Promise<void> {
  await sql.unsafe(/* sql */ `
    create function pg_temp.import_named_id(name text) returns uuid
    language sql stable parallel safe as $$
      select left(overlay(overlay(encode(sha256(convert_to(name, 'UTF8')), 'hex')
        placing '8' from 13 for 1) placing '8' from 17 for 1), 32)::uuid
    $$;
    create function pg_temp.import_timed_id(at timestamptz, name text) returns uuid
    language sql stable parallel safe as $$
      select left(overlay(overlay(overlay(encode(sha256(convert_to(name, 'UTF8')), 'hex')
        placing '8' from 13 for 1) placing '8' from 17 for 1)
        placing lpad(to_hex(greatest(0, floor(extract(epoch from at) * 1000)::bigint)), 12, '0')
        from 1 for 12), 32)::uuid
    $$`)
}

/**
 * An invoice has one country and one customer: those that it names first. A line that names another
 * is refused; a line without a customer belongs to the invoice's.
 */
async function refuseContradictions(sql: ReservedSql): Promise<void> {
  const refuse = (column: 'country' | 'customer', reason: string) => /* sql */ `
    with first as (
      select distinct on (invoice) invoice, ${column}
      from import_line where ${column} is not null order by invoice, file_line
    ), refused as (
      delete from import_line l using first f
      where f.invoice = l.invoice and l.${column} <> f.${column}
      returning l.file_line
    )
    insert into import_reject select file_line, '${reason}' from refused`
  await sql.unsafe(refuse('country', 'a second Country on the invoice'))
  await sql.unsafe(refuse('customer', 'a second CustomerID on the invoice'))

  await sql.unsafe(/* sql */ `
    with too_large as (
      select invoice from import_line group by invoice
      having sum(total) not between -9223372036854775807 and 9223372036854775807
    ), refused as (
      delete from import_line l using too_large t where t.invoice = l.invoice
      returning l.file_line
    )
    insert into import_reject select file_line, 'the total of the invoice is too large' from refused`)
}

async function planBusiness(sql: ReservedSql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select coalesce(
      (select id from business where name = ${SHOP.business}),
      pg_temp.import_named_id(row('business', ${SHOP.business}::text)::text)) as id`
  return row!.id
}

async function planInvoices(sql: ReservedSql, businessId: string): Promise<void> {
  // What an invoice says, independent of the order of its lines. A composite's text is unambiguous.
  await sql.unsafe(/* sql */ `
    create temp table import_invoice as
    with said as (
      select invoice, min(country) as country, min(customer) as customer,
        min(sold_at) as created_at, max(sold_at) as completed_at,
        count(*) as lines, sum(total)::bigint as total,
        string_agg(row(sku, description, qty, unit_price, total)::text, E'\\n'
          order by row(sku, description, qty, unit_price, total)::text) as content
      from import_line group by invoice
    ), identified as (
      select invoice, country, customer, created_at, completed_at, lines, total,
        case when upper(left(invoice, 1)) = 'C' then 'return' else 'sale' end as type,
        pg_temp.import_timed_id(created_at, row('sale', '${businessId}', invoice, country, customer,
          extract(epoch from created_at), extract(epoch from completed_at), content)::text) as id
      from said
    )
    select i.*, s.id is not null as already_there, s.id is null and n.number is not null as taken
    from identified i
    left join sale s on s.id = i.id
    left join (select distinct receipt_number as number from sale
      where business_id = '${businessId}') n on n.number = i.invoice;

    create temp table import_new as
    select row_number() over (order by created_at, invoice) as seq, invoice, country, customer,
      created_at, completed_at, lines, total, type, id
    from import_invoice where not already_there and not taken;
    create unique index on import_new (seq);
    analyze import_invoice, import_new;

    insert into import_reject
    select file_line, 'the invoice is there already, and says something else'
    from import_line join import_invoice using (invoice) where taken`)
}

/**
 * The locations, customers and products of the new invoices: those that are there under their name,
 * reference or code, or under the id that an earlier import gave them, and those to be made. Only of
 * new invoices, so that a re-import never brings back whom the POS has erased since.
 */
async function planMasters(sql: ReservedSql, businessId: string): Promise<void> {
  await sql.unsafe(/* sql */ `
    create temp table import_location as
    select distinct on (country) country, own_id, coalesce(l.id, own_id) as id, l.id is null as is_new
    from (select distinct country from import_new) c
    cross join lateral pg_temp.import_named_id(row('location', '${businessId}', country)::text) own_id
    left join location l
      on l.business_id = '${businessId}' and (l.id = own_id or l.name = country)
    order by country, l.id = own_id desc, l.id;

    create temp table import_customer as
    with recursive named as (
      select customer as ref, min(created_at) as created_at,
        pg_temp.import_named_id(row('customer', '${businessId}', customer)::text) as own_id
      from import_new where customer is not null group by customer
    ), known as (
      select ref, named.created_at, own_id, coalesce(by_ref.id, by_id.id) as id
      from named
      left join customer by_ref
        on by_ref.business_id = '${businessId}' and by_ref.external_ref = ref
      left join customer by_id on by_id.id = own_id
    ), merged (ref, id) as (
      select ref, id from known
      union
      select ref, c.merged_into_id from merged join customer c using (id)
      where c.merged_into_id is not null
    ), survivor as (
      select ref, id, c.status from merged join customer c using (id) where c.merged_into_id is null
    )
    select row_number() over (order by ref) as seq, ref, k.created_at, own_id, k.id is null as is_new,
      case when s.status is distinct from 'erased' then coalesce(s.id, k.id, own_id) end as buyer_id
    from known k left join survivor s using (ref);

    create temp table import_product as
    with described as (
      select upper(l.sku) as code, description, count(*) filter (where unit_price > 0) as sold,
        count(*) as times
      from import_line l join import_new using (invoice) group by 1, 2
    ), named as (
      select distinct on (code) code, coalesce(description, code) as name,
        pg_temp.import_named_id(row('product', '${businessId}', code)::text) as product_id,
        pg_temp.import_named_id(row('variant', '${businessId}', code)::text) as variant_id
      from described
      order by code, description is null, sold desc, times desc, description
    )
    select row_number() over (order by code) as seq, code, coalesce(p.name, n.name) as name,
      coalesce(v.product_id, n.product_id) as product_id, coalesce(v.id, n.variant_id) as variant_id,
      v.id is null as is_new
    from named n
    left join lateral (
      select id, product_id from product_variant
      where business_id = '${businessId}' and sku = code or id = n.variant_id
      order by sku = code desc limit 1
    ) v on true
    left join product p on p.id = v.product_id;
    analyze import_location, import_customer, import_product`)
}

/** The sales and their lines as rows, in the order in which they will be written. */
async function planSales(sql: ReservedSql): Promise<void> {
  await sql.unsafe(/* sql */ `
    create temp table import_sale as
    select n.seq, n.id, n.invoice, n.type, n.created_at, n.completed_at, n.lines, n.total,
      l.id as location_id, c.buyer_id,
      pg_temp.import_timed_id(n.created_at, row('payment', n.id)::text) as payment_id
    from import_new n
    join import_location l using (country)
    left join import_customer c on c.ref = n.customer;
    create unique index on import_sale (seq);

    create temp table import_sale_line as
    with numbered as (
      select n.seq, n.id as sale_id, n.created_at, l.*,
        (row_number() over (partition by n.seq order by file_line))::integer as line_no
      from import_line l join import_new n using (invoice)
    )
    select numbered.seq, line_no,
      pg_temp.import_timed_id(created_at, row('line', sale_id, line_no)::text) as id,
      product_id, variant_id, coalesce(description, p.name) as product_name, sku, qty, unit_price,
      total
    from numbered join import_product p on p.code = upper(sku)
    order by numbered.seq, line_no;
    create index on import_sale_line (seq);
    analyze import_sale, import_sale_line`)
}

async function readPlan(sql: ReservedSql, businessId: string): Promise<Plan> {
  const [row] = await sql<Record<string, string>[]>`
    select
      count(*) filter (where is_new and type = 'sale') as new_sales,
      count(*) filter (where is_new and type = 'return') as new_returns,
      coalesce(sum(lines) filter (where is_new), 0) as new_lines,
      coalesce(sum(lines) filter (where already_there), 0) as lines_there,
      (select count(*) from import_reject) as refused,
      count(*) filter (where type = 'sale' and not taken) as sales,
      count(*) filter (where type = 'return' and not taken) as returns,
      coalesce(sum(lines) filter (where customer is null and not taken), 0) as guest_lines,
      count(*) filter (where customer is null and not taken) as guest_purchases,
      count(distinct customer) filter (where not taken) as customers,
      count(distinct country) filter (where not taken) as locations,
      (select count(distinct upper(sku)) from import_line join import_invoice using (invoice)
        where not taken) as products
    from import_invoice cross join lateral (select not already_there and not taken) n (is_new)`
  const count = (name: string) => Number(row![name])
  return {
    businessId,
    lines: {
      new: count('new_lines'),
      alreadyThere: count('lines_there'),
      refused: count('refused'),
    },
    purchases: { sale: count('sales'), return: count('returns') },
    guests: { lines: count('guest_lines'), purchases: count('guest_purchases') },
    customers: count('customers'),
    products: count('products'),
    locations: count('locations'),
    newPurchases: { sale: count('new_sales'), return: count('new_returns') },
  }
}
