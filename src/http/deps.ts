/** What the app is given by the runtime that starts it. */
import type { Context } from 'hono'
import type { AnswerCache } from '../cache/answer-cache.ts'
import type { SharedCounts } from '../cache/shared-counts.ts'
import type { Principal } from '../domain/access.ts'
import type { Log } from '../log.ts'
import type { RequestScope, WithDb } from '../read/store.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Identity } from './auth.ts'
import type { TokenVerifier } from './auth-tokens.ts'
import type { ChangeStreams, StreamLimits } from './changes/change-streams.ts'
import type { CursorCodec } from './cursor.ts'
import type { ApiMetrics } from './metrics.ts'
import type { PurgeFeed } from './purge-feed.ts'
import type { Quotas } from './quotas.ts'
import type { Standing } from './rate-limiter.ts'
import type { Trace } from './trace.ts'

export interface AppDeps {
  withDb: WithDb
  cache: AnswerCache
  verifyToken: TokenVerifier
  /** Signs cursors. Every instance of the API that a client may meet needs the same. */
  cursorSecret: string
  log: Log
  /**
   * Where the source is, for commands; null where an API only reads. A Worker finds it in the request's
   * bindings.
   */
  sourceUrl?: (request: RequestScope) => string | null
  /** The source's name in the read model; `main` if it is the only one. */
  sourceId?: string
  /** Milliseconds since 1970. */
  now?: () => number
  /** Who looked at whom. Whoever ends the process closes it first. */
  audit: AuditTrail
  /**
   * Where work may go on without a request: streams of changes. Not on workerd. Whoever ends the process
   * closes them first.
   */
  changes?: ChangeStreams
  http?: HttpOptions
}

/** What is the operator's choice; without any of it nothing is limited, and no other origin let in. */
export interface HttpOptions {
  /** Origins whose pages may call the API from a browser. */
  corsOrigins?: readonly string[]
  quotas?: Quotas | null
  /** Counts that several processes hold the quotas with. */
  sharedCounts?: SharedCounts
  /** Who is on the other side of the connection, where the runtime knows for certain. */
  clientAddress?: (c: AppContext) => string | null
  /** Who may read `/metrics`: whoever has the token, or anybody; nobody by default. */
  metrics?: { token: string } | 'open'
  /** Customers that one person may look at in an hour before it is told of. */
  looksAnHour?: number
  /** How many streams of changes may be open, and for how long. */
  streams?: Partial<StreamLimits>
  /** The page of an app for people on the same origin, which has a screen for an address that nobody has. */
  page?: (c: AppContext) => Promise<Response | undefined>
  /** Metrics of others in this process, in Prometheus's text format. */
  moreMetrics?: () => Promise<string>
}

/** What the operations work with. */
export interface Services extends AppDeps {
  cursors: CursorCodec
  metrics: ApiMetrics
  purges: PurgeFeed
  /**
   * Who asks, by an Authorization header. Rejects for a token that is not good, or not any longer.
   */
  identify(authorization: string | undefined, request: RequestScope): Promise<Identity>
}

interface ShownPurchase {
  customerId: string
  purchaseId: string
}

export interface AppEnv {
  Variables: {
    trace: Trace
    /** The operation's id. */
    operation?: string
    /** Only where the operation needs a token. */
    principal: Principal
    /** Whose purchases the answer shows, where the address names nobody. */
    shown?: readonly ShownPurchase[]
    /** How the quotas stand that this request counted for. */
    rateLimit?: Standing[]
  }
}
export type AppContext = Context<AppEnv>

/** The runtime's side of a request, for `withDb` and for work that goes on behind the answer. */
export function requestScope(c: AppContext): RequestScope {
  return {
    env: c.env,
    waitUntil(work) {
      try {
        c.executionCtx.waitUntil(work)
      } catch {
        // Bun and tests have no execution context: there a promise runs on by itself.
      }
    },
  }
}
