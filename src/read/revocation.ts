/** Until when tokens of a person, or of the whole chain, were taken back. */
import type { Scope } from '../domain/scope.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** Seconds since 1970 before which an issued token is no longer good; null: all are. */
export async function readRevocation(
  sql: ReadSql,
  scope: Scope,
  employeeId: string | null,
): Promise<number | null> {
  const query = sql`
    select extract(epoch from max(issued_before))::float8 as before from token_revocation
    where business_id = ${scope.businessId} and (employee_id is null or employee_id = ${employeeId})`
  const [row] = await tenantRows<{ before: number | null }>(sql, scope, query)
  return row!.before
}
