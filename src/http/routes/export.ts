/**
 * GET /customers/:id/export: all that is known of one person, for that person. The row of the audit is written
 * first, with the look at the source: without it nothing is exported. The purchases are waited for until the
 * read model has all that the source had then, and go out page by page as the client takes them.
 */
import type * as z from 'zod'
import { commit } from '../../command/commit.ts'
import {
  type Access,
  type AccessPosition,
  readAccesses,
  writeLooks,
} from '../../privacy/access-audit.ts'
import { type Person, readPerson } from '../../privacy/person.ts'
import { CustomerErased } from '../../read/customer.ts'
import type { Position } from '../../read/list.ts'
import { codeOf } from '../../read/store.ts'
import { readWholePurchases, type WholePurchase } from '../../read/whole-purchases.ts'
import { askSource, sourceUrl } from '../command.ts'
import { awaitLsn } from '../consistency.ts'
import { type AppContext, requestScope, type Services } from '../deps.ts'
import { exactJson } from '../json.ts'
import { textStream } from '../json-stream.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { exportAnswer, type exportedPurchase } from '../privacy-schemas.ts'
import { Problem } from '../problem.ts'
import { purchaseBody } from './list.ts'
import { lineBody, paymentBody } from './receipt.ts'

/** So many purchases, or rows of the audit, are in memory at a time. */
export const EXPORT_PAGE = 100

export const exportCustomer = operation(
  {
    id: 'exportCustomer',
    method: 'GET',
    path: '/customers/{id}/export',
    summary: 'All that is known of one person, as one JSON document',
    permission: 'customers:export',
    params: customerPath,
    auditsItself: true,
    limitedAs: 'export',
    answer: { status: 200, description: 'The person', content: exportAnswer },
    problems: ['customer-not-found', 'customer-erased', 'not-yet-consistent', 'source-unavailable'],
  },
  async ({ c, services, path }) => {
    const { result: person, lsn } = await lookAt(c, services, path.id)
    await awaitLsn(c, services, lsn)
    const { id } = person.customer
    return new Response(textStream(reporting(services, document(c, services, person))), {
      headers: {
        'Content-Type': 'application/json',
        'Content-Disposition': `attachment; filename="customer-${id}.json"`,
        'Cache-Control': 'no-store',
      },
    })
  },
)

async function lookAt(c: AppContext, services: Services, customerId: string) {
  const { scope, employeeId, role } = c.get('principal')
  const { businessId } = scope
  return commit(sourceUrl(c, services), async (tx) => {
    const found = await readPerson(tx, businessId, customerId)
    if (!found) throw new Problem('customer-not-found')
    if (found.customer.status === 'erased') throw new CustomerErased(found.customer.id)
    const at = new Date().toISOString()
    const look = { businessId, employeeId, role, customerId, purchaseId: null, at }
    await writeLooks(tx, [{ ...look, action: 'exportCustomer', outcome: 'done' }])
    return found
  })
}

/** A stream has no status to fail with: it breaks off, and the log says so. */
async function* reporting(services: Services, texts: AsyncGenerator<string>) {
  try {
    yield* texts
  } catch (error) {
    const { name } = error as Error
    services.log.error('an export broke off', { error: name, code: codeOf(error) })
    throw error
  }
}

async function* document(c: AppContext, services: Services, person: Person) {
  const { customer, mergedCustomers, merges, attributions } = person
  const head = {
    format: 'purchase-timeline/customer-export',
    version: 1,
    exportedAt: new Date().toISOString(),
    customer,
    mergedCustomers,
    merges,
    attributions,
  }
  yield `${exactJson(head).slice(0, -1)},"purchases":[`
  let asOf: object | undefined
  let until: object | undefined
  let begun = false
  for (let after: Position | null | undefined = null; after !== undefined; ) {
    const page = await purchasesOf(c, services, customer.id, after)
    asOf ??= page.asOf
    until = page.asOf
    const { purchases, next } = page.value
    if (purchases.length > 0) yield listed(purchases.map(exportedBody), begun)
    begun = true
    after = next ?? undefined
  }
  yield '],"accesses":['
  begun = false
  const customerIds = [customer, ...mergedCustomers].map(({ id }) => id)
  for (let before: AccessPosition | null | undefined = null; before !== undefined; ) {
    const page = await accessesOf(c, services, customerIds, before)
    if (page.length > 0) yield listed(page.map(exportedAccess), begun)
    begun = true
    before = page.length === EXPORT_PAGE ? page.at(-1) : undefined
  }
  yield `],${JSON.stringify({ asOf, until, complete: true }).slice(1)}`
}

async function purchasesOf(c: AppContext, services: Services, id: string, after: Position | null) {
  const { scope } = c.get('principal')
  const page = await services.withDb(requestScope(c), (sql) =>
    readWholePurchases(sql, scope, id, after, EXPORT_PAGE),
  )
  // Merged or deleted since it began: what follows would be somebody else's, or nobody's.
  if (page?.customerId !== id) throw new Problem('customer-not-found')
  return page
}

function accessesOf(
  c: AppContext,
  services: Services,
  customerIds: readonly string[],
  before: AccessPosition | null,
) {
  const { businessId } = c.get('principal').scope
  return askSource(c, services, (sql) =>
    readAccesses(sql, businessId, { customerIds }, before, EXPORT_PAGE),
  )
}

/** The entries of a JSON array, without its brackets. */
function listed(entries: readonly object[], begun: boolean): string {
  return (begun ? ',' : '') + exactJson(entries).slice(1, -1)
}

/** Who it was is another person's affair; that it was, in which role and when, is not. */
function exportedAccess({ at, role, action, customerId, purchaseId, outcome }: Access) {
  return { at, role, action, customerId: customerId!, purchaseId, outcome }
}

/** Without the employees: they are other people. */
function exportedBody(purchase: WholePurchase): z.infer<typeof exportedPurchase> {
  const { currency } = purchase
  return {
    ...purchaseBody(purchase),
    subtotal: { amount: purchase.subtotal, currency },
    tax: { amount: purchase.tax, currency },
    guestCount: purchase.guestCount,
    orderId: purchase.orderId,
    settledBy: purchase.settledBy,
    lines: purchase.lines.map((line) => lineBody(line, currency)),
    payments: purchase.payments.map((payment) => paymentBody(payment, currency)),
  }
}
