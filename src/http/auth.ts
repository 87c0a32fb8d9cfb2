/** From an Authorization header to a principal, or to the problem that says why not. */
import { errors } from 'jose'
import type { Principal } from '../domain/access.ts'
import { KeysUnavailable } from './auth-keys.ts'
import { InvalidClaims, type TokenVerifier, type VerifiedToken } from './auth-tokens.ts'
import { Problem } from './problem.ts'

const MAX_REMEMBERED = 1_000
/** Bounds how long a key that was taken back goes on working. */
const REMEMBERED_SECONDS = 60

/**
 * From an Authorization header to a principal. Verified tokens are remembered for a minute, so that
 * a till's hundredth request costs no cryptography.
 */
export class Authenticator {
  readonly #verify: TokenVerifier
  readonly #now: () => number
  readonly #verified = new Map<string, VerifiedToken>()

  constructor(verify: TokenVerifier, now: () => number) {
    this.#verify = verify
    this.#now = now
  }

  /** Throws an `invalid-token` problem, or `auth-unavailable` when nobody can say whether it is. */
  async principal(authorization: string | undefined): Promise<Principal> {
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
    if (!token) throw unauthorized(authorization === undefined ? null : 'the header is not Bearer')
    const known = this.#verified.get(token)
    if (known && known.expiresAt > this.#now() / 1000) return known.principal
    this.#verified.delete(token)
    const verified = await this.#verify(token).catch((error: unknown) => {
      throw refusal(error)
    })
    if (this.#verified.size >= MAX_REMEMBERED) {
      this.#verified.delete(this.#verified.keys().next().value!)
    }
    const until = this.#now() / 1000 + REMEMBERED_SECONDS
    this.#verified.set(token, { ...verified, expiresAt: Math.min(verified.expiresAt, until) })
    return verified.principal
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
