/**
 * What a scope sees of a customer, in one digest: made of the answers that it would get, so that nothing can
 * show in it that does not show in them. They are filled into the cache on the way, where those who are told
 * of a change find them.
 */
import { hexOf } from '../../domain/hex.ts'
import { type Lsn, minLsn, parseLsn } from '../../domain/lsn.ts'
import { type Scope, seenLocations } from '../../domain/scope.ts'
import { readCard } from '../../read/card.ts'
import { type RequestScope, StoreUnavailable } from '../../read/store.ts'
import { answerOf, type CustomerEndpoint } from '../answer.ts'
import type { Services } from '../deps.ts'
import { exactJson } from '../json.ts'
import { listQuery } from '../parameters.ts'
import { Problem } from '../problem.ts'
import { pageOf } from '../routes/list.ts'
import { summaryOf } from '../routes/summary.ts'
import type { Sight } from './change-watch.ts'

/** Streams are open only where work needs no request to live: see `AppDeps.changes`. */
const NO_REQUEST: RequestScope = { env: undefined, waitUntil() {} }
/** The last member of every answer about a customer. */
const AS_OF = ',"asOf":'
const HEAD = listQuery.parse({})

/**
 * Who the customer is, and, where the scope does not see all, the totals and the first page. Where it does,
 * every change is one that it sees, also of what these do not show.
 */
export async function sightOf(
  services: Services,
  scope: Scope,
  customerId: string,
): Promise<Sight> {
  const card = await services.withDb(NO_REQUEST, (sql) => readCard(sql, scope, customerId))
  if (!card) throw new Problem('customer-not-found')
  const { customerId: id, value, position } = card
  const seen: Seen[] = [{ text: exactJson({ id, ...value }), position: parseLsn(position) }]
  if (seenLocations(scope) !== 'all') {
    const head = await pageOf(services, scope, id, HEAD)
    seen.push(
      ...(await Promise.all([
        seenIn(services, scope, summaryOf(scope, id)),
        seenIn(services, scope, head),
      ])),
    )
  }
  return {
    customerId: id,
    position: seen.map(({ position }) => position).reduce(minLsn),
    digest: await digestOf(seen.map(({ text }) => text).join('\n')),
  }
}

interface Seen {
  text: string
  position: Lsn
}

/** The answer without its moment, which moves with every change of anybody. */
async function seenIn<T>(
  services: Services,
  scope: Scope,
  endpoint: CustomerEndpoint<T>,
): Promise<Seen> {
  const { body, lsn, from } = await answerOf(services, NO_REQUEST, scope, endpoint)
  if (from === 'stale') throw new StoreUnavailable('only an older answer is there')
  return { text: body.slice(0, body.lastIndexOf(AS_OF)), position: lsn }
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return hexOf(new Uint8Array(digest))
}
