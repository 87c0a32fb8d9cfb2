/** GET /customers/:id/purchases */
import type * as z from 'zod'
import type { Answer } from '../../read/customer.ts'
import { type ListedPurchase, type ListFilters, type Page, readPage } from '../../read/list.ts'
import { cachedAnswer } from '../answer.ts'
import { type CursorCodec, invalidCursor } from '../cursor.ts'
import type { AppContext, AppDeps } from '../deps.ts'
import { type ListQuery, listQuery, parseId, parseQuery } from '../parameters.ts'
import type { listAnswer, listedPurchase } from '../schemas.ts'

type ListBody = Pick<z.infer<typeof listAnswer>, 'data' | 'page'>

export function listRoute(deps: AppDeps, cursors: CursorCodec) {
  return async function getPurchases(c: AppContext): Promise<Response> {
    const query = parseQuery(listQuery, c.req.url)
    const customerId = parseId('id', c.req.param('id'))
    const { scope } = c.var.principal
    const filters = filtersOf(query)
    const after =
      query.cursor !== undefined ? await cursors.open(query.cursor, scope, filters) : null

    /** A cursor of the survivor is good under the ids that were merged into it, too. */
    const ofThisCustomer = (answer: Answer<Page> | null) => {
      if (answer && after && after.customerId !== answer.customerId) throw invalidCursor()
      return answer
    }
    return cachedAnswer(c, deps, {
      key: { customerId, endpoint: 'list', parameters: canonical(query) },
      read: async (sql) =>
        ofThisCustomer(await readPage(sql, scope, customerId, filters, after, query.limit)),
      members: async (answer): Promise<ListBody> => {
        const { purchases, next } = answer.value
        const cursor = next && { ...next, customerId: answer.customerId }
        return {
          data: purchases.map(purchaseBody),
          page: { next: cursor && (await cursors.sign(cursor, scope, filters)) },
        }
      },
    })
  }
}

/** The members of a purchase that list and receipt have in common. */
export function purchaseBody(purchase: ListedPurchase): z.infer<typeof listedPurchase> {
  const { currency } = purchase
  return {
    id: purchase.id,
    kind: purchase.kind,
    type: purchase.type,
    status: purchase.status,
    counted: purchase.counted,
    occurredAt: purchase.occurredAt,
    receiptNumber: purchase.receiptNumber,
    location: purchase.location,
    total: { amount: purchase.total, currency },
    refunded: { amount: purchase.refunded, currency },
    tip: { amount: purchase.tip, currency },
    discount: { amount: purchase.discount, currency },
    itemCount: purchase.itemCount,
    parentPurchaseId: purchase.parentPurchaseId,
  }
}

function filtersOf(query: ListQuery): ListFilters {
  return {
    from: query.fromDate ?? null,
    to: query.toDate ?? null,
    kind: query.type ?? null,
    saleType: query.saleType ?? null,
    locationId: query.locationId ?? null,
  }
}

/** One spelling for each set of parameters, whatever their order and notation. */
function canonical(query: ListQuery): string {
  const { fromDate, toDate, type, saleType, locationId, limit, cursor } = query
  return [fromDate, toDate, type, saleType, locationId, limit, cursor].map((v) => v ?? '').join('|')
}
