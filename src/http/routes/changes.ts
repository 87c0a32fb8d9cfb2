/** GET /customers/:id/changes */
import { renewalOf } from '../auth.ts'
import { sightOf } from '../changes/sight.ts'
import { awaitToken } from '../consistency.ts'
import { requestScope } from '../deps.ts'
import { operation } from '../operation.ts'
import { customerPath } from '../parameters.ts'
import { Problem } from '../problem.ts'

const DESCRIPTION = `Server-sent events. \`changed\` says that something has changed of what the token sees of the customer: ask again
for what is shown. Its data is \`{"customerId", "lsn"}\`, its id the position of the change. \`erased\`, with \`{"customerId"}\`,
says that the person was erased, and is the last. Several changes may be one event; what is out of the token's sight is none.

The stream ends with its token, and after some minutes in any case: open it again, and then ask for what is shown. There is a
comment at least every 20 seconds.

Not every deployment offers it (\`changes-not-offered\`): ask again by \`ETag\` from time to time then.`

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Proxies that would gather an answer before they pass it on.
  'X-Accel-Buffering': 'no',
}

export const getChanges = operation(
  {
    id: 'getChanges',
    method: 'GET',
    path: '/customers/{id}/changes',
    summary: 'A stream that says when to ask again',
    description: DESCRIPTION,
    permission: 'purchases:read',
    params: customerPath,
    answer: { status: 200, description: 'The stream', content: 'text/event-stream' },
    problems: ['customer-not-found', 'customer-erased', 'changes-not-offered'],
  },
  async ({ c, services, path: { id: customerId } }) => {
    const { changes, identify, now = Date.now } = services
    if (!changes) throw new Problem('changes-not-offered')
    await awaitToken(c, services)
    const principal = c.get('principal')
    const look = () => sightOf(services, principal.scope, customerId)
    if (c.req.method === 'HEAD') {
      await look()
      return new Response(null, { headers: HEADERS })
    }
    const authorization = c.req.header('Authorization')
    const request = requestScope(c)
    const renew = renewalOf(() => identify(authorization, request), now)
    const { signal } = c.req.raw
    const body = await changes.open({ principal, customerId, look, renew, signal })
    return new Response(body, { headers: HEADERS })
  },
)
