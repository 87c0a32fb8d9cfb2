/**
 * The source (write) model: the tables that the POS owns and writes.
 *
 * Every table carries `business_id`, the chain: the tenant. Money is integer minor units (bigint)
 * beside a currency, quantities are numeric(12,3), times are timestamptz. The projector reads these
 * tables through logical replication; which columns it sees is decided in
 * `projector/source/tables.ts`, not here.
 *
 * Child tables (lines, payments) have a unique index (parent id, id) that serves the foreign key and
 * is also their REPLICA IDENTITY (see the custom migration), so that a delete names its purchase.
 *
 * What merges and erasures promise holds for whoever writes here: triggers see to it (see the migration
 * `0003_merge_rules.sql`, and docs/MERGES.md).
 */
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  check,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import {
  CUSTOMER_STATUSES,
  EVIDENCE,
  LOCATION_KINDS,
  ORDER_STATUSES,
  ORDER_TYPES,
  PURCHASE_KINDS,
  REFUND_TENDERS,
  RETURN_REASONS,
  SALE_STATUSES,
  SALE_TYPES,
} from '../domain/purchase.ts'

const id = () => uuid('id').primaryKey().defaultRandom()
const businessId = () =>
  uuid('business_id')
    .notNull()
    .references(() => business.id)
/** Of a child table: its parent's reference says that the tenant exists. */
const parentsBusinessId = () => uuid('business_id').notNull()
const money = (name: string) => bigint(name, { mode: 'bigint' })
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 6 })
const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(', ')})`)

export const business = pgTable('business', {
  id: id(),
  name: text('name').notNull().unique(),
  defaultCurrency: text('default_currency').notNull(),
  timezone: text('timezone').notNull(),
})

export const location = pgTable(
  'location',
  {
    id: id(),
    businessId: businessId(),
    name: text('name').notNull(),
    region: text('region').notNull(),
    timezone: text('timezone').notNull(),
    kind: text('kind', { enum: LOCATION_KINDS }).notNull(),
  },
  (t) => [
    index('location_business_idx').on(t.businessId),
    check('location_kind', oneOf('kind', LOCATION_KINDS)),
  ],
)

export const employee = pgTable(
  'employee',
  {
    id: id(),
    businessId: businessId(),
    displayName: text('display_name').notNull(),
    role: text('role').notNull(),
  },
  (t) => [index('employee_business_idx').on(t.businessId)],
)

export const customer = pgTable(
  'customer',
  {
    id: id(),
    businessId: businessId(),
    externalRef: text('external_ref'),
    name: text('name'),
    phone: text('phone'),
    email: text('email'),
    status: text('status', { enum: CUSTOMER_STATUSES }).notNull().default('active'),
    mergedIntoId: uuid('merged_into_id').references((): AnyPgColumn => customer.id),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('customer_external_ref_key').on(t.businessId, t.externalRef),
    index('customer_merged_into_idx').on(t.mergedIntoId).where(sql`merged_into_id is not null`),
    check('customer_status', oneOf('status', CUSTOMER_STATUSES)),
    check('customer_merged_into', sql`(status = 'merged') = (merged_into_id is not null)`),
    check('customer_not_into_itself', sql`merged_into_id <> id`),
    check(
      'customer_erased',
      sql`status <> 'erased' or coalesce(name, phone, email, external_ref) is null`,
    ),
  ],
)

export const category = pgTable(
  'category',
  {
    id: id(),
    businessId: businessId(),
    parentId: uuid('parent_id').references((): AnyPgColumn => category.id),
    name: text('name').notNull(),
  },
  (t) => [index('category_business_idx').on(t.businessId)],
)

export const product = pgTable(
  'product',
  {
    id: id(),
    businessId: businessId(),
    categoryId: uuid('category_id').references(() => category.id),
    name: text('name').notNull(),
    brand: text('brand'),
  },
  (t) => [index('product_business_idx').on(t.businessId)],
)

export const productVariant = pgTable(
  'product_variant',
  {
    id: id(),
    businessId: businessId(),
    productId: uuid('product_id')
      .notNull()
      .references(() => product.id),
    sku: text('sku').notNull(),
    size: text('size'),
    color: text('color'),
  },
  (t) => [
    uniqueIndex('product_variant_sku_key').on(t.businessId, t.sku),
    index('product_variant_product_idx').on(t.productId),
  ],
)

/** The totals that a sale and an order share. `total` = subtotal − discount + tax; tips apart. */
const totals = () => ({
  currency: text('currency').notNull(),
  subtotal: money('subtotal').notNull(),
  discountTotal: money('discount_total').notNull().default(sql`0`),
  taxTotal: money('tax_total').notNull().default(sql`0`),
  tipTotal: money('tip_total').notNull().default(sql`0`),
  total: money('total').notNull(),
})

/**
 * What a sale line and an order item share: the snapshots as they were when it was rung up. They do not
 * reference the catalogue: what a receipt says must outlive the product, and each reference would lock a
 * row of the catalogue a line (a third of the WAL that a sale writes).
 */
const lineSnapshot = () => ({
  productId: uuid('product_id'),
  variantId: uuid('variant_id'),
  productName: text('product_name').notNull(),
  variantName: text('variant_name'),
  sku: text('sku'),
  size: text('size'),
  color: text('color'),
  categoryName: text('category_name'),
  qty: numeric('qty', { precision: 12, scale: 3 }).notNull(),
  unitPrice: money('unit_price').notNull(),
  discountTotal: money('discount_total').notNull().default(sql`0`),
  taxTotal: money('tax_total').notNull().default(sql`0`),
  total: money('total').notNull(),
})

export const order = pgTable(
  'order',
  {
    id: id(),
    businessId: businessId(),
    locationId: uuid('location_id')
      .notNull()
      .references(() => location.id),
    employeeId: uuid('employee_id').references(() => employee.id),
    customerId: uuid('customer_id').references(() => customer.id, { onDelete: 'set null' }),
    type: text('type', { enum: ORDER_TYPES }).notNull(),
    status: text('status', { enum: ORDER_STATUSES }).notNull(),
    guestCount: smallint('guest_count'),
    ...totals(),
    openedAt: instant('opened_at').notNull().defaultNow(),
    closedAt: instant('closed_at'),
  },
  (t) => [
    index('order_customer_idx').on(t.customerId, t.openedAt),
    check('order_type', oneOf('type', ORDER_TYPES)),
    check('order_status', oneOf('status', ORDER_STATUSES)),
  ],
)

export const orderItem = pgTable(
  'order_item',
  {
    id: id(),
    businessId: parentsBusinessId(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => order.id, { onDelete: 'cascade' }),
    lineNo: integer('line_no').notNull(),
    ...lineSnapshot(),
    seatNo: smallint('seat_no'),
    voidedAt: instant('voided_at'),
    compedAt: instant('comped_at'),
  },
  (t) => [
    uniqueIndex('order_item_identity').on(t.orderId, t.id),
    index('order_item_product_idx').on(t.productId),
    index('order_item_variant_idx').on(t.variantId),
  ],
)

export const orderPayment = pgTable(
  'order_payment',
  {
    id: id(),
    businessId: parentsBusinessId(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => order.id, { onDelete: 'cascade' }),
    method: text('method').notNull(),
    amount: money('amount').notNull(),
  },
  (t) => [uniqueIndex('order_payment_identity').on(t.orderId, t.id)],
)

export const sale = pgTable(
  'sale',
  {
    id: id(),
    businessId: businessId(),
    locationId: uuid('location_id')
      .notNull()
      .references(() => location.id),
    employeeId: uuid('employee_id').references(() => employee.id),
    customerId: uuid('customer_id').references(() => customer.id, { onDelete: 'set null' }),
    type: text('type', { enum: SALE_TYPES }).notNull(),
    status: text('status', { enum: SALE_STATUSES }).notNull(),
    parentSaleId: uuid('parent_sale_id').references((): AnyPgColumn => sale.id),
    orderId: uuid('order_id').references(() => order.id),
    receiptNumber: text('receipt_number'),
    ...totals(),
    createdAt: instant('created_at').notNull().defaultNow(),
    completedAt: instant('completed_at'),
  },
  (t) => [
    index('sale_customer_idx').on(t.customerId, t.createdAt),
    index('sale_parent_idx').on(t.parentSaleId).where(sql`parent_sale_id is not null`),
    index('sale_order_idx').on(t.orderId).where(sql`order_id is not null`),
    check('sale_type', oneOf('type', SALE_TYPES)),
    check('sale_status', oneOf('status', SALE_STATUSES)),
  ],
)

export const saleLine = pgTable(
  'sale_line',
  {
    id: id(),
    businessId: parentsBusinessId(),
    saleId: uuid('sale_id')
      .notNull()
      .references(() => sale.id, { onDelete: 'cascade' }),
    lineNo: integer('line_no').notNull(),
    ...lineSnapshot(),
    promotionRef: text('promotion_ref'),
    bundleRef: text('bundle_ref'),
    /** The line that this line returns. */
    parentLineId: uuid('parent_line_id').references((): AnyPgColumn => saleLine.id),
  },
  (t) => [
    uniqueIndex('sale_line_identity').on(t.saleId, t.id),
    index('sale_line_product_idx').on(t.productId),
    index('sale_line_variant_idx').on(t.variantId),
    index('sale_line_parent_idx').on(t.parentLineId).where(sql`parent_line_id is not null`),
  ],
)

export const salePayment = pgTable(
  'sale_payment',
  {
    id: id(),
    businessId: parentsBusinessId(),
    saleId: uuid('sale_id')
      .notNull()
      .references(() => sale.id, { onDelete: 'cascade' }),
    method: text('method').notNull(),
    amount: money('amount').notNull(),
    reference: text('reference'),
  },
  (t) => [uniqueIndex('sale_payment_identity').on(t.saleId, t.id)],
)

/**
 * A customer who is deleted takes the record of its merges along. One that others are merged into can't
 * be deleted: see `customer.merged_into_id`.
 */
export const customerMerge = pgTable(
  'customer_merge',
  {
    id: id(),
    businessId: businessId(),
    fromCustomerId: uuid('from_customer_id')
      .notNull()
      .references(() => customer.id, { onDelete: 'cascade' }),
    intoCustomerId: uuid('into_customer_id')
      .notNull()
      .references(() => customer.id, { onDelete: 'cascade' }),
    mergedBy: uuid('merged_by').references(() => employee.id),
    reason: text('reason'),
    mergedAt: instant('merged_at').notNull().defaultNow(),
    undoneAt: instant('undone_at'),
  },
  (t) => [
    index('customer_merge_from_idx').on(t.fromCustomerId),
    index('customer_merge_into_idx').on(t.intoCustomerId),
    check('customer_merge_two_customers', sql`from_customer_id <> into_customer_id`),
  ],
)

/**
 * What exactly a merge moved, so that it can be undone exactly. A purchase that a person has moved since
 * is no longer in it: docs/MERGES.md has the rules.
 */
export const customerMergePurchase = pgTable(
  'customer_merge_purchase',
  {
    businessId: businessId(),
    mergeId: uuid('merge_id')
      .notNull()
      .references(() => customerMerge.id, { onDelete: 'cascade' }),
    purchaseKind: text('purchase_kind', { enum: PURCHASE_KINDS }).notNull(),
    purchaseId: uuid('purchase_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.mergeId, t.purchaseKind, t.purchaseId] }),
    index('customer_merge_purchase_purchase_idx').on(t.purchaseId),
  ],
)

/**
 * Who said whose a purchase is, and how sure it was: one row for each time, so the latest is what counts.
 * A customer who is erased or deleted goes out of it (see `customer_gone`); that somebody acted stays.
 */
export const purchaseAttribution = pgTable(
  'purchase_attribution',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    businessId: businessId(),
    purchaseKind: text('purchase_kind', { enum: PURCHASE_KINDS }).notNull(),
    purchaseId: uuid('purchase_id').notNull(),
    /** Null: a guest's. */
    fromCustomerId: uuid('from_customer_id').references(() => customer.id, {
      onDelete: 'set null',
    }),
    toCustomerId: uuid('to_customer_id').references(() => customer.id, { onDelete: 'set null' }),
    evidence: text('evidence', { enum: EVIDENCE }).notNull(),
    note: text('note'),
    attributedBy: uuid('attributed_by').references(() => employee.id),
    attributedAt: instant('attributed_at').notNull().defaultNow(),
  },
  (t) => [
    index('purchase_attribution_purchase_idx').on(t.purchaseId, t.id),
    index('purchase_attribution_from_idx')
      .on(t.fromCustomerId)
      .where(sql`from_customer_id is not null`),
    index('purchase_attribution_to_idx').on(t.toCustomerId).where(sql`to_customer_id is not null`),
    check('purchase_attribution_evidence', oneOf('evidence', EVIDENCE)),
  ],
)

/** Of a return that was made here, not at a till: why, and what was asked for. */
export const saleReturn = pgTable(
  'sale_return',
  {
    saleId: uuid('sale_id')
      .primaryKey()
      .references(() => sale.id, { onDelete: 'cascade' }),
    businessId: parentsBusinessId(),
    reason: text('reason', { enum: RETURN_REASONS }).notNull(),
    refund: text('refund', { enum: REFUND_TENDERS }).notNull(),
  },
  () => [
    check('sale_return_reason', oneOf('reason', RETURN_REASONS)),
    check('sale_return_refund', oneOf('refund', REFUND_TENDERS)),
  ],
)

/**
 * What a command answered, by the key that its client gave it: asked again, it is not done again. Written
 * in the command's own transaction, kept for 30 days. The answers hold ids and counts, nothing personal.
 */
export const idempotencyKey = pgTable(
  'idempotency_key',
  {
    businessId: businessId(),
    /** The employee, or `service`: a key is worth nothing to anybody else. */
    principal: text('principal').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of what was asked for. */
    fingerprint: text('fingerprint').notNull(),
    /** Null only inside of the transaction that is at work. */
    status: smallint('status'),
    body: text('body'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.principal, t.key] }),
    index('idempotency_key_age_idx').on(t.createdAt),
  ],
)

/**
 * Who did what to whom, and who looked at whom. Only ever added to (a trigger sees to it); it holds ids,
 * and nothing of what was seen.
 */
export const accessAudit = pgTable(
  'access_audit',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    businessId: businessId(),
    at: instant('at').notNull().defaultNow(),
    /** Null: a service. No reference: an employee who goes leaves the record behind. */
    employeeId: uuid('employee_id'),
    role: text('role').notNull(),
    /** The operation, as the API names it. */
    action: text('action').notNull(),
    customerId: uuid('customer_id'),
    purchaseId: uuid('purchase_id'),
    /** `done`, or the reason of the refusal. */
    outcome: text('outcome').notNull(),
  },
  (t) => [
    index('access_audit_customer_idx').on(t.businessId, t.customerId, t.at),
    index('access_audit_employee_idx').on(t.businessId, t.employeeId, t.at),
    /** For what has had its time: rows come in its order, so a few pages hold it. */
    index('access_audit_age_idx').using('brin', t.at),
  ],
)

/**
 * Who was erased. It stays when the customer's row is deleted, and without a reference to it: a till
 * that was offline must not bring the person back under the same id.
 */
export const customerErasure = pgTable(
  'customer_erasure',
  {
    customerId: uuid('customer_id').primaryKey(),
    businessId: businessId(),
    requestedBy: uuid('requested_by').references(() => employee.id),
    requestedAt: instant('requested_at').notNull().defaultNow(),
  },
  (t) => [index('customer_erasure_business_idx').on(t.businessId)],
)

/**
 * The erasures of a business, numbered in the order of their commits, which neither a time nor a plain
 * sequence keeps: whoever has seen a number has seen all below it that will ever be. A trigger on
 * `customer_erasure` writes it, under a lock of the business that is held until the commit.
 */
export const erasureNotice = pgTable(
  'erasure_notice',
  {
    number: bigint('number', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    businessId: businessId(),
    customerId: uuid('customer_id')
      .notNull()
      .references(() => customerErasure.customerId, { onDelete: 'cascade' }),
  },
  (t) => [index('erasure_notice_business_idx').on(t.businessId, t.number)],
)
