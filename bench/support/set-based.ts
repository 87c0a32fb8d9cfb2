/**
 * The peer of a rebuild: one SQL statement, inside the source's own database, that builds the same
 * tables from the source's. What it builds is compared with the read model, so it is known to be right.
 */
import type { Sql } from 'postgres'

const TABLES = `
  create schema peer;
  create table peer.purchase_timeline (
    purchase_id uuid not null, business_id uuid not null, kind text not null, type text not null,
    status text not null, counted boolean not null, listed boolean not null, customer_id uuid,
    location_id uuid not null, employee_id uuid, occurred_at timestamptz not null, receipt_number text,
    currency text not null, subtotal bigint not null, discount_total bigint not null,
    tax_total bigint not null, tip_total bigint not null, total bigint not null,
    refunded numeric(38, 0) not null, item_count integer not null, top_product text,
    top_variant text, guest_count smallint,
    parent_purchase_id uuid, order_id uuid, settled_by uuid[], lines json not null,
    payments json not null, lsn pg_lsn not null, source_id text not null);
  create table peer.customer_metrics (
    business_id uuid not null, customer_id uuid not null, location_id uuid not null,
    currency text not null, order_count integer not null, return_count integer not null,
    exchange_count integer not null, net numeric(38, 0) not null, refunded numeric(38, 0) not null,
    first_purchase_at timestamptz, last_purchase_at timestamptz, source_id text not null);
  create table peer.customer_card (
    customer_id uuid not null, business_id uuid not null, external_ref text, name text, phone text,
    email text, status text not null, merged_into uuid, source_id text not null);
  create table peer.location_card (
    location_id uuid not null, business_id uuid not null, name text not null, region text not null,
    timezone text not null, kind text not null, source_id text not null);
  create table peer.employee_card (
    employee_id uuid not null, business_id uuid not null, display_name text not null,
    source_id text not null)`

/** As the read model's, and like there made when the rows are in. */
const INDEXES = `
  alter table peer.purchase_timeline add primary key (purchase_id, source_id);
  create index on peer.purchase_timeline (business_id, customer_id, occurred_at desc, purchase_id desc)
    include (location_id, type, kind) where listed and customer_id is not null;
  create index on peer.purchase_timeline (parent_purchase_id) where parent_purchase_id is not null;
  create index on peer.purchase_timeline (business_id, lower(receipt_number), occurred_at desc)
    where length(receipt_number) <= 100;
  alter table peer.customer_metrics add primary key (customer_id, location_id, currency, source_id);
  alter table peer.customer_card add primary key (customer_id, source_id);
  create index on peer.customer_card (business_id, lower(external_ref) text_pattern_ops);
  create index on peer.customer_card (business_id, lower(email));
  create index on peer.customer_card
    (business_id, reverse(regexp_replace(phone, '\\D', '', 'g')) text_pattern_ops);
  create index on peer.customer_card using gin (to_tsvector('simple', name));
  alter table peer.location_card add primary key (location_id, source_id);
  alter table peer.employee_card add primary key (employee_id, source_id);
  analyze peer.purchase_timeline, peer.customer_metrics, peer.customer_card, peer.location_card,
    peer.employee_card`

const SNAPSHOT = `id::text, line_no::text, product_id::text, variant_id::text, product_name, variant_name,
  sku, size, color, category_name, qty::text, unit_price::text, discount_total::text, tax_total::text,
  total::text`

/** A line's and a payment's tuple end with their last value that is not null. */
const SALE_TUPLE = `(array[${SNAPSHOT}, promotion_ref, bundle_ref, parent_line_id::text])[1 : case
  when parent_line_id is not null then 18 when bundle_ref is not null then 17
  when promotion_ref is not null then 16 else 15 end]`
const ORDER_TUPLE = `(array[${SNAPSHOT}, null, null, null, seat_no::text, voided_at::text,
  comped_at::text])[1 : case when comped_at is not null then 21 when voided_at is not null then 20
  when seat_no is not null then 19 else 15 end]`
