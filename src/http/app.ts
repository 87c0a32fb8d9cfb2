/**
 * The API. Web-standard interfaces only, so that the same app runs on workerd, Bun and Deno; what a
 * runtime has of its own comes in through `AppDeps`.
 *
 *   trace ─ cors ─ size ─ token ─ quota ─ role ─ operation
 *     └──────┴─ what is said in the answer, whatever it is: trace, time, quotas, security
 */
import { Hono } from 'hono'
import type { Principal } from '../domain/access.ts'
import { mayDo } from '../domain/permissions.ts'
import { readRevocation } from '../read/revocation.ts'
import { Authenticator } from './auth.ts'
import { CursorCodec } from './cursor.ts'
import { type AppContext, type AppDeps, type AppEnv, requestScope, type Services } from './deps.ts'
import { problemOf } from './failure.ts'
import { crossOrigin, secure, sized } from './headers.ts'
import { audited } from './looks.ts'
import { isNavigation, lostPage } from './lost.ts'
import { ApiMetrics } from './metrics.ts'
import type { Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { Problem } from './problem.ts'
import { PurgeFeed } from './purge-feed.ts'
import { RateLimits } from './rate-limits.ts'
import { sayTrace, traceOf } from './trace.ts'

/** The app for these dependencies. Of requests it keeps counts alone. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { now = Date.now, http = {} } = deps
  const metrics = new ApiMetrics()
  const authenticator = new Authenticator(deps.verifyToken, now)
  const services: Services = {
    ...deps,
    cursors: new CursorCodec(deps.cursorSecret),
    purges: new PurgeFeed({ now }),
    metrics,
    identify: (authorization, request) =>
      authenticator.identify(authorization, ({ scope, employeeId }) =>
        deps.withDb(request, (sql) => readRevocation(sql, scope, employeeId)),
      ),
  }
  const limits = http.quotas ? new RateLimits(http.quotas, http.sharedCounts, now, metrics) : null

  async function principalOf(c: AppContext): Promise<Principal> {
    try {
      const authorization = c.req.header('Authorization')
      return (await services.identify(authorization, requestScope(c))).principal
    } catch (error) {
      const address = http.clientAddress?.(c) ?? null
      if (address !== null && isRefusal(error)) limits?.refused(c, address)
      throw error
    }
  }

  // One function around all, as each middleware has its price in each request.
  app.use(async function around(c, next) {
    const started = performance.now()
    const trace = traceOf(c.req.header('traceparent'), c.req.header('X-Request-Id'))
    c.set('trace', trace)
    await next()
    limits?.answered(c)
    const { headers, status } = c.res
    secure(headers, c.req.url)
    sayTrace(headers, trace)
    const ms = performance.now() - started
    metrics.answered(c.get('operation') ?? 'none', status, ms / 1_000, headers.get('Cache-Status'))
    headers.set('Server-Timing', `app;dur=${ms.toFixed(1)}`)
  })
  if (http.corsOrigins?.length) app.use(crossOrigin(http.corsOrigins))
  app.use(sized())
  for (const { spec, handle } of OPERATIONS) {
    app.on(spec.method, [routePath(spec.path)], async (c) => {
      c.set('operation', spec.id)
      if (spec.permission) {
        const principal = await principalOf(c)
        c.set('principal', principal)
        limits?.take(c, principal, spec)
        return audited(c, services, spec, async () => {
          if (!mayDo(principal.role, spec.permission!)) throw notPermitted(principal.role)
          return handle(c, services)
        })
      }
      return handle(c, services)
    })
  }
  for (const [path, allowed] of allowedMethods(OPERATIONS)) {
    app.all(routePath(path), () => {
      throw new Problem('method-not-allowed', { headers: { Allow: allowed.join(', ') } })
    })
  }
  app.notFound(async (c) => {
    const page = isNavigation(c.req.raw) ? await http.page?.(c) : undefined
    if (!page) throw new Problem('not-found')
    return lostPage(page)
  })
  app.onError((error, c) => {
    const problem = problemOf(error, c, deps.log)
    metrics.problem(problem.kind)
    return problem.toResponse({ traceId: c.get('trace').traceId })
  })
  return app
}

/** `/customers/{id}` as the router writes it. */
function routePath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

/** The methods of each path: every other is refused with the list of those. */
function allowedMethods(operations: readonly Operation[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of operations.map(({ spec }) => spec)) {
    const known = methods.get(path) ?? []
    methods.set(path, [...known, ...(method === 'GET' ? ['GET', 'HEAD'] : [method])])
  }
  return methods
}

function isRefusal(error: unknown): boolean {
  return error instanceof Problem && error.kind === 'invalid-token'
}

function notPermitted(role: string): Problem {
  return new Problem('not-permitted', { detail: `The role ${role} may not do this.` })
}
