/**
 * How the API reaches the read store: a provider that lends a connection for one piece of work, the
 * driver options that the queries here rely on, and which errors mean "not now".
 */
import type { PostgresType, Sql } from 'postgres'

export type ReadSql = Sql<{ instant: string }>

/** What a runtime gives along with a request. */
export interface RequestScope {
  /** The runtime's bindings (a Worker's `env`); undefined elsewhere. */
  env: unknown
  /** Keeps the runtime alive until the work is done, after the answer has gone out. */
  waitUntil(work: Promise<unknown>): void
}

/**
 * Lends a client for the read store. A Worker must open one per request (its sockets belong to the
 * request); Bun and Deno lend from a pool.
 */
export type WithDb = <T>(request: RequestScope, work: (sql: ReadSql) => Promise<T>) => Promise<T>

const instant: PostgresType<string> = {
  to: 1184,
  from: [1184],
  serialize: String,
  parse: String,
}

/**
 * Options that every client for these queries needs. postgres.js would pass timestamps through Date,
 * which cuts microseconds off a cursor; and it would ask for array types before the first query.
 */
export const READ_CLIENT_OPTIONS = {
  types: { instant },
  fetch_types: false,
  prepare: true,
} as const

/** The read store can't be asked now; it may be later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The read model is not whole yet: it is in its first copy, or nothing was ever projected. */
export class ReadModelBuilding extends Error {
  override readonly name = 'ReadModelBuilding'
  readonly phase: string
  constructor(phase: string) {
    super(`the read model is not whole yet (${phase})`)
    this.phase = phase
  }
}

const DRIVER_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  'ERR_SOCKET_CLOSED',
  'FailedToOpenSocket',
])
/** Connection exceptions, out of resources, shutting down, wrong credentials, no such database. */
const SQLSTATE_CLASSES = new Set(['08', '53', '58', '28', '3D'])
/** Shutdown, crash, starting up, statement timeout, a standby that cancels; a role that has not been let in. */
const SQLSTATES = new Set(['57P01', '57P02', '57P03', '57014', '40001', '42501'])

/** Whether an error says that the store can't answer now, rather than that the query is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true
  const code = codeOf(error)
  if (code === null) return isSocketError(error)
  return DRIVER_CODES.has(code) || SQLSTATES.has(code) || SQLSTATE_CLASSES.has(sqlClass(code))
}

/**
 * workerd's sockets fail with a plain Error without a code. That it came through the driver is told by the
 * query that the driver adds.
 */
function isSocketError(error: unknown): boolean {
  return error instanceof Error && error.name === 'Error' && 'query' in error
}

/** Whether an error says that the read model's tables (or some columns, or functions) are not there. */
export function isSchemaMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code !== null && ['42P01', '42703', '42883', '3F000'].includes(code)
}

/** An error's code, which holds no values, unlike its message. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function sqlClass(code: string): string {
  return /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : ''
}
