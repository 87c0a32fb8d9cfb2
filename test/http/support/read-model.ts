/** A read model filled by hand: rows as a projector would have written them, metrics with them. */
import type { TransactionSql } from 'postgres'
import postgres from 'postgres'
import { replay } from '../../../projector/record/replay.ts'
import { isCounted } from '../../../src/domain/counting.ts'
import type { PurchaseKind } from '../../../src/domain/purchase.ts'
import { LINE_FIELDS, type LineField, type Tuple } from '../../../src/domain/receipt.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../../src/read/store.ts'
import { asApi, createTestDatabases } from '../../support/postgres.ts'

/** For a hook that may have to boot the tests' server first, on a busy machine. */
export const BOOT_MS = 300_000

let serial = 0

/** A new id, the same in every run; `label` tells in a failure whose it is. */
export function makeId(label = 'a'): string {
  const head = [...label].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  serial += 1
  return `${head.padEnd(8, '0').slice(0, 8)}-0000-4000-8000-${String(serial).padStart(12, '0')}`
}

export interface PurchaseInput {
  id?: string
  businessId: string
  customerId: string | null
  locationId: string
  employeeId?: string
  kind?: PurchaseKind
  type?: string
  status?: string
  occurredAt?: string
  receiptNumber?: string
  currency?: string
  total?: bigint | number
  refunded?: bigint | number
  tip?: bigint | number
  discount?: bigint | number
  itemCount?: number
  /** Product and variant. */
  topItem?: [string, string?]
  guestCount?: number
  parentPurchaseId?: string
  orderId?: string
  settledBy?: string[]
  lines?: Tuple[]
  payments?: Tuple[]
}

/** A line's tuple of named fields. */
export function line(fields: Partial<Record<LineField, string | null>>): Tuple {
  const whole = { id: makeId('line'), lineNo: '1', productName: 'Thing', qty: '1.000', ...fields }
  const money = { unitPrice: '0', discountTotal: '0', taxTotal: '0', total: '0', ...whole }
  return LINE_FIELDS.map((field) => (money as Record<string, string | null>)[field] ?? null)
}

/** What the API may ask of its read store, and what a test may do to it. */
export class ReadModel {
  /** Of the API's role, as `sql` is: bound by row security. */
  readonly url: string
  readonly sql: ReadSql
  /** Writes as the projector would. */
  readonly owner: ReadSql
  readonly ownerUrl: string
  readonly #drop: () => Promise<void>

  constructor(readUrl: string, drop: () => Promise<void>) {
    this.url = asApi(readUrl)
    this.sql = postgres(this.url, { ...READ_CLIENT_OPTIONS, max: 4, onnotice() {} })
    this.ownerUrl = readUrl
    this.owner = postgres(readUrl, { ...READ_CLIENT_OPTIONS, max: 4, onnotice() {} })
    this.#drop = drop
  }

  /** A migrated, empty read store whose checkpoint says that it is live. */
  static async create(): Promise<ReadModel> {
    const { readUrl, drop } = await createTestDatabases()
    await replay({ readUrl, pieces: nothing() })
    const model = new ReadModel(readUrl, drop)
    await model.checkpoint({ lsn: '0/1000' })
    return model
  }

  async drop(): Promise<void> {
    await Promise.all([this.sql, this.owner].map((sql) => sql.end({ timeout: 1 })))
    await this.#drop()
  }

  async checkpoint(given: { lsn?: string; phase?: string; committedAt?: string | null }) {
    const { lsn = '0/1000', phase = 'live', committedAt = '2024-05-01T10:00:00.123456Z' } = given
    await this.owner`
      update projection_checkpoint set phase = ${phase}, serving = ${phase === 'live'},
        applied_lsn = ${lsn}::pg_lsn, committed_at = ${committedAt}::timestamptz`
  }

  async location(
    businessId: string,
    name = 'Store',
    id = makeId('loca'),
    timezone = 'UTC',
  ): Promise<string> {
    await this.owner`insert into location_card values
      (${id}, ${businessId}, ${name}, 'North', ${timezone}, 'retail')`
    return id
  }

