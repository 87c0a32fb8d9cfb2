/** The app on a test's read store, without a port, and tokens for it. */
import { SignJWT } from 'jose'
import { AnswerCache } from '../../../src/cache/answer-cache.ts'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import type { CacheStore } from '../../../src/cache/store.ts'
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../../src/domain/access.ts'
import { createApp } from '../../../src/http/app.ts'
import { AuditTrail, type AuditTrailOptions } from '../../../src/http/audit-trail.ts'
import { sharedSecretVerifier } from '../../../src/http/auth-tokens.ts'
import { ChangeStreams } from '../../../src/http/changes/change-streams.ts'
import type { AppDeps, HttpOptions } from '../../../src/http/deps.ts'
import { type Log, silentLog } from '../../../src/log.ts'
import {
  isUnavailable,
  type ReadSql,
  StoreUnavailable,
  type WithDb,
} from '../../../src/read/store.ts'
import { assertContract } from '../../contract/support/contract.ts'
import { until } from '../../projector/support/until.ts'

export const SECRET = 'a secret of the tests, long enough for HS256'

export interface TestApi {
  /** GET with a token; `path` starts with a slash. */
  get(path: string, token?: string, headers?: Record<string, string>): Promise<Response>
  request(path: string, init?: RequestInit): Promise<Response>
  /** Resolves when everything that goes on behind earlier answers is done. */
  settled(): Promise<void>
}

/** What nothing takes that is only slow. */
const SLOW_MS = 15_000

export interface TestApiOptions {
  audit?: Partial<AuditTrailOptions>
  store?: CacheStore
  withDb?: WithDb
  now?: () => number
  log?: Log
  /** For commands. */
  sourceUrl?: string
  /**
   * Whether a read is sent again while the read model is still on its way to what it must have, as a client does that
   * is told to. Default: yes; a test of that refusal wants it.
   */
  asksAgain?: boolean
  http?: HttpOptions
}

/** What an app is made of here; without `withDb` its read store can't be reached. */
export function appDepsOf(options: TestApiOptions = {}): AppDeps {
  const { now = Date.now, log = silentLog, sourceUrl, http } = options
  const store = options.store ?? new MemoryStore({ now })
  // A read store that is only slow is waited for: what is older is no answer that a test may get.
  const cache = new AnswerCache({ store, log, now, isUnavailable, patienceMs: SLOW_MS })
  const lastChanges = (ids: readonly string[]) => cache.lastChanges(ids)
  const limits = http?.streams
  return {
    withDb: options.withDb ?? (() => Promise.reject(new StoreUnavailable('none is given'))),
    cache,
    ...(limits && { changes: new ChangeStreams({ lastChanges, everyMs: 10, limits }) }),
    verifyToken: sharedSecretVerifier(SECRET, now),
    cursorSecret: SECRET,
    ...(sourceUrl && { sourceUrl: () => sourceUrl }),
    ...(http && { http }),
    log,
    now,
    audit: new AuditTrail({ log, now, gatherMs: 0, denialWaitMs: SLOW_MS, ...options.audit }),
  }
}

export function testApi(sql: ReadSql, options: TestApiOptions = {}): TestApi {
  const app = createApp(appDepsOf({ withDb: (_request, work) => work(sql), ...options }))
  const behind = new Set<Promise<unknown>>()
  const context = {
    props: {},
    passThroughOnException() {},
    waitUntil(work: Promise<unknown>) {
      behind.add(work)
      work.finally(() => behind.delete(work))
    },
  }
  const { asksAgain = true } = options
  const ask = async (path: string, init?: RequestInit) => {
    const response = await app.request(path, init, {}, context)
    await assertContract(init?.method ?? 'GET', path, response.clone() as Response)
    return response
  }
  const request = async (path: string, init?: RequestInit) => {
    if (!asksAgain || (init?.method ?? 'GET') !== 'GET') return ask(path, init)
    return until(async () => {
      const response = await ask(path, init)
      return (await isOnItsWay(response)) ? undefined : response
    }, `the read model comes to what ${path} must have`)
  }
  return {
    request,
    get: (path, token, headers) =>
      request(path, {
        headers: { ...(token && { Authorization: `Bearer ${token}` }), ...headers },
      }),
    async settled() {
      await Promise.all(behind)
    },
  }
}

/** Whether the answer is that the read model does not have yet what it must have. */
export async function isOnItsWay(response: Response): Promise<boolean> {
  if (response.status !== 503) return false
  const { type } = (await response.clone().json()) as Body
  return type === 'urn:purchase-timeline:problem:not-yet-consistent'
}

export interface TokenInput {
  business: string
  locations?: unknown
  visibility?: unknown
  role?: unknown
  employee?: unknown
  secret?: string
  issuer?: string
  audience?: string
  /** Seconds from now; null leaves the claim out. */
  expiresIn?: number | null
  notBefore?: number
  /** Seconds from now; null leaves the claim out. */
  issuedAt?: number | null
  header?: Record<string, unknown>
}

/** A token as `pt token` would issue it, or one that is wrong in the given ways. */
export async function tokenFor(input: TokenInput): Promise<string> {
  const { business, locations = '*', visibility, role = 'cashier', employee = null, header } = input
  const now = Math.floor(Date.now() / 1000)
  const { expiresIn = 3600, issuedAt = 0 } = input
  const jwt = new SignJWT({ business, locations, visibility, role, employee })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .setIssuer(input.issuer ?? TOKEN_ISSUER)
    .setAudience(input.audience ?? TOKEN_AUDIENCE)
  if (issuedAt !== null) jwt.setIssuedAt(now + issuedAt)
  if (expiresIn !== null) jwt.setExpirationTime(now + expiresIn)
  if (input.notBefore !== undefined) jwt.setNotBefore(now + input.notBefore)
  return jwt.sign(new TextEncoder().encode(input.secret ?? SECRET))
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
export type Body = any

/** The body, and a failure that shows it when the status is another than expected. */
export async function bodyOf(response: Response, status = 200): Promise<Body> {
  const text = await response.text()
  if (response.status !== status) {
    throw new Error(`expected ${status}, got ${response.status}: ${text}`)
  }
  return JSON.parse(text)
}
