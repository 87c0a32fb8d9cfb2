/**
 * The API. Web-standard interfaces only, so that the same app runs on workerd, Bun and Deno; what a
 * runtime has of its own comes in through `AppDeps`.
 */
import { Hono, type MiddlewareHandler } from 'hono'
import { codeOf, isSchemaMissing, isUnavailable, ReadModelBuilding } from '../read/store.ts'
import { Authenticator } from './auth.ts'
import { CursorCodec } from './cursor.ts'
import type { AppContext, AppDeps, AppEnv } from './deps.ts'
import { Problem } from './problem.ts'
import { getHealth, readyRoute } from './routes/health.ts'
import { listRoute } from './routes/list.ts'
import { receiptRoute } from './routes/receipt.ts'
import { searchRoute } from './routes/search.ts'
import { summaryRoute } from './routes/summary.ts'

type Handler = (c: AppContext) => Response | Promise<Response>
type Method = 'GET' | 'POST' | 'DELETE'

/** The app for these dependencies. It keeps no state of a request. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const signedIn = authenticated(deps)
  const cursors = new CursorCodec(deps.cursorSecret)
  const customer = '/customers/:id'

  route(app, '/healthz', [], { GET: getHealth })
  route(app, '/readyz', [], { GET: readyRoute(deps) })
  route(app, '/customers', [signedIn], { GET: searchRoute(deps) })
  route(app, `${customer}/purchase-summary`, [signedIn], { GET: summaryRoute(deps) })
  route(app, `${customer}/purchases`, [signedIn], { GET: listRoute(deps, cursors) })
  route(app, `${customer}/purchases/:purchaseId`, [signedIn], { GET: receiptRoute(deps) })

  app.notFound(() => new Problem('not-found').toResponse())
  app.onError((error, c) => problemOf(error, c, deps).toResponse())
  return app
}

/** The path's methods; every other is refused with the list of those. */
function route(
  app: Hono<AppEnv>,
  path: string,
  middleware: MiddlewareHandler<AppEnv>[],
  handlers: Partial<Record<Method, Handler>>,
) {
  const methods = Object.keys(handlers) as Method[]
  for (const method of methods) app.on(method, [path], ...middleware, handlers[method]!)
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  app.all(path, () => {
    throw new Problem('method-not-allowed', { headers: { Allow: allowed.join(', ') } })
  })
}

function authenticated(deps: AppDeps): MiddlewareHandler<AppEnv> {
  const authenticator = new Authenticator(deps.verifyToken, deps.now ?? Date.now)
  return async function authenticate(c, next) {
    c.set('principal', await authenticator.principal(c.req.header('Authorization')))
    await next()
  }
}

const RETRY_SOON = { 'Retry-After': '2' }
const RETRY_LATER = { 'Retry-After': '10' }

function problemOf(error: Error, c: AppContext, deps: AppDeps): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ReadModelBuilding) {
    const detail = `The read model is in its first copy (${error.phase}); answers would be incomplete.`
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  if (isSchemaMissing(error)) {
    const detail = 'The read store has no read model yet.'
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  // The error's message stays out of the log, too: a database repeats values in it.
  const fields = { path: routeOf(c), error: error.name, code: codeOf(error) }
  if (isUnavailable(error)) {
    deps.log.warn('read store unavailable', fields)
    return new Problem('store-unavailable', { headers: RETRY_SOON })
  }
  const instance = `urn:uuid:${crypto.randomUUID()}`
  deps.log.error('request failed', { ...fields, instance, at: framesOf(error) })
  return new Problem('internal', { members: { instance } })
}

/** The address without the ids in it. */
function routeOf(c: AppContext): string {
  return new URL(c.req.url).pathname.replace(/\/[0-9a-f-]{36}(?=\/|$)/gi, '/:id').slice(0, 200)
}

/** Where it was thrown, without the message that a stack starts with. */
function framesOf(error: Error): string {
  const frames = error.stack?.split('\n').filter((line) => /^\s*at |@/.test(line)) ?? []
  return frames
    .slice(0, 4)
    .map((line) => line.trim())
    .join(' < ')
}
