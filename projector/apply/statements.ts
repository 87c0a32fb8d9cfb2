/**
 * The statements of a batch. Each is one constant text whatever the batch's size, so that one prepared
 * plan serves all of them. Deltas come as parallel arrays in their text form; rows of purchases as COPY
 * (many new ones) or as one JSON document.
 */
import type { MetricsDelta, ProductDelta } from '../project/effects.ts'
import { PURCHASE_COLUMNS } from './rows.ts'

const columns = PURCHASE_COLUMNS.join(', ')
const assignments = PURCHASE_COLUMNS.filter((column) => column !== 'purchase_id')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')

export const COPY_PURCHASES = `copy purchase_timeline (${columns}) from stdin`

/**
 * $1: JSON array of objects with the columns' names; their values are texts, lines and payments JSON.
 * (`::text` first: the driver would encode a parameter of type json once more.)
 */
export const UPSERT_PURCHASES = `
  insert into purchase_timeline (${columns})
  select ${columns} from json_populate_recordset(null::purchase_timeline, $1::text::json)
  on conflict (purchase_id) do update set ${assignments}`

/** $1: ids. */
export const DELETE_PURCHASES = 'delete from purchase_timeline where purchase_id = any($1::uuid[])'

/** The arrays are in the order of `metricsArrays`. */
export const ADD_METRICS = `
  insert into customer_metrics as m (business_id, customer_id, location_id, currency, order_count,
    return_count, exchange_count, net, refunded, first_purchase_at, last_purchase_at)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::int[],
    $8::numeric[], $9::numeric[], $10::timestamptz[], $11::timestamptz[])
  on conflict (customer_id, location_id, currency) do update set
    order_count = m.order_count + excluded.order_count,
    return_count = m.return_count + excluded.return_count,
    exchange_count = m.exchange_count + excluded.exchange_count,
    net = m.net + excluded.net,
    refunded = m.refunded + excluded.refunded,
    first_purchase_at = least(m.first_purchase_at, excluded.first_purchase_at),
    last_purchase_at = greatest(m.last_purchase_at, excluded.last_purchase_at)`

/** Where something was taken away the bounds are found again, from both ends of the list index. */
export const REFIND_METRICS_BOUNDS = `
  update customer_metrics m set
    first_purchase_at = (${boundary('asc')}),
    last_purchase_at = (${boundary('desc')})
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as k (customer_id, location_id, currency)
  where m.customer_id = k.customer_id and m.location_id = k.location_id and m.currency = k.currency`

function boundary(direction: 'asc' | 'desc'): string {
  return `select t.occurred_at from purchase_timeline t
      where t.business_id = m.business_id and t.customer_id = m.customer_id and t.listed and t.counted
        and t.type <> 'return' and t.location_id = m.location_id and t.currency = m.currency
      order by t.occurred_at ${direction}, t.purchase_id ${direction} limit 1`
}

export const DROP_EMPTY_METRICS = `
  delete from customer_metrics m
  using unnest($1::uuid[], $2::uuid[], $3::text[]) as k (customer_id, location_id, currency)
  where m.customer_id = k.customer_id and m.location_id = k.location_id and m.currency = k.currency
    and m.order_count = 0 and m.return_count = 0`

/** The arrays are in the order of `productArrays`. */
export const ADD_PRODUCTS = `
  insert into customer_product_stats as s
    (business_id, customer_id, variant_id, times_bought, qty_kept, last_bought_at)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::numeric[], $6::timestamptz[])
  on conflict (customer_id, variant_id) do update set
    times_bought = s.times_bought + excluded.times_bought,
    qty_kept = s.qty_kept + excluded.qty_kept,
    last_bought_at = greatest(s.last_bought_at, excluded.last_bought_at)`

/** A counted line of the timeline: `l` is its tuple (src/domain/receipt.ts). */
const COUNTED_LINES = `
  purchase_timeline t cross join lateral json_array_elements(t.lines) l
  where t.customer_id is not null and t.listed and t.counted
    and l ->> 3 is not null and l ->> 19 is null and l ->> 20 is null`

