/**
 * The API. Web-standard interfaces only, so that the same app runs on workerd, Bun and Deno; what a
 * runtime has of its own comes in through `AppDeps`.
 */
import { Hono } from 'hono'
import { SourceUnavailable } from '../command/source.ts'
import { mayDo } from '../domain/permissions.ts'
import { CustomerErased } from '../read/customer.ts'
import { codeOf, isSchemaMissing, isUnavailable, ReadModelBuilding } from '../read/store.ts'
import { Authenticator } from './auth.ts'
import { CursorCodec } from './cursor.ts'
import type { AppContext, AppDeps, AppEnv, Services } from './deps.ts'
import type { Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { Problem } from './problem.ts'
import { PurgeFeed } from './purge-feed.ts'

/** The app for these dependencies. It keeps no state of a request. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { now = Date.now } = deps
  const services: Services = {
    ...deps,
    cursors: new CursorCodec(deps.cursorSecret),
    purges: new PurgeFeed({ now }),
  }
  const authenticator = new Authenticator(deps.verifyToken, now)

  for (const { spec, handle } of OPERATIONS) {
    app.on(spec.method, [routePath(spec.path)], async (c) => {
      if (spec.permission) {
        const principal = await authenticator.principal(c.req.header('Authorization'))
        if (!mayDo(principal.role, spec.permission)) throw notPermitted(principal.role)
        c.set('principal', principal)
      }
      return handle(c, services)
    })
  }
  for (const [path, allowed] of allowedMethods(OPERATIONS)) {
    app.all(routePath(path), () => {
      throw new Problem('method-not-allowed', { headers: { Allow: allowed.join(', ') } })
    })
  }

  app.notFound(() => new Problem('not-found').toResponse())
  app.onError((error, c) => problemOf(error, c, deps).toResponse())
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

function notPermitted(role: string): Problem {
  return new Problem('not-permitted', { detail: `The role ${role} may not do this.` })
}

const RETRY_SOON = { 'Retry-After': '2' }
const RETRY_LATER = { 'Retry-After': '10' }

function problemOf(error: Error, c: AppContext, deps: AppDeps): Problem {
  if (error instanceof Problem) return error
  if (error instanceof CustomerErased) {
    return new Problem('customer-erased', { members: { customerId: error.customerId } })
  }
  if (error instanceof ReadModelBuilding) {
    const detail = `The read model is in its first copy (${error.phase}); answers would be incomplete.`
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  if (isSchemaMissing(error)) {
    const detail = 'The read store has no read model yet.'
    return new Problem('read-model-building', { detail, headers: RETRY_LATER })
  }
  if (error instanceof SourceUnavailable) {
    deps.log.warn('source unavailable', { path: routeOf(c), code: codeOf(error.cause) })
    return new Problem('source-unavailable', { headers: RETRY_SOON })
  }
  // The error's message stays out of the log, too: a database repeats values in it.
  const fields = { path: routeOf(c), error: error.name, code: codeOf(error) }
  if (isUnavailable(error)) {
    deps.log.warn('read store unavailable', fields)
    return new Problem('store-unavailable', { headers: RETRY_SOON })
  }
  const instance = `urn:uuid:${crypto.randomUUID()}`
  deps.log.error('request failed', { ...fields, instance, frames: framesOf(error) })
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
