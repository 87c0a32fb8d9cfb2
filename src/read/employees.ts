/** Names of employees, for answers that know their ids alone. */
import type { Scope } from '../domain/scope.ts'
import { uuidArray } from './customer.ts'
import type { ReadSql } from './store.ts'
import { tenantRows } from './tenant.ts'

/** Of those of the tenant; who is gone has none. */
export async function readEmployeeNames(
  sql: ReadSql,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tenantRows<{ employee_id: string; display_name: string }>(
    sql,
    scope,
    sql`select employee_id, display_name from employee_card
      where business_id = ${scope.businessId}
        and employee_id = any (${uuidArray([...new Set(ids)])}::text::uuid[])`,
  )
  return new Map(rows.map((row) => [row.employee_id, row.display_name]))
}