/** One pass over each customer's lines, however many of the variants lost something. */
export const REFIND_LAST_BOUGHT = `
  with k as (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (business_id, customer_id, variant_id)
  ), last as (
    select t.customer_id, (l ->> 3)::uuid as variant_id, max(t.occurred_at) as at
    from (select distinct business_id, customer_id from k) c, ${COUNTED_LINES}
      and t.business_id = c.business_id and t.customer_id = c.customer_id
      and (l ->> 10)::numeric > 0
    group by 1, 2
  )
  update customer_product_stats s set last_bought_at = last.at
  from k left join last on last.customer_id = k.customer_id and last.variant_id = k.variant_id
  where s.customer_id = k.customer_id and s.variant_id = k.variant_id`

export const DROP_EMPTY_PRODUCTS = `
  delete from customer_product_stats s
  using unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (business_id, customer_id, variant_id)
  where s.customer_id = k.customer_id and s.variant_id = k.variant_id
    and s.times_bought = 0 and s.qty_kept = 0`

/** The metrics as they follow from the timeline alone: what `ADD_METRICS` must always amount to. */
export const METRICS_OF_TIMELINE = `
  select business_id, customer_id, location_id, currency,
    count(*) filter (where type <> 'return')::int as order_count,
    count(*) filter (where type = 'return')::int as return_count,
    count(*) filter (where type = 'exchange')::int as exchange_count,
    sum(total)::numeric as net, sum(refunded)::numeric as refunded,
    min(occurred_at) filter (where type <> 'return') as first_purchase_at,
    max(occurred_at) filter (where type <> 'return') as last_purchase_at
  from purchase_timeline
  where listed and counted and customer_id is not null
  group by business_id, customer_id, location_id, currency`

/** The product statistics as they follow from the timeline alone. */
export const PRODUCTS_OF_TIMELINE = `
  select * from (
    select t.business_id, t.customer_id, (l ->> 3)::uuid as variant_id,
      count(distinct t.purchase_id) filter (where (l ->> 10)::numeric > 0)::int as times_bought,
      sum((l ->> 10)::numeric)::numeric(20, 3) as qty_kept,
      max(t.occurred_at) filter (where (l ->> 10)::numeric > 0) as last_bought_at
    from ${COUNTED_LINES}
    group by 1, 2, 3
  ) s where times_bought <> 0 or qty_kept <> 0`

/** Array parameters as their text form: cheaper to build than to serialise value by value. */
export function metricsArrays(deltas: MetricsDelta[]): string[] {
  return [
    array(deltas, (d) => d.businessId),
    array(deltas, (d) => d.customerId),
    array(deltas, (d) => d.locationId),
    array(deltas, (d) => quoted(d.currency)),
    array(deltas, (d) => d.orders),
    array(deltas, (d) => d.returns),
    array(deltas, (d) => d.exchanges),
    array(deltas, (d) => d.net),
    array(deltas, (d) => d.refunded),
    array(deltas, (d) => time(d.first)),
    array(deltas, (d) => time(d.last)),
  ]
}

export function metricsKeys(deltas: MetricsDelta[]): string[] {
  return [
    array(deltas, (d) => d.customerId),
    array(deltas, (d) => d.locationId),
    array(deltas, (d) => quoted(d.currency)),
  ]
}

export function productArrays(deltas: ProductDelta[]): string[] {
  return [
    ...productKeys(deltas),
    array(deltas, (d) => d.times),
    array(deltas, (d) => decimals(d.qty)),
    array(deltas, (d) => time(d.last)),
  ]
}

export function productKeys(deltas: ProductDelta[]): string[] {
  return [
    array(deltas, (d) => d.businessId),
    array(deltas, (d) => d.customerId),
    array(deltas, (d) => d.variantId),
  ]
}

export function uuidArray(ids: Iterable<string>): string {
  return `{${[...ids].join(',')}}`
}

function array<T>(items: T[], value: (item: T) => string | number | bigint): string {
  let text = '{'
  for (let i = 0; i < items.length; i++) text += i === 0 ? value(items[i]!) : `,${value(items[i]!)}`
  return `${text}}`
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function time(text: string | null): string {
  return text === null ? 'NULL' : `"${text}"`
}

/** Thousandths → decimal text. */
function decimals(thousandths: number): string {
  return (thousandths / 1000).toFixed(3)
}
