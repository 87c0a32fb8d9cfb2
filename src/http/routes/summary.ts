/** GET /customers/:id/purchase-summary */
import type * as z from 'zod'
import { readSummary } from '../../read/summary.ts'
import { cachedAnswer } from '../answer.ts'
import type { AppContext, AppDeps } from '../deps.ts'
import { noQuery, parseId, parseQuery } from '../parameters.ts'
import type { summaryAnswer } from '../schemas.ts'

type SummaryBody = Pick<z.infer<typeof summaryAnswer>, 'totals'>

export function summaryRoute(deps: AppDeps) {
  return function getSummary(c: AppContext): Promise<Response> {
    parseQuery(noQuery, c.req.url)
    const customerId = parseId('id', c.req.param('id'))
    const { scope } = c.var.principal
    return cachedAnswer(c, deps, {
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
    })
  }
}
