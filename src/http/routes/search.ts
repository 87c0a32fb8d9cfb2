/** GET /customers?query= */
import type * as z from 'zod'
import { searchCustomers } from '../../read/search.ts'
import { jsonResponse } from '../answer.ts'
import { type AppContext, type AppDeps, requestScope } from '../deps.ts'
import { exactJson } from '../json.ts'
import { parseQuery, searchQuery } from '../parameters.ts'
import type { searchAnswer } from '../schemas.ts'

export function searchRoute(deps: AppDeps) {
  return async function getCustomers(c: AppContext): Promise<Response> {
    const { query } = parseQuery(searchQuery, c.req.url)
    const { scope } = c.var.principal
    const found = await deps.withDb(requestScope(c), (sql) => searchCustomers(sql, scope, query))
    const body: z.infer<typeof searchAnswer> = { data: found.value, asOf: found.asOf }
    return jsonResponse(exactJson(body))
  }
}
