/** The audit at the source: who looked at whom, and who did what to whom. Only ever added to. */
import type { Role } from '../domain/access.ts'
import type { Statements } from '../postgres/held-connection.ts'

export interface Look {
  businessId: string
  /** Null: a service. */
  employeeId: string | null
  role: Role
  /** The operation, as the API names it. */
  action: string
  customerId: string | null
  purchaseId: string | null
  /** `done`, `dry-run`, or what was answered instead: a problem's kind. */
  outcome: string
  /** ISO 8601. */
  at: string
}

/**
 * Adds rows in one statement. Of a business that the source does not have none is kept, so that a token
 * which should not be there keeps no other row from being written.
 */
export async function writeLooks(sql: Statements, looks: readonly Look[]): Promise<void> {
  await sql`
    insert into access_audit
      (business_id, at, employee_id, role, action, customer_id, purchase_id, outcome)
    select l."businessId", l.at, l."employeeId", l.role, l.action, l."customerId", l."purchaseId",
      l.outcome
    from json_to_recordset(${JSON.stringify(looks)}::text::json) as l("businessId" uuid,
      at timestamptz, "employeeId" uuid, role text, action text, "customerId" uuid,
      "purchaseId" uuid, outcome text)
    where exists (select from business b where b.id = l."businessId")`
}

export interface Access {
  /** Position in the audit, for the next page: unique, in no order of its own. */
  id: string
  /** UTC, microseconds. */
  at: string
  employeeId: string | null
  role: string
  action: string
  /** The id that was asked for: the customer's, or of one that was merged into it. */
  customerId: string | null
  purchaseId: string | null
  outcome: string
}

/** A page ends before this row. */
export type AccessPosition = Pick<Access, 'at' | 'id'>

/** Whose rows: all that concern a person, under whatever id, or all of one employee. */
export type AccessFilter = { customerIds: readonly string[] } | { employeeId: string }

/** Rows of the audit, newest first. */
export async function readAccesses(
  sql: Statements,
  businessId: string,
  filter: AccessFilter,
  before: AccessPosition | null,
  limit: number,
): Promise<Access[]> {
  const whose =
    'employeeId' in filter
      ? sql`employee_id = ${filter.employeeId}`
      : sql`customer_id = any(${`{${filter.customerIds.join(',')}}`}::text::uuid[])`
  const start = before
    ? sql`and (at, id) < (${before.at}::text::timestamptz, ${before.id}::text::bigint)`
    : sql``
  return sql<Access[]>`
    select id::text,
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      employee_id::text as "employeeId", role, action, customer_id::text as "customerId",
      purchase_id::text as "purchaseId", outcome
    from access_audit
    where business_id = ${businessId} and ${whose} ${start}
    order by access_audit.at desc, access_audit.id desc limit ${limit}`
}

/**
 * The customer and all whose ids lead to it by merges, whatever became of them; empty when the business never
 * had it.
 */
export async function readPersonIds(
  sql: Statements,
  businessId: string,
  customerId: string,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with recursive person as (
      select id from customer where id = ${customerId} and business_id = ${businessId}
      union
      select c.id from person join customer c on c.merged_into_id = person.id)
    select id::text from person
    union
    select customer_id::text from customer_erasure
    where customer_id = ${customerId} and business_id = ${businessId}`
  return rows.map(({ id }) => id)
}
