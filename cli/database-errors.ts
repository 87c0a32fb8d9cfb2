/** What is said of a database: where it is, never the password that opens it. */
import { CliError } from './command.ts'

/** `host:port/database`. */
export function describeDatabase(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname || 'localhost'}:${port || 5432}${pathname}`
  } catch {
    return 'the database'
  }
}

/** Failures of the connection itself, by the codes of the operating system, driver and server. */
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ERR_POSTGRES_CONNECTION_CLOSED',
  '28000', // invalid_authorization_specification
  '28P01', // invalid_password
  '3D000', // invalid_catalog_name: no such database
  '53300', // too_many_connections
  '57P03', // cannot_connect_now
])

/** The one line for a database that can't be reached; any other error as it is. */
export function unreachable(url: string, error: unknown): unknown {
  const { code } = error as { code?: string }
  if (error instanceof CliError || code === undefined || !NO_CONNECTION.has(code)) return error
  const reason =
    code === '28P01' || code === '28000'
      ? 'it refuses this user or password'
      : code === '3D000'
        ? 'the server has no such database'
        : code
  return new CliError(`Can't reach the database ${describeDatabase(url)}: ${reason}`, 1, {
    cause: error,
  })
}
