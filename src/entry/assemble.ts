/**
 * The one place where settings become what the app is given, the same on every runtime. An entry adds
 * what only its runtime knows: how databases are reached, and whether requests may share work.
 */
import { AnswerCache } from '../cache/answer-cache.ts'
import { MemoryStore } from '../cache/memory-store.ts'
import { NoStore } from '../cache/no-store.ts'
import { UpstashCounts } from '../cache/shared-counts.ts'
import type { CacheStore } from '../cache/store.ts'
import { UpstashStore } from '../cache/upstash-store.ts'
import { AuditTrail } from '../http/audit-trail.ts'
import { tokenVerifierFrom } from '../http/auth-tokens.ts'
import { ChangeStreams } from '../http/changes/change-streams.ts'
import type { AppDeps, HttpOptions } from '../http/deps.ts'
import type { Log } from '../log.ts'
import { isUnavailable, type RequestScope, type WithDb } from '../read/store.ts'
import type { CacheSetting, Settings } from './settings.ts'

interface RuntimeParts {
  withDb: WithDb
  /** Null where the API only reads. */
  sourceUrl: (request: RequestScope) => string | null
  store: CacheStore
  log: Log
  clientAddress?: HttpOptions['clientAddress']
  page?: HttpOptions['page']
  /**
   * Whether requests that miss the same answer share one computation, and what one has begun may go on
   * without it. Default: they do.
   */
  singleFlight?: boolean
}

/** How often watched customers are compared: in the process that costs next to nothing, else a round trip. */
const COMPARE_IN_PROCESS_MS = 50
const COMPARE_MS = 200

/** @throws RangeError for settings of tokens that can't be meant together */
export function assemble(settings: Settings, parts: RuntimeParts): AppDeps {
  const { withDb, sourceUrl, store, log, clientAddress, page, singleFlight = true } = parts
  const { looksAnHour, streams: limits } = settings.http ?? {}
  const cache = new AnswerCache({ store, log, isUnavailable, singleFlight })
  // Without a cache nobody is told of changes; and a stream is work that outlives its request.
  const tells = settings.cache !== 'none' && singleFlight
  const lastChanges = (ids: readonly string[]) => cache.lastChanges(ids)
  const everyMs = settings.cache === 'in-process' ? COMPARE_IN_PROCESS_MS : COMPARE_MS
  return {
    withDb,
    sourceUrl,
    cache,
    ...(tells && { changes: new ChangeStreams({ lastChanges, everyMs, limits }) }),
    ...tokenVerifierFrom(settings.tokens, { log }),
    log,
    // What may share a computation may also go on behind its request.
    audit: new AuditTrail({
      log,
      persistent: singleFlight,
      ...(looksAnHour !== undefined && { alertAbove: looksAnHour }),
    }),
    http: {
      ...settings.http,
      ...(typeof settings.cache === 'object' && {
        sharedCounts: new UpstashCounts(settings.cache),
      }),
      ...(clientAddress && { clientAddress }),
      ...(page && { page }),
    },
  }
}

export function openStore(setting: CacheSetting): CacheStore {
  if (setting === 'in-process') return new MemoryStore()
  return setting === 'none' ? new NoStore() : new UpstashStore(setting)
}
