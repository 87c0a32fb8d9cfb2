/**
 * The read model: derived from the source by the projector, disposable, and the same whenever it is
 * built again. Only the projector writes here (and `pt migrate`); the API reads.
 *
 * The five tables with a `source_id` are partitioned by it. A partition is what one source has been
 * projected to; it lives in the schema of its generation (`projector/apply/generation.ts`), where a
 * rebuild prepares the next one and swaps the two. The API sees the whole, and only what is attached.
 *
 * `lines` and `payments` are JSON arrays of tuples in the field order of `src/domain/receipt.ts`:
 * the keys would be more than half of the bytes of a row.
 */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  json,
  numeric,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { CUSTOMER_STATUSES, LOCATION_KINDS, PURCHASE_KINDS } from '../domain/purchase.ts'

const pgLsn = customType<{ data: string }>({ dataType: () => 'pg_lsn' })
const money = (name: string) => bigint(name, { mode: 'bigint' })
/** Sums of money: a bigint would overflow where each of its parts does not. */
const moneySum = (name: string) => numeric(name, { precision: 38, scale: 0 })
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 6 })
/** The source that a row came from: only its projector touches it. */
const sourceId = () => text('source_id').notNull().default('main')

/** One row a purchase: what the list and the receipt are answered from. */
export const purchaseTimeline = pgTable(
  'purchase_timeline',
  {
    purchaseId: uuid('purchase_id').notNull(),
    businessId: uuid('business_id').notNull(),
    kind: text('kind', { enum: PURCHASE_KINDS }).notNull(),
    /** A sale type or an order type. */
    type: text('type').notNull(),
    status: text('status').notNull(),
    /** Whether it counts in the customer's totals: see `src/domain/counting.ts`. */
    counted: boolean('counted').notNull(),
    /** False for an order that a sale settles: the two are one purchase, the sale. */
    listed: boolean('listed').notNull(),
    customerId: uuid('customer_id'),
    locationId: uuid('location_id').notNull(),
    employeeId: uuid('employee_id'),
    occurredAt: instant('occurred_at').notNull(),
    receiptNumber: text('receipt_number'),
    currency: text('currency').notNull(),
    subtotal: money('subtotal').notNull(),
    discountTotal: money('discount_total').notNull(),
    taxTotal: money('tax_total').notNull(),
    tipTotal: money('tip_total').notNull(),
    total: money('total').notNull(),
    /** Σ |total| of the returned lines of a return or an exchange; 0 for all else. */
    refunded: moneySum('refunded').notNull(),
    /** Lines that are neither voided nor comped. */
    itemCount: integer('item_count').notNull(),
    /**
     * Product and variant of the line of the largest amount that is neither voided nor comped: of which the list
     * tells. To find it in `lines` for a page of the list would cost more than the rest of the page.
     */
    topProduct: text('top_product'),
    topVariant: text('top_variant'),
    guestCount: smallint('guest_count'),
    /** For a return or an exchange: the sale it came from. */
    parentPurchaseId: uuid('parent_purchase_id'),
    /** For a sale: the order that it settles. */
    orderId: uuid('order_id'),
    /** For an order: the sales that settle it, ascending. */
    settledBy: uuid('settled_by').array(),
    lines: json('lines').notNull(),
    payments: json('payments').notNull(),
    /** Commit LSN of the last source transaction that changed this purchase. */
    lsn: pgLsn('lsn').notNull(),
    sourceId: sourceId(),
  },
  (t) => [
    primaryKey({ columns: [t.purchaseId, t.sourceId] }),
    index('purchase_timeline_list_idx')
      .on(
        t.businessId,
        t.customerId,
        t.occurredAt.desc().nullsFirst(),
        t.purchaseId.desc().nullsFirst(),
      )
      .where(sql`listed and customer_id is not null`),
    index('purchase_timeline_parent_idx')
      .on(t.parentPurchaseId)
      .where(sql`parent_purchase_id is not null`),
    /** Longer numbers, which nobody can ask for, might not fit into an index at all. */
    index('purchase_timeline_receipt_idx')
      .on(t.businessId, sql`lower(${t.receiptNumber})`, t.occurredAt.desc().nullsFirst())
      .where(sql`length(receipt_number) <= 100`),
  ],
)

