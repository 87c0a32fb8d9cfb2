/**
 * Bearer tokens. HS256 with a shared secret; another way of finding keys (a JWKS) is another
 * `TokenVerifier`. A token is believed for its signature, issuer, audience and expiry, and then only
 * if its claims make a scope: a token without a readable scope opens nothing.
 */
import { errors, type JWTPayload, jwtVerify } from 'jose'
import * as z from 'zod'
import {
  MIN_SECRET_BYTES,
  type Principal,
  ROLES,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '../domain/access.ts'
import { scopeOf } from '../domain/scope.ts'
import { uuid } from './parameters.ts'
import { Problem } from './problem.ts'

export interface VerifiedToken {
  principal: Principal
  /** Seconds since 1970. */
  expiresAt: number
}

/** Rejects with a jose error, or with InvalidClaims. */
export type TokenVerifier = (token: string) => Promise<VerifiedToken>

class InvalidClaims extends Error {
  override readonly name = 'InvalidClaims'
}

const MAX_LOCATIONS = 10_000
const claims = z.object({
  business: uuid,
  employee: uuid.nullish(),
  role: z.enum(ROLES),
  locations: z.union([z.literal('*'), z.array(uuid).max(MAX_LOCATIONS)]),
})

/** Throws a RangeError for a secret that is too short to sign with. */
export function sharedSecretVerifier(secret: string, now: () => number): TokenVerifier {
  const key = new TextEncoder().encode(secret)
  if (key.length < MIN_SECRET_BYTES) {
    throw new RangeError(`the token secret must have at least ${MIN_SECRET_BYTES} bytes`)
  }
  return async function verifyWithSharedSecret(token) {
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      requiredClaims: ['exp'],
      currentDate: new Date(now()),
    })
    if (namesItsOwnKey(protectedHeader) || !isAccessToken(protectedHeader.typ)) {
      throw new InvalidClaims()
    }
    return { principal: await principalOf(payload), expiresAt: payload.exp! }
  }
}

/** A token that brings its key along is an attack, whether or not the key is looked at. */
function namesItsOwnKey(header: object): boolean {
  return ['jku', 'jwk', 'x5u', 'x5c'].some((name) => name in header)
}

/** RFC 9068's type, the common one, or none. Anything else was made for another purpose. */
function isAccessToken(typ: string | undefined): boolean {
  return typ === undefined || /^(application\/)?(at\+)?jwt$/i.test(typ)
}

async function principalOf(payload: JWTPayload): Promise<Principal> {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw new InvalidClaims()
  const { business, employee, role, locations } = parsed.data
  return { employeeId: employee ?? null, role, scope: await scopeOf(business, locations) }
}

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

  /** Throws an `invalid-token` problem; a verifier's outage is not one and passes through. */
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
