/**
 * The read model as plain SQL over the source says it must be: nothing of the projector's own code is
 * used. Rows are compared as the texts of whole rows.
 */
import type { Sql } from 'postgres'

/** A tuple as it is stored: without the nulls at its end. */
const tuple = (values: string) => `
  (select to_jsonb(v[1 : (select max(i) from generate_subscripts(v, 1) i where v[i] is not null)])
   from (select array[${values}]) t (v))`

const SNAPSHOT = `id::text, line_no::text, product_id::text, variant_id::text, product_name, variant_name, sku,
  size, color, category_name, qty::text, unit_price::text, discount_total::text, tax_total::text, total::text`

const lines = (table: string, parent: string, rest: string, counts: string) => `
  select ${parent} as id, jsonb_agg(${tuple(`${SNAPSHOT}, ${rest}`)} order by line_no, id) as lines,
    count(*) filter (where ${counts}) as items,
    (array_agg(product_name order by abs(total) desc, line_no, id) filter (where ${counts}))[1] as top_product,
    (array_agg(variant_name order by abs(total) desc, line_no, id) filter (where ${counts}))[1] as top_variant,
    coalesce(sum(abs(total)) filter (where ${counts} and qty < 0), 0) as returned
  from ${table} group by ${parent}`

const payments = (table: string, parent: string, rest: string) => `
  select ${parent} as id, jsonb_agg(${tuple(`id::text, method, amount::text${rest}`)} order by id) as payments
  from ${table} group by ${parent}`

/** A time that no timeline has a place for. */
const NO_TIME = `timestamptz '0001-01-01 00:00:00+00'`
const hasPlace = `isfinite(at) and at > ${NO_TIME} and at < '10000-01-01 00:00:00+00'`

const TIMELINE_COLUMNS = `purchase_id, business_id, kind, type, status, counted, listed, customer_id,
  location_id, employee_id, occurred_at, receipt_number, currency, subtotal, discount_total, tax_total,
  tip_total, total, refunded, item_count, top_product, top_variant, guest_count, parent_purchase_id, order_id, settled_by`

const purchases = (kind: 'sale' | 'order') => {
  const sale = kind === 'sale'
  const settlers = `(select array_agg(s.id order by s.id) from sale s where s.order_id = p.id)`
  return `
  select p.id as purchase_id, business_id, '${kind}' as kind, type, status,
    ${hasPlace} and ${sale ? `status = 'completed'` : `status = 'closed' and ${settlers} is null`} as counted,
    ${hasPlace} and ${sale ? 'true' : `${settlers} is null`} as listed,
    customer_id, location_id, employee_id, case when ${hasPlace} then at else ${NO_TIME} end as occurred_at,
    ${sale ? 'receipt_number' : 'null'} as receipt_number, currency, subtotal, discount_total, tax_total,
    tip_total, total, case when type in ('return', 'exchange') then coalesce(returned, 0) else 0 end as refunded,
    coalesce(items, 0) as item_count, top_product, top_variant, ${sale ? 'null' : 'guest_count'} as guest_count,
    ${sale ? 'parent_sale_id' : 'null'} as parent_purchase_id, ${sale ? 'order_id' : 'null'} as order_id,
    ${sale ? 'null' : settlers} as settled_by,
    coalesce(lines, '[]') as lines, coalesce(payments, '[]') as payments
  from "${kind}" p
    cross join lateral (select ${sale ? 'coalesce(completed_at, created_at)' : 'coalesce(closed_at, opened_at)'} as at) t
    left join ${kind}_lines using (id) left join ${kind}_payments using (id)`
}

const TIMELINE = `
  sale_lines as (${lines('sale_line', 'sale_id', 'promotion_ref, bundle_ref, parent_line_id::text', 'true')}),
  order_lines as (${lines(
    'order_item',
    'order_id',
    'null, null, null, seat_no::text, voided_at::text, comped_at::text',
    'voided_at is null and comped_at is null',
  )}),
  sale_payments as (${payments('sale_payment', 'sale_id', ', reference')}),
  order_payments as (${payments('order_payment', 'order_id', '')}),
  timeline as (${purchases('sale')} union all ${purchases('order')})`

const METRICS = `
  metrics as (
    select business_id, customer_id, location_id, currency,
      count(*) filter (where type <> 'return') as order_count,
      count(*) filter (where type = 'return') as return_count,
      count(*) filter (where type = 'exchange') as exchange_count,
      sum(total) as net, sum(refunded) as refunded,
      min(occurred_at) filter (where type <> 'return') as first_purchase_at,
      max(occurred_at) filter (where type <> 'return') as last_purchase_at
    from timeline where counted and listed and customer_id is not null group by 1, 2, 3, 4)`

