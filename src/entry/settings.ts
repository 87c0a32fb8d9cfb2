/** What the API is told by variables of the environment; on a Worker, by its vars and secrets. */
import { MIN_SECRET_BYTES } from '../domain/access.ts'
import { TOKEN_SETTINGS, type TokenSettings, tokenVerifierFrom } from '../http/auth-tokens.ts'
import type { HttpOptions } from '../http/deps.ts'
import { parseQuotas, type Quotas } from '../http/quotas.ts'

export interface Settings {
  /** Whose tokens are believed. Every instance that a client may meet needs the same. */
  tokens: TokenSettings
  cache: CacheSetting
  http?: HttpOptions
}

/** A Redis behind the Upstash REST protocol. */
export interface RedisSetting {
  url: string
  token: string
}

/**
 * `in-process` is only right where the projector is in the same process and raises the floors: any
 * other cache of one process would never learn what has changed.
 */
export type CacheSetting = RedisSetting | 'in-process' | 'none'

type Environment = Readonly<Record<string, unknown>>

/** A variable is missing or wrong; the message names it, and never its value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * The settings of an API that runs without its projector.
 * @throws SettingsError
 */
export function readSettings(env: Environment): Settings {
  return {
    tokens: readTokens(env),
    cache: readRedis(env) ?? 'none',
    http: readHttpOptions(env),
  }
}

/**
 * PT_JWKS_URL, PT_JWT_SECRET and what goes with them.
 * @throws SettingsError when they can't be meant together
 */
export function readTokens(env: Environment): TokenSettings {
  const tokens = Object.fromEntries(TOKEN_SETTINGS.map((name) => [name, optional(env, name)]))
  try {
    tokenVerifierFrom(tokens)
  } catch (error) {
    throw error instanceof RangeError ? new SettingsError(error.message) : error
  }
  return tokens
}

/**
 * PT_JWT_SECRET.
 * @throws SettingsError when it is missing, or too short to sign with
 */
export function readJwtSecret(env: Environment): string {
  const secret = required(env, 'PT_JWT_SECRET')
  if (new TextEncoder().encode(secret).length < MIN_SECRET_BYTES)
    throw new SettingsError(`PT_JWT_SECRET is shorter than ${MIN_SECRET_BYTES} bytes`)
  return secret
}

/**
 * UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN; undefined when neither is set.
 * @throws SettingsError when one is missing, or the URL is none
 */
export function readRedis(env: Environment): RedisSetting | undefined {
  const names = ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'] as const
  if (names.every((name) => optional(env, name) === undefined)) return undefined
  const [url, token] = names.map((name) => {
    const value = optional(env, name)
    if (value === undefined)
      throw new SettingsError(`${name} is not set: set both ${names.join(' and ')}, or none`)
    return value
  }) as [string, string]
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new SettingsError(`${names[0]} is not an http:// or https:// URL`)
  return { url, token }
}

/**
 * PT_RATE_LIMITS, PT_CORS_ORIGINS, PT_METRICS_TOKEN and PT_LOOKS_AN_HOUR. Without them the default quotas
 * hold, no other origin is let in, nobody reads the metrics, and 300 customers an hour are told of.
 * @throws SettingsError
 */
export function readHttpOptions(env: Environment): HttpOptions {
  const token = optional(env, 'PT_METRICS_TOKEN')
  const looks = optional(env, 'PT_LOOKS_AN_HOUR')
  if (looks !== undefined && !/^[1-9]\d{0,6}$/.test(looks))
    throw new SettingsError('PT_LOOKS_AN_HOUR is not a number of customers')
  return {
    quotas: readQuotas(env),
    corsOrigins: readOrigins(env),
    ...(token !== undefined && { metrics: { token } }),
    ...(looks !== undefined && { looksAnHour: Number(looks) }),
  }
}

function readQuotas(env: Environment): Quotas | null {
  try {
    return parseQuotas(optional(env, 'PT_RATE_LIMITS') ?? '')
  } catch (error) {
    throw new SettingsError(`PT_RATE_LIMITS: ${(error as RangeError).message}`)
  }
}

function readOrigins(env: Environment): string[] {
  const origins = (optional(env, 'PT_CORS_ORIGINS') ?? '').split(',').map((text) => text.trim())
  return origins.filter(Boolean).map((origin) => {
    if (URL.parse(origin)?.origin === origin) return origin
    throw new SettingsError('PT_CORS_ORIGINS is not a list of origins such as https://till.example')
  })
}

/**
 * A PostgreSQL URL from a variable.
 * @throws SettingsError
 */
export function readDatabaseUrl(env: Environment, name: string): string {
  const url = required(env, name)
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new SettingsError(`${name} is not a postgres:// URL`)
  return url
}

/**
 * A port to listen on; 0 is any free one.
 * @throws SettingsError
 */
export function readPort(env: Environment, name: string, otherwise: number): number {
  const text = optional(env, name) ?? String(otherwise)
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new SettingsError(`${name} is not a port`)
}

function required(env: Environment, name: string): string {
  const value = optional(env, name)
  if (value === undefined) throw new SettingsError(`${name} is not set`)
  return value
}

/** An empty variable is one that is not set, as in a shell. */
function optional(env: Environment, name: string): string | undefined {
  const value = env[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
