/**
 * An issuer's public keys, from its JWKS. jose's own remote set forgets its keys after ten minutes if
 * the issuer is down then, and says of an outage the same as of a wrong token. Here keys that were
 * once fetched go on working, and what can't be decided for want of keys is `KeysUnavailable`.
 *
 * A request fetches for itself and waits for no other's fetch: on workerd it must not.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { type Log, silentLog } from '../log.ts'

/** The keys can't be fetched now, so nobody can say whether a token is good. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export interface RemoteKeysOptions {
  /** Milliseconds since 1970. */
  now?: () => number
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  log?: Log
}

const FETCH_WITHIN_MS = 3_000
/** A key that the issuer takes out of its set works for this long at most, while the set can be read. */
const REFRESH_AFTER_MS = 10 * 60_000
/** Longer than the life of any token that was signed before the outage. */
const KEEP_FOR_MS = 24 * 3_600_000
/** Tokens with made-up key ids must not make us a load on the issuer. */
const REST_MS = 30_000
const REST_AFTER_FAILURE_MS = 5_000

export class RemoteKeys {
  readonly #url: string
  readonly #now: () => number
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly #log: Log
  #keys: JWTVerifyGetKey | null = null
  #loadedAt = 0
  #triedAt = Number.NEGATIVE_INFINITY
  #failed = false

  constructor(url: string, options: RemoteKeysOptions = {}) {
    this.#url = url
    this.#now = options.now ?? Date.now
    this.#fetch = options.fetch ?? ((address, init) => fetch(address, init))
    this.#log = options.log ?? silentLog
  }

  /** jose's way to ask for a token's key. Rejects with JWKSNoMatchingKey or KeysUnavailable. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#current()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (this.#mayTry()) return (await this.#load())(header, token)
      // A new key may be behind it, but the issuer does not tell us.
      throw this.#failed ? new KeysUnavailable('the issuer is down') : error
    }
  }

  async #current(): Promise<JWTVerifyGetKey> {
    const age = this.#now() - this.#loadedAt
    const usable = age < KEEP_FOR_MS ? this.#keys : null
    if (usable && (age < REFRESH_AFTER_MS || !this.#mayTry())) return usable
    if (this.#failed && !this.#mayTry()) throw new KeysUnavailable('the issuer is down')
    return this.#load().catch((error) => {
      if (usable) return usable
      throw error
    })
  }

  #mayTry(): boolean {
    const rest = this.#failed ? REST_AFTER_FAILURE_MS : REST_MS
    return this.#now() - this.#triedAt >= rest
  }

  async #load(): Promise<JWTVerifyGetKey> {
    const triedAt = this.#now()
    this.#triedAt = triedAt
    try {
      const response = await this.#fetch(this.#url, {
        headers: { Accept: 'application/json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(FETCH_WITHIN_MS),
      })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet)
      // An issuer without any key signs nothing: it is broken, and has not withdrawn them all.
      if (keys.jwks().keys.length === 0) throw new Error('no keys')
      this.#keys = keys
      this.#loadedAt = triedAt
      this.#failed = false
      return keys
    } catch (cause) {
      this.#failed = true
      this.#log.warn('the keys of tokens can not be fetched', { error: (cause as Error).name })
      throw new KeysUnavailable('the issuer is down', { cause })
    }
  }
}
