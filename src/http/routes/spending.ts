/** GET /customers/:id/spending */
import type * as z from 'zod'
import { readSpending } from '../../read/spending.ts'
import { cachedAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { spendingAnswer } from '../schemas.ts'

type SpendingBody = Pick<z.infer<typeof spendingAnswer>, 'months'>

export const getSpending = operation(
  {
    id: 'getSpending',
    method: 'GET',
    path: '/customers/{id}/spending',
    summary: 'What a customer spent, month by month and currency by currency, oldest first',
    description: 'Months without purchases are left out. The summary is the sum of the months.',
    permission: 'purchases:read',
    params: customerPath,
    answer: { status: 200, description: 'The months', content: spendingAnswer, headers: ['ETag'] },
    problems: ['customer-not-found', 'customer-erased'],
  },
  ({ c, services, path: { id: customerId } }) => {
    const { scope } = c.get('principal')
    return cachedAnswer(c, services, {
      key: { customerId, endpoint: 'spending', parameters: '' },
      read: (sql) => readSpending(sql, scope, customerId),
      members: ({ value: months }): SpendingBody => ({ months }),
    })
  },
)
