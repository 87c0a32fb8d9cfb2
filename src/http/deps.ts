/** What the app is given by the runtime that starts it. */
import type { Context } from 'hono'
import type { AnswerCache } from '../cache/answer-cache.ts'
import type { Principal } from '../domain/access.ts'
import type { Log } from '../log.ts'
import type { RequestScope, WithDb } from '../read/store.ts'
import type { TokenVerifier } from './auth-tokens.ts'
import type { CursorCodec } from './cursor.ts'
import type { PurgeFeed } from './purge-feed.ts'

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
}

/** What the operations work with. */
export interface Services extends AppDeps {
  cursors: CursorCodec
  purges: PurgeFeed
}

export interface AppEnv {
  Variables: { principal: Principal }
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
