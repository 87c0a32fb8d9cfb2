/** GET /customers?query= */
import type * as z from 'zod'
import { searchCustomers } from '../../read/search.ts'
import { searchedAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { searchQuery } from '../parameters.ts'
import { searchAnswer } from '../schemas.ts'

export const findCustomers = operation(
  {
    id: 'findCustomers',
    method: 'GET',
    path: '/customers',
    summary: 'Customers by name, phone or external ref, best first',
    permission: 'customers:search',
    limitedAs: 'search',
    query: searchQuery,
    answer: { status: 200, description: 'At most 20 customers', content: searchAnswer },
  },
  ({ c, services, query: { query } }) =>
    searchedAnswer(c, services, async (sql): Promise<z.infer<typeof searchAnswer>> => {
      const found = await searchCustomers(sql, c.var.principal.scope, query)
      return { data: found.value, asOf: found.asOf }
    }),
)
