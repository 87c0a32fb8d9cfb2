/**
 * The one way to a tenant's rows. Row security in the read store (`migrations/read/0003`) shows the rows
 * of the tenant that `pt.business_id` names, and none to a statement that names nobody; here a statement
 * names it for itself alone, in one round trip, without a transaction block and without leaving anything
 * to the next one on the connection.
 *
 * The order of evaluation is in the structure: `tenant` is read before the query is, as each row of a
 * lateral subquery may depend on it, and `offset 0` keeps the planner from seeing through either. The
 * setting ends with the statement (`true`: local to its transaction, which is the statement).
 */
import type { Fragment, PendingQuery, Row } from 'postgres'
import type { Scope } from '../domain/scope.ts'
import type { ReadSql } from './store.ts'

/** The rows of `query`, in its order, under row security for the scope's tenant. */
export function tenantRows<T extends Row>(
  sql: ReadSql,
  scope: Scope,
  query: Fragment,
): PendingQuery<T[]> {
  return sql<T[]>`
    select q.* from (
      select set_config('pt.business_id', ${scope.businessId}, true) is not null as named offset 0
    ) tenant cross join lateral (select * from (${query}) r where tenant.named offset 0) q`
}
