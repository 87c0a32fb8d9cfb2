/** GET /customers/:id */
import type * as z from 'zod'
import { readCard } from '../../read/card.ts'
import { readAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { Problem } from '../problem.ts'
import { customerAnswer } from '../schemas.ts'

export const getCustomer = operation(
  {
    id: 'getCustomer',
    method: 'GET',
    path: '/customers/{id}',
    summary: 'Who a customer is',
    permission: 'purchases:read',
    params: customerPath,
    answer: { status: 200, description: 'The customer', content: customerAnswer },
    problems: ['customer-not-found', 'customer-erased'],
  },
  ({ c, services, path: { id } }) =>
    readAnswer(c, services, async (sql) => {
      const answer = await readCard(sql, c.get('principal').scope, id)
      if (!answer) throw new Problem('customer-not-found')
      const { customerId, mergedFrom, value, asOf, position } = answer
      const body: z.infer<typeof customerAnswer> = {
        customerId,
        ...(mergedFrom && { mergedFrom }),
        ...value,
        asOf,
      }
      return { position, body }
    }),
)
