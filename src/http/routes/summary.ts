/** GET /customers/:id/purchase-summary */
import type * as z from 'zod'
import type { Scope } from '../../domain/scope.ts'
import { readSummary, type Totals } from '../../read/summary.ts'
import { type CustomerEndpoint, cachedAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { summaryAnswer } from '../schemas.ts'

type SummaryBody = Pick<z.infer<typeof summaryAnswer>, 'totals'>

export const getPurchaseSummary = operation(
  {
    id: 'getPurchaseSummary',
    method: 'GET',
    path: '/customers/{id}/purchase-summary',
    summary: 'Totals of a customer per currency',
    permission: 'purchases:read',
    params: customerPath,
    answer: { status: 200, description: 'The totals', content: summaryAnswer, headers: ['ETag'] },
    problems: ['customer-not-found', 'customer-erased'],
  },
  ({ c, services, path: { id } }) =>
    cachedAnswer(c, services, summaryOf(c.get('principal').scope, id)),
)

/** A customer's totals as far as the scope sees them. */
export function summaryOf(scope: Scope, customerId: string): CustomerEndpoint<Totals[]> {
  return {
    key: { customerId, endpoint: 'summary', parameters: '' },
    read: (sql) => readSummary(sql, scope, customerId),
    members: ({ value }): SummaryBody => ({
      totals: value.map((sum) => ({
        currency: sum.currency,
        gross: sum.gross,
        refunded: sum.refunded,
        net: sum.net,
        orderCount: sum.orderCount,
        returnCount: sum.returnCount,
        exchangeCount: sum.exchangeCount,
        averageTicket: sum.averageTicket,
        firstPurchaseAt: sum.firstPurchaseAt,
        lastPurchaseAt: sum.lastPurchaseAt,
        daysBetweenPurchases: sum.daysBetweenPurchases,
      })),
    }),
  }
}
