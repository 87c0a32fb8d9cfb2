/** All that the source says of one person, but for the purchases, which may be many. */
import type { CustomerStatus, PurchaseKind } from '../domain/purchase.ts'
import type { Statements } from '../postgres/held-connection.ts'

export interface Contact {
  id: string
  status: CustomerStatus
  name: string | null
  phone: string | null
  email: string | null
  externalRef: string | null
  /** UTC, microseconds, as all times here. */
  createdAt: string
}

interface MergeRecord {
  id: string
  fromCustomerId: string
  intoCustomerId: string
  reason: string | null
  mergedAt: string
  undoneAt: string | null
}

interface AttributionRecord {
  purchaseKind: PurchaseKind
  purchaseId: string
  fromCustomerId: string | null
  toCustomerId: string | null
  evidence: string
  note: string | null
  attributedAt: string
}

export interface Person {
  customer: Contact
  /** Those whose ids lead to the customer by merges. */
  mergedCustomers: Contact[]
  /** All that any of them was ever in, also undone ones. */
  merges: MergeRecord[]
  attributions: AttributionRecord[]
}

/** Under the id of the person, or of one who was merged into them; null when the business has none. */
export async function readPerson(
  sql: Statements,
  businessId: string,
  customerId: string,
): Promise<Person | null> {
  const [survivor] = await sql<{ id: string }[]>`
    with recursive chain as (
      select id, merged_into_id from customer
      where id = ${customerId} and business_id = ${businessId}
      union
      select c.id, c.merged_into_id from chain join customer c on c.id = chain.merged_into_id)
    select id::text from chain where merged_into_id is null`
  if (!survivor) return null
  const contacts = await sql<Contact[]>`
    with recursive person as (
      select ${survivor.id}::uuid as id
      union
      select c.id from person join customer c on c.merged_into_id = person.id)
    select c.id::text, status, name, phone, email, external_ref as "externalRef",
      ${utc(sql, 'created_at')} as "createdAt"
    from person join customer c on c.id = person.id order by c.created_at, c.id`
  const ids = `{${contacts.map(({ id }) => id).join(',')}}`
  const merges = await sql<MergeRecord[]>`
    select id::text, from_customer_id::text as "fromCustomerId",
      into_customer_id::text as "intoCustomerId", reason, ${utc(sql, 'merged_at')} as "mergedAt",
      ${utc(sql, 'undone_at')} as "undoneAt"
    from customer_merge
    where from_customer_id = any(${ids}::text::uuid[]) or into_customer_id = any(${ids}::text::uuid[])
    order by merged_at, customer_merge.id`
  const attributions = await sql<AttributionRecord[]>`
    select purchase_kind as "purchaseKind", purchase_id::text as "purchaseId",
      from_customer_id::text as "fromCustomerId", to_customer_id::text as "toCustomerId", evidence,
      note, ${utc(sql, 'attributed_at')} as "attributedAt"
    from purchase_attribution
    where from_customer_id = any(${ids}::text::uuid[]) or to_customer_id = any(${ids}::text::uuid[])
    order by purchase_attribution.id`
  return {
    customer: contacts.find(({ id }) => id === survivor.id)!,
    mergedCustomers: contacts.filter(({ id }) => id !== survivor.id),
    merges: [...merges],
    attributions: [...attributions],
  }
}

function utc(sql: Statements, column: string) {
  return sql.unsafe(
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  ) as never
}
