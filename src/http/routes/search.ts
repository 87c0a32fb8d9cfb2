/** GET /customers?query= */
import type * as z from 'zod'
import { searchCustomers } from '../../read/search.ts'
import { readAnswer } from '../answer.ts'
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
    readAnswer(c, services, async (sql) => {
      const { value, asOf, position } = await searchCustomers(sql, c.get('principal').scope, query)
      const body: z.infer<typeof searchAnswer> = { data: value, asOf }
      return { position, body }
    }),
)