  async employee(businessId: string, name: string, id = makeId('empl')): Promise<string> {
    await this.owner`insert into employee_card values (${id}, ${businessId}, ${name})`
    return id
  }

  async customer(
    businessId: string,
    card: {
      id?: string
      name?: string | null
      phone?: string | null
      email?: string | null
      externalRef?: string | null
      status?: string
      mergedInto?: string | null
    } = {},
  ): Promise<string> {
    const {
      id = makeId('cust'),
      name = null,
      phone = null,
      email = null,
      externalRef = null,
    } = card
    const { mergedInto = null, status = mergedInto ? 'merged' : 'active' } = card
    await this.owner`insert into customer_card values
      (${id}, ${businessId}, ${externalRef}, ${name}, ${phone}, ${email}, ${status}, ${mergedInto})`
    return id
  }

  /** Adds purchases, and makes the metrics of their customers right. Resolves to the ids. */
  async purchases(inputs: readonly PurchaseInput[]): Promise<string[]> {
    const rows = inputs.map(rowOf)
    await this.owner.begin(async (sql) => {
      for (let from = 0; from < rows.length; from += 5_000) {
        await insertRows(sql, rows.slice(from, from + 5_000))
      }
      await refreshMetrics(sql, [...new Set(rows.map((row) => row.customer_id))])
    })
    return rows.map((row) => row.purchase_id)
  }
}

/** A recording in which nothing happens makes a read model that is live and empty. */
async function* nothing(): AsyncGenerator<never> {}

type Row = ReturnType<typeof rowOf>

function rowOf(input: PurchaseInput) {
  const kind = input.kind ?? 'sale'
  const status = input.status ?? (kind === 'sale' ? 'completed' : 'closed')
  const settled = (input.settledBy?.length ?? 0) > 0
  const total = BigInt(input.total ?? 0)
  return {
    purchase_id: input.id ?? makeId('purc'),
    business_id: input.businessId,
    kind,
    type: input.type ?? (kind === 'sale' ? 'sale' : 'dine_in'),
    status,
    counted: isCounted(kind, status, settled),
    listed: !settled,
    customer_id: input.customerId,
    location_id: input.locationId,
    employee_id: input.employeeId ?? null,
    occurred_at: input.occurredAt ?? '2024-05-01T10:00:00Z',
    receipt_number: input.receiptNumber ?? null,
    currency: input.currency ?? 'EUR',
    subtotal: String(total),
    discount_total: String(input.discount ?? 0),
    tax_total: '0',
    tip_total: String(input.tip ?? 0),
    total: String(total),
    refunded: String(input.refunded ?? 0),
    item_count: input.itemCount ?? input.lines?.length ?? 0,
    guest_count: input.guestCount ?? null,
    parent_purchase_id: input.parentPurchaseId ?? null,
    order_id: input.orderId ?? null,
    settled_by: settled ? `{${input.settledBy!.join(',')}}` : null,
    top_product: input.topItem?.[0] ?? null,
    top_variant: input.topItem?.[1] ?? null,
    lines: input.lines ?? [],
    payments: input.payments ?? [],
    lsn: '0/100',
    source_id: 'main',
  }
}

async function insertRows(sql: TransactionSql<{ instant: string }>, rows: readonly Row[]) {
  await sql`insert into purchase_timeline
    select * from json_populate_recordset(null::purchase_timeline, ${JSON.stringify(rows)}::text::json)`
}

/** The counting rules once more, as SQL, so that a test does not compare the code with itself. */
async function refreshMetrics(
  sql: TransactionSql<{ instant: string }>,
  customers: (string | null)[],
) {
  const ids = `{${customers.filter((id) => id !== null).join(',')}}`
  await sql`delete from customer_metrics where customer_id = any (${ids}::uuid[])`
  await sql`insert into customer_metrics
    select business_id, customer_id, location_id, currency,
      count(*) filter (where type <> 'return'), count(*) filter (where type = 'return'),
      count(*) filter (where type = 'exchange'), sum(total), sum(refunded),
      min(occurred_at) filter (where type <> 'return'),
      max(occurred_at) filter (where type <> 'return')
    from purchase_timeline where counted and customer_id = any (${ids}::uuid[])
    group by business_id, customer_id, location_id, currency`
}
