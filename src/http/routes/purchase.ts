/**
 * GET /purchases/:id
 *
 * Not cached: what an entry is checked by is its customer's floor, and a guest's purchase has none.
 */
import type * as z from 'zod'
import { readOwnedReceipt } from '../../read/receipt.ts'
import { readAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { purchasePath } from '../parameters.ts'
import { Problem } from '../problem.ts'
import { purchaseAnswer } from '../schemas.ts'
import { receiptBody } from './receipt.ts'

export const getPurchase = operation(
  {
    id: 'getPurchase',
    method: 'GET',
    path: '/purchases/{id}',
    summary: "The receipt of a purchase, whoever's it is: a guest's, too",
    permission: 'purchases:read',
    params: purchasePath,
    answer: { status: 200, description: 'The receipt', content: purchaseAnswer },
    problems: ['purchase-not-found'],
  },
  ({ c, services, path: { id } }) =>
    readAnswer(c, services, async (sql) => {
      const { value, asOf, position } = await readOwnedReceipt(sql, c.get('principal').scope, id)
      if (!value) throw new Problem('purchase-not-found')
      const { customerId, receipt } = value
      if (customerId) c.set('shown', [{ customerId, purchaseId: id }])
      const body: z.infer<typeof purchaseAnswer> = { customerId, ...receiptBody(receipt), asOf }
      return { position, body }
    }),
)
