/**
 * The statements of a batch. They name no schema: the connection's search path says which generation
 * they mean, and that one's `source_id` has a default. Each is one constant text whatever the batch's size, so that one prepared
 * plan serves all of them. Deltas come as parallel arrays in their text form; rows of purchases as COPY
 * (many new ones) or as one JSON document.
 */
import type { MetricsDelta } from '../project/effects.ts'
import { HEADER_COLUMNS, PURCHASE_COLUMNS } from './rows.ts'

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
  on conflict (purchase_id, source_id) do update set ${assignments}`

/**
 * Whose receipts show a purchase that has changed. $1: the changed ones, which others may have as their
 * parent; $2: what they point at. Of all sources: the tables that serve, by their schema.
 */
export const CUSTOMERS_SHOWN = `
  select customer_id::text as id from public.purchase_timeline
  where parent_purchase_id = any($1::uuid[]) and customer_id is not null
  union
  select customer_id::text from public.purchase_timeline
  where purchase_id = any($2::uuid[]) and customer_id is not null`

/** $1: source, $2: ids of customers. Letters about their rows go: each would hold a name. */
export const FORGET_LETTERS = `
  with named as materialized (
    select id from dead_letter
    where source_id = $1 and change ->> 'table' = 'customer'
      and coalesce(change -> 'new', change -> 'old') ->> 'id' = any($2::text[])
    order by id for update)
  delete from dead_letter using named where dead_letter.id = named.id`

/**
 * $1: source, $2: ids of customers. Letters about their purchases stay, as a guest's: a retry goes by the
 * purchase's own id.
 */
export const DETACH_LETTERS = `
  with named as materialized (
    select id from dead_letter
    where source_id = $1 and change ->> 'table' in ('sale', 'order')
      and (change -> 'new' ->> 'customer_id' = any($2::text[])
        or change -> 'old' ->> 'customer_id' = any($2::text[]))
    order by id for update)
  update dead_letter set change = (
    select jsonb_object_agg(key, case
      when key in ('new', 'old') and value ? 'customer_id'
      then value || '{"customer_id": null}' else value end)::json
    from jsonb_each(change::jsonb))
  from named where dead_letter.id = named.id`

/** $1: as of `UPSERT_PURCHASES`, without lines, payments and what follows from them. */
export const UPDATE_HEADERS = `
  update purchase_timeline t set ${HEADER_COLUMNS.slice(1)
    .map((column) => `${column} = h.${column}`)
    .join(', ')}
  from json_populate_recordset(null::purchase_timeline, $1::text::json) h
  where t.purchase_id = h.purchase_id`

/** $1: ids. */
export const DELETE_PURCHASES = 'delete from purchase_timeline where purchase_id = any($1::uuid[])'

/** The arrays are in the order of `metricsArrays`. */
export const ADD_METRICS = `
  insert into customer_metrics as m (business_id, customer_id, location_id, currency, order_count,
    return_count, exchange_count, net, refunded, first_purchase_at, last_purchase_at)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::int[],
    $8::numeric[], $9::numeric[], $10::timestamptz[], $11::timestamptz[])
  on conflict (customer_id, location_id, currency, source_id) do update set
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

export function uuidArray(ids: Iterable<string>): string {
  return `{${[...ids].join(',')}}`
}

function array<T>(items: T[], value: (item: T) => string | number | bigint): string {
  return `{${items.map(value).join(',')}}`
}

const PLAIN = /^[A-Za-z0-9]+$/

function quoted(text: string): string {
  if (PLAIN.test(text) && text.toUpperCase() !== 'NULL') return text
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function time(text: string | null): string {
  return text === null ? 'NULL' : `"${text}"`
}