const PAYMENT_TUPLE = `(array[id::text, method, amount::text, reference])[1 : case
  when reference is not null then 4 else 3 end]`
const NOT_VOIDED = 'voided_at is null and comped_at is null'
/** Product and variant of the line of the largest amount. */
const topOf = (counts: string) => `(array_agg(array[product_name, variant_name]
  order by abs(total) desc, line_no, id) filter (where ${counts})) as top`

const STATEMENT = `
  with sale_lines as (
    select sale_id as id, json_agg(array_to_json(${SALE_TUPLE}) order by line_no, id) as lines,
      count(*)::int as items, ${topOf('true')}, coalesce(sum(abs(total)) filter (where qty < 0), 0) as returned
    from sale_line group by 1),
  order_lines as (
    select order_id as id, json_agg(array_to_json(${ORDER_TUPLE}) order by line_no, id) as lines,
      count(*) filter (where ${NOT_VOIDED})::int as items, ${topOf(NOT_VOIDED)}
    from order_item group by 1),
  sale_payments as (
    select sale_id as id, json_agg(array_to_json(${PAYMENT_TUPLE}) order by id) as payments
    from sale_payment group by 1),
  order_payments as (
    select order_id as id, json_agg(json_build_array(id::text, method, amount::text) order by id) as payments
    from order_payment group by 1),
  settled as (
    select order_id as id, array_agg(id order by id) as settled_by from sale
    where order_id is not null group by 1),
  timeline as (
    insert into peer.purchase_timeline
    select id, business_id, 'sale', type, status, status = 'completed', true, customer_id, location_id,
      employee_id, coalesce(completed_at, created_at), receipt_number, currency, subtotal,
      discount_total, tax_total, tip_total, total,
      case when type in ('return', 'exchange') then coalesce(returned, 0) else 0 end,
      coalesce(items, 0), top[1][1], top[1][2], null, parent_sale_id, order_id, null, coalesce(lines, '[]'),
      coalesce(payments, '[]'), '0/0'::pg_lsn, 'main'
    from sale left join sale_lines using (id) left join sale_payments using (id)
    union all
    select id, business_id, 'order', type, status, status = 'closed' and settled_by is null,
      settled_by is null, customer_id, location_id, employee_id, coalesce(closed_at, opened_at), null,
      currency, subtotal, discount_total, tax_total, tip_total, total, 0, coalesce(items, 0), top[1][1],
      top[1][2], guest_count, null, null, settled_by, coalesce(lines, '[]'), coalesce(payments, '[]'),
      '0/0'::pg_lsn, 'main'
    from "order" left join order_lines using (id) left join order_payments using (id)
      left join settled using (id)
    returning business_id, customer_id, location_id, currency, type, total, refunded, occurred_at,
      listed and counted and customer_id is not null as sums
  ),
  metrics as (
    insert into peer.customer_metrics
    select business_id, customer_id, location_id, currency, count(*) filter (where type <> 'return'),
      count(*) filter (where type = 'return'), count(*) filter (where type = 'exchange'), sum(total),
      sum(refunded), min(occurred_at) filter (where type <> 'return'),
      max(occurred_at) filter (where type <> 'return'), 'main'
    from timeline where sums group by 1, 2, 3, 4
  ),
  customers as (
    insert into peer.customer_card
    select id, business_id, external_ref, name, phone, email, status, merged_into_id, 'main'
    from customer
  ),
  locations as (
    insert into peer.location_card
    select id, business_id, name, region, timezone, kind, 'main' from location
  )
  insert into peer.employee_card select id, business_id, display_name, 'main' from employee`

/** Builds the tables into schema `peer`. @returns seconds, with those of the indexes */
export async function buildBySql(source: Sql): Promise<number> {
  await source.unsafe(TABLES)
  const started = performance.now()
  await source.unsafe(STATEMENT)
  await source.unsafe(INDEXES)
  return (performance.now() - started) / 1000
}

export async function dropPeer(source: Sql): Promise<void> {
  await source.unsafe('drop schema peer cascade')
}