const METRICS_COLUMNS = `business_id, customer_id, location_id, currency, order_count, return_count,
  exchange_count, net, refunded, first_purchase_at, last_purchase_at`

interface Compared {
  table: string
  key: string
  /** The same rows, of the source and of the read model. */
  source: string
  read: string
}

const COMPARED: Compared[] = [
  {
    table: 'purchase_timeline',
    key: 'purchase_id::text',
    source: `select ${TIMELINE_COLUMNS}, lines, payments from timeline`,
    read: `select ${TIMELINE_COLUMNS}, lines::jsonb, payments::jsonb from purchase_timeline`,
  },
  {
    table: 'customer_metrics',
    key: `customer_id || ' ' || location_id || ' ' || currency`,
    source: 'select * from metrics',
    read: `select ${METRICS_COLUMNS} from customer_metrics`,
  },
  {
    table: 'customer_card',
    key: 'customer_id::text',
    source: `select id as customer_id, business_id, external_ref, name, phone, email, status,
      merged_into_id as merged_into from customer`,
    read: `select customer_id, business_id, external_ref, name, phone, email, status, merged_into
      from customer_card`,
  },
  {
    table: 'location_card',
    key: 'location_id::text',
    source: 'select id as location_id, business_id, name, region, timezone, kind from location',
    read: 'select location_id, business_id, name, region, timezone, kind from location_card',
  },
  {
    table: 'employee_card',
    key: 'employee_id::text',
    source: 'select id as employee_id, business_id, display_name from employee',
    read: 'select employee_id, business_id, display_name from employee_card',
  },
]

const WITH = `with ${TIMELINE}, ${METRICS}`

/** One checksum over all rows of each table, as a row of checksums. */
const checksums = (side: 'source' | 'read') =>
  `${side === 'source' ? WITH : ''} select ${COMPARED.map(
    (of) => `
      (select count(*) || ' ' || coalesce(md5(string_agg(r::text, '' order by ${of.key})), '')
       from (${of[side]}) r) as ${of.table}`,
  ).join(', ')}`

const SOURCE_CHECKSUMS = checksums('source')
const READ_CHECKSUMS = checksums('read')

export interface Difference {
  table: string
  key: string
  /** null: the row is not there. */
  source: string | null
  read: string | null
}

/** Rows that differ between a source at rest and a read model that has come to its end. */
export async function differences(source: Sql, read: Sql): Promise<Difference[]> {
  const [[wanted], [found]] = await Promise.all([
    source.unsafe<Record<string, string>[]>(SOURCE_CHECKSUMS, [], { prepare: true }),
    read.unsafe<Record<string, string>[]>(READ_CHECKSUMS, [], { prepare: true }),
  ])
  const different = COMPARED.filter(({ table }) => wanted![table] !== found![table])
  const lists = await Promise.all(different.map((of) => differencesOf(of, source, read)))
  return lists.flat()
}

async function differencesOf(of: Compared, source: Sql, read: Sql): Promise<Difference[]> {
  const rows = async (sql: Sql, start: string, query: string) => {
    const found = await sql.unsafe<{ key: string; row: string }[]>(
      `${start} select ${of.key} as key, r::text as row from (${query}) r`,
    )
    return new Map(found.map(({ key, row }) => [key, row]))
  }
  const [wanted, found] = await Promise.all([
    rows(source, WITH, of.source),
    rows(read, '', of.read),
  ])
  const list: Difference[] = []
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const [a, b] = [wanted.get(key) ?? null, found.get(key) ?? null]
    if (a !== b) list.push({ table: of.table, key, source: a, read: b })
  }
  return list
}

const CUSTOMERS = `${WITH}
  select id::text, md5(string_agg(row, '' order by row)) as sum from (
    select customer_id as id, r::text as row from timeline r where customer_id is not null
    union all select id, row(status, name, phone, email, external_ref, merged_into_id)::text from customer
  ) rows group by id`

/** What stands for each customer in the source, as a checksum. */
export async function customersOf(source: Sql): Promise<Map<string, string>> {
  const rows = await source.unsafe<{ id: string; sum: string }[]>(CUSTOMERS, [], { prepare: true })
  return new Map(rows.map(({ id, sum }) => [id, sum]))
}
