/** GET /customers/:id/purchases */
import type * as z from 'zod'
import type { Scope } from '../../domain/scope.ts'
import type { Answer } from '../../read/customer.ts'
import {
  type ListedPurchase,
  type ListFilters,
  type MaskedPurchase,
  type Page,
  readPage,
} from '../../read/list.ts'
import { type CustomerEndpoint, cachedAnswer } from '../answer.ts'
import { invalidCursor } from '../cursor.ts'
import type { Services } from '../deps.ts'
import { operation } from '../operation.ts'
import { customerPath, type ListQuery, listQuery } from '../parameters.ts'
import { listAnswer, type listedPurchase, type maskedPurchase } from '../schemas.ts'

type ListBody = Pick<z.infer<typeof listAnswer>, 'data' | 'page'>

export const getPurchases = operation(
  {
    id: 'getPurchases',
    method: 'GET',
    path: '/customers/{id}/purchases',
    summary: 'The timeline of a customer, newest first, page by page',
    permission: 'purchases:read',
    params: customerPath,
    query: listQuery,
    answer: {
      status: 200,
      description: 'A page',
      content: listAnswer,
      headers: ['ETag', 'Link'],
    },
    problems: ['customer-not-found', 'customer-erased', 'invalid-cursor'],
  },
  async ({ c, services, path: { id: customerId }, query }) => {
    const { scope } = c.get('principal')
    return cachedAnswer(c, services, {
      ...(await pageOf(services, scope, customerId, query)),
      headers: (body) => linkHeader(c.req.url, body),
    })
  },
)

/** A page of the timeline as far as the scope sees it. Throws an `invalid-cursor` problem. */
export async function pageOf(
  { cursors }: Services,
  scope: Scope,
  customerId: string,
  query: ListQuery,
): Promise<CustomerEndpoint<Page>> {
  const filters = filtersOf(query)
  const after = query.cursor !== undefined ? await cursors.open(query.cursor, scope, filters) : null

  /** A cursor of the survivor is good under the ids that were merged into it, too. */
  const ofThisCustomer = (answer: Answer<Page> | null) => {
    if (answer && after && after.customerId !== answer.customerId) throw invalidCursor()
    return answer
  }
  return {
    key: { customerId, endpoint: 'list', parameters: canonical(query) },
    read: async (sql) =>
      ofThisCustomer(await readPage(sql, scope, customerId, filters, after, query.limit)),
    members: async (answer): Promise<ListBody> => {
      const { purchases, next } = answer.value
      const cursor = next && { ...next, customerId: answer.customerId }
      return {
        data: purchases.map((purchase) =>
          'masked' in purchase
            ? maskedBody(purchase)
            : { ...purchaseBody(purchase), topItem: purchase.topItem },
        ),
        page: { next: cursor && (await cursors.sign(cursor, scope, filters)) },
      }
    },
  }
}

/** RFC 8288's link to the next page, by the cursor that the body ends with. */
function linkHeader(address: string, body: string): Record<string, string> {
  const start = body.lastIndexOf(NEXT)
  if (start < 0) return {}
  const url = new URL(address)
  const cursor = body.slice(start + NEXT.length, body.indexOf('"', start + NEXT.length))
  url.searchParams.set('cursor', cursor)
  return { Link: `<${url.pathname}${url.search}>; rel="next"` }
}
const NEXT = '"page":{"next":"'

/** The members of a purchase that list and receipt have in common. */
export function purchaseBody(
  purchase: Omit<ListedPurchase, 'topItem'>,
): Omit<z.infer<typeof listedPurchase>, 'topItem'> {
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

function maskedBody({
  id,
  kind,
  masked,
  occurredAt,
}: MaskedPurchase): z.infer<typeof maskedPurchase> {
  return {
    id,
    kind,
    masked,
    type: null,
    status: null,
    counted: null,
    occurredAt,
    receiptNumber: null,
    location: null,
    total: null,
    refunded: null,
    tip: null,
    discount: null,
    itemCount: null,
    parentPurchaseId: null,
    topItem: null,
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
