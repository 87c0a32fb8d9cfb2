/** From an Authorization header to who it is of, or to the problem that says why not. */
import { errors } from 'jose'
import type { Principal } from '../domain/access.ts'
import { isUnavailable, StoreUnavailable } from '../read/store.ts'
import { KeysUnavailable } from './auth-keys.ts'
import { InvalidClaims, type TokenVerifier, type VerifiedToken } from './auth-tokens.ts'
import { Problem } from './problem.ts'

const MAX_REMEMBERED = 5_000
/** Bounds how long a token works that was revoked, or signed with a key that was taken back. */
const REMEMBERED_MS = 60_000
/** While the read store is down, nobody can be seen to be revoked: the last look counts for so long. */
const LAST_LOOK_COUNTS_MS = 5 * 60_000
const LOOK_AGAIN_MS = 5_000
/** What is in the cache must not wait for a store that hangs. */
const LOOK_WITHIN_MS = 1_000

/**
 * Looks up before which second, since 1970, the issued tokens of this person or chain are no longer good;
 * null: all are.
 */
type FindRevocation = (principal: Principal) => Promise<number | null>

export interface Identity {
  principal: Principal
  /** Milliseconds since 1970 until which it is believed without a look; it has not expired by then. */
  freshUntil: number
}

interface Remembered extends Identity {
  /** As `freshUntil`, when a look is not possible. */
  goodUntil: number
}

/**
 * From an Authorization header to who it is of. Verified tokens are remembered for a minute, so that
 * a till's hundredth request costs no cryptography, and no look whether it has been revoked.
 */
export class Authenticator {
  readonly #verify: TokenVerifier
  readonly #now: () => number
  readonly #remembered = new Map<string, Remembered>()

  constructor(verify: TokenVerifier, now: () => number) {
    this.#verify = verify
    this.#now = now
  }

  /**
   * Throws an `invalid-token` problem, or `auth-unavailable` when nobody can say whether it is. Rejects as
   * `findRevocation` does where that is not known from before.
   */
  async identify(
    authorization: string | undefined,
    findRevocation: FindRevocation,
  ): Promise<Identity> {
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
    if (!token) throw unauthorized(authorization === undefined ? null : 'the header is not Bearer')
    const known = this.#remembered.get(token)
    if (known && this.#now() < known.freshUntil) return known
    const verified = await this.#verify(token).catch((error: unknown) => {
      this.#remembered.delete(token)
      throw refusal(error)
    })
    let before: number | null
    try {
      const look = findRevocation(verified.principal)
      before = await (known ? inTime(look) : look)
    } catch (error) {
      if (!known || this.#now() >= known.goodUntil || !isUnavailable(error)) throw error
      known.freshUntil = Math.min(known.goodUntil, this.#now() + LOOK_AGAIN_MS)
      return known
    }
    if (before !== null && (verified.issuedAt === null || verified.issuedAt < before)) {
      this.#remembered.delete(token)
      throw unauthorized('it has been revoked')
    }
    return this.#remember(token, verified)
  }

  #remember(token: string, { principal, expiresAt }: VerifiedToken): Identity {
    this.#remembered.delete(token)
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value!)
    }
    const until = (ms: number) => Math.min(expiresAt * 1000, this.#now() + ms)
    const freshUntil = until(REMEMBERED_MS)
    const remembered = { principal, freshUntil, goodUntil: until(LAST_LOOK_COUNTS_MS) }
    this.#remembered.set(token, remembered)
    return remembered
  }
}

/**
 * Looks again whenever the last look counts no more, and not sooner, however often it is called: for what stays open,
 * also when its token is forgotten meanwhile among thousands of others. Rejects as `identify` does.
 */
export function renewalOf(identify: () => Promise<Identity>, now: () => number) {
  let freshUntil = Number.NEGATIVE_INFINITY
  return async function renew(): Promise<void> {
    if (now() >= freshUntil) freshUntil = (await identify()).freshUntil
  }
}

async function inTime<T>(look: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable('no answer in time')), LOOK_WITHIN_MS)
  })
  try {
    return await Promise.race([look, late])
  } finally {
    clearTimeout(timer)
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof InvalidClaims)
    return unauthorized('its header or claims are not usable here')
  if (error instanceof errors.JWTExpired) return unauthorized('it has expired')
  if (error instanceof errors.JOSEError) return unauthorized('it is not valid')
  if (error instanceof KeysUnavailable) {
    const headers = { 'Retry-After': '5' }
    return new Problem('auth-unavailable', {
      detail: 'The keys of tokens can not be read.',
      headers,
    })
  }
  return error
}

function unauthorized(reason: string | null): Problem {
  const challenge = 'Bearer realm="purchase-timeline"'
  return new Problem('invalid-token', {
    detail:
      reason === null
        ? 'Send an access token as a Bearer token.'
        : `The access token is refused: ${reason}.`,
    headers: {
      'WWW-Authenticate':
        reason === null
          ? challenge
          : `${challenge}, error="invalid_token", error_description="${reason}"`,
    },
  })
}
