/** GET /purchases?receiptNumber= */
import type * as z from 'zod'
import { type FoundPurchase, searchPurchases } from '../../read/purchase-search.ts'
import { readAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { receiptQuery } from '../parameters.ts'
import { purchaseSearchAnswer } from '../schemas.ts'

type FoundBody = z.infer<typeof purchaseSearchAnswer>['data'][number]

export const findPurchases = operation(
  {
    id: 'findPurchases',
    method: 'GET',
    path: '/purchases',
    summary: 'Purchases by the number that is printed on the receipt, newest first',
    description: 'Of those whose details the token sees. Stores may use a number each.',
    permission: 'purchases:read',
    limitedAs: 'search',
    query: receiptQuery,
    answer: { status: 200, description: 'At most 20 purchases', content: purchaseSearchAnswer },
  },
  ({ c, services, query: { receiptNumber } }) =>
    readAnswer(c, services, async (sql) => {
      const { value, asOf, position } = await searchPurchases(
        sql,
        c.get('principal').scope,
        receiptNumber,
      )
      c.set('shown', value.flatMap(shownOf))
      const body: z.infer<typeof purchaseSearchAnswer> = { data: value.map(foundBody), asOf }
      return { position, body }
    }),
)

function shownOf({ id: purchaseId, customer }: FoundPurchase) {
  return customer ? [{ customerId: customer.id, purchaseId }] : []
}

function foundBody({ currency, total: amount, ...purchase }: FoundPurchase): FoundBody {
  return { ...purchase, total: { amount, currency } }
}