/** Additive counts and sums per visibility cell: a scope, or a merge, is a sum of these rows. */
export const customerMetrics = pgTable(
  'customer_metrics',
  {
    businessId: uuid('business_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    locationId: uuid('location_id').notNull(),
    currency: text('currency').notNull(),
    /** Counted purchases that are no returns; exchanges are among them. */
    orderCount: integer('order_count').notNull(),
    returnCount: integer('return_count').notNull(),
    exchangeCount: integer('exchange_count').notNull(),
    net: moneySum('net').notNull(),
    refunded: moneySum('refunded').notNull(),
    /** Of the counted purchases that are no returns. */
    firstPurchaseAt: instant('first_purchase_at'),
    lastPurchaseAt: instant('last_purchase_at'),
    sourceId: sourceId(),
  },
  (t) => [primaryKey({ columns: [t.customerId, t.locationId, t.currency, t.sourceId] })],
)

/**
 * What of each variant a customer bought and kept: counted from the lines of the customer's purchases
 * when it is asked for. Kept as a table it would be most of the projector's writing (a row a line), for
 * a figure that is read for one customer at a time; docs/ARCHITECTURE.md has the measurements.
 *
 * - `times_bought`: counted purchases that hold a line of it with a positive quantity
 * - `qty_kept`: Σ quantity over the counted lines: bought less returned
 *
 * The numbers are the positions of variantId, qty, voidedAt and compedAt in a line's tuple.
 */
export const customerProductStats = pgView('customer_product_stats', {
  businessId: uuid('business_id').notNull(),
  customerId: uuid('customer_id').notNull(),
  variantId: uuid('variant_id').notNull(),
  timesBought: integer('times_bought').notNull(),
  qtyKept: numeric('qty_kept', { precision: 20, scale: 3 }).notNull(),
  lastBoughtAt: instant('last_bought_at'),
})
  .with({ securityInvoker: true })
  .as(sql`
  select t.business_id, t.customer_id, (line ->> 3)::uuid as variant_id,
    count(distinct t.purchase_id) filter (where (line ->> 10)::numeric > 0)::integer as times_bought,
    sum((line ->> 10)::numeric)::numeric(20, 3) as qty_kept,
    max(t.occurred_at) filter (where (line ->> 10)::numeric > 0) as last_bought_at
  from purchase_timeline t cross join lateral json_array_elements(t.lines) line
  where t.listed and t.counted and t.customer_id is not null
    and line ->> 3 is not null and line ->> 19 is null and line ->> 20 is null
  group by t.business_id, t.customer_id, line ->> 3`)

/** The directory of customers: look-up, status, and where an old id leads after a merge. */
export const customerCard = pgTable(
  'customer_card',
  {
    customerId: uuid('customer_id').notNull(),
    businessId: uuid('business_id').notNull(),
    externalRef: text('external_ref'),
    name: text('name'),
    phone: text('phone'),
    email: text('email'),
    status: text('status', { enum: CUSTOMER_STATUSES }).notNull(),
    mergedInto: uuid('merged_into'),
    sourceId: sourceId(),
  },
  (t) => [
    primaryKey({ columns: [t.customerId, t.sourceId] }),
    index('customer_card_ref_idx').on(t.businessId, sql`lower(${t.externalRef}) text_pattern_ops`),
    index('customer_card_email_idx').on(t.businessId, sql`lower(${t.email})`),
    /** Digits backwards: staff type the end of a number, with or without its country code. */
    index('customer_card_phone_idx').on(
      t.businessId,
      sql`reverse(regexp_replace(${t.phone}, '\\D', '', 'g')) text_pattern_ops`,
    ),
    index('customer_card_name_idx').using('gin', sql`to_tsvector('simple', ${t.name})`),
  ],
)

export const locationCard = pgTable(
  'location_card',
  {
    locationId: uuid('location_id').notNull(),
    businessId: uuid('business_id').notNull(),
    name: text('name').notNull(),
    region: text('region').notNull(),
    timezone: text('timezone').notNull(),
    kind: text('kind', { enum: LOCATION_KINDS }).notNull(),
    sourceId: sourceId(),
  },
  (t) => [primaryKey({ columns: [t.locationId, t.sourceId] })],
)

export const employeeCard = pgTable(
  'employee_card',
  {
    employeeId: uuid('employee_id').notNull(),
    businessId: uuid('business_id').notNull(),
    displayName: text('display_name').notNull(),
    sourceId: sourceId(),
  },
  (t) => [primaryKey({ columns: [t.employeeId, t.sourceId] })],
)

export const PROJECTION_PHASES = ['creating', 'copying', 'catching_up', 'live'] as const
export type ProjectionPhase = (typeof PROJECTION_PHASES)[number]

/** Numbers of generations, over all sources. */
export const projectionGeneration = pgSequence('projection_generation')

/**
 * How far a source is projected: one row a generation. Written in the same transaction as the rows it
 * speaks of. A source has at most one generation that the API reads and one that is being built.
 */
export const projectionCheckpoint = pgTable(
  'projection_checkpoint',
  {
    sourceId: text('source_id').notNull(),
    /** Names the schema that holds the rows; never used twice in a read store. */
    generation: integer('generation').notNull(),
    /** Whether its rows are attached to the tables that the API reads. */
    serving: boolean('serving').notNull(),
    /** With the slot and its consistent point: what this checkpoint's LSNs belong to. */
    systemIdentifier: text('system_identifier').notNull(),
    slotName: text('slot_name').notNull(),
    consistentPoint: pgLsn('consistent_point'),
    projectionVersion: integer('projection_version').notNull(),
    phase: text('phase', { enum: PROJECTION_PHASES }).notNull(),
    /** While copying: the table and the last key that is copied, and how many rows so far. */
    copyTable: text('copy_table'),
    copyKey: uuid('copy_key'),
    copiedRows: bigint('copied_rows', { mode: 'number' }).notNull().default(0),
    /** While catching up: the read model is whole once this much is applied. */
    barrierLsn: pgLsn('barrier_lsn'),
    /** End LSN of the last source transaction that is applied; nothing below it is missing. */
    appliedLsn: pgLsn('applied_lsn').notNull(),
    /** Commit time of that transaction on the source. */
    committedAt: instant('committed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.sourceId, t.generation] }),
    uniqueIndex('projection_checkpoint_serving_key').on(t.sourceId, t.serving),
  ],
)

/**
 * One row: what is added to the applied LSNs of the serving generations to make the read model's
 * position, so that the position rises also when a generation is replaced or a source removed.
 */
export const positionBase = pgTable('position_base', {
  base: numeric('base', { precision: 20, scale: 0 }).notNull(),
})

/**
 * The read model as a whole, one row: whether it is there, and its position, which rises with every
 * change whichever source it came from. Of one source that was never rebuilt it is the applied LSN.
 */
export const readModel = pgView('read_model', {
  /** `live`, or how far the first copy is; null before it. */
  phase: text('phase', { enum: PROJECTION_PHASES }),
  position: pgLsn('position').notNull(),
  /** The applied LSN of the only source; of several, their position. */
  lsn: pgLsn('lsn'),
  committedAt: instant('committed_at'),
  /** Of several sources `{source: lsn}`; else null. */
  sources: json('sources'),
})
  .with({ securityInvoker: true })
  .as(sql`
  select
    case when served > 0 then 'live' else phase end as phase,
    position,
    case when served > 1 then position else lsn end as lsn,
    committed_at,
    case when served > 1 then sources end as sources
  from (
    select count(*) filter (where serving) as served, min(phase) as phase,
      '0/0'::pg_lsn + coalesce(sum(applied_lsn - '0/0'::pg_lsn) filter (where serving), 0)
        + coalesce((select base from position_base), 0) as position,
      max(applied_lsn) filter (where serving) as lsn,
      max(committed_at) filter (where serving) as committed_at,
      json_object_agg(source_id, applied_lsn order by source_id) filter (where serving) as sources
    from projection_checkpoint
  ) state`)

/**
 * Tokens that are no longer good: those of a person, or of the whole chain, that were issued before an
 * instant. Not derived from the source, and kept by whatever happens to generations.
 */
export const tokenRevocation = pgTable(
  'token_revocation',
  {
    businessId: uuid('business_id').notNull(),
    /** null: all tokens of the chain. */
    employeeId: uuid('employee_id'),
    issuedBefore: instant('issued_before').notNull(),
  },
  (t) => [unique('token_revocation_key').on(t.businessId, t.employeeId).nullsNotDistinct()],
)

/** Slots that served a generation which is gone, until somebody could drop them on the source. */
export const retiredSlot = pgTable(
  'retired_slot',
  {
    sourceId: text('source_id').notNull(),
    slotName: text('slot_name').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.slotName] })],
)

/** Changes that can't be projected, whole, with their reason, until somebody decides. */
export const deadLetter = pgTable(
  'dead_letter',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sourceId: text('source_id').notNull(),
    generation: integer('generation').notNull(),
    commitLsn: pgLsn('commit_lsn').notNull(),
    /** Position of the change in its source transaction. */
    ordinal: integer('ordinal').notNull(),
    reason: text('reason').notNull(),
    change: json('change').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Somebody wants it tried again; the projector does so next. */
    retryRequestedAt: instant('retry_requested_at'),
    /** How often it was tried again in vain. */
    attempts: integer('attempts').notNull().default(0),
    /** Somebody decided, and said why, that it need not be projected. */
    discardedAt: instant('discarded_at'),
    discardReason: text('discard_reason'),
  },
  (t) => [
    uniqueIndex('dead_letter_change_key').on(t.sourceId, t.generation, t.commitLsn, t.ordinal),
  ],
)

/** Customers whose cache floor must still be raised: one row a projector batch, gone once raised. */
export const cacheOutbox = pgTable('cache_outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  /** The read model's position with this change. */
  position: pgLsn('position').notNull(),
  /** null: all customers. */
  customerIds: uuid('customer_ids').array(),
})
