/**
 * Which tokens are believed: signed with one of an issuer's public keys (a JWKS), or with a shared
 * secret, never by the one's algorithms with the other's key. A token is believed for its signature,
 * issuer, audience and expiry, and then only if its claims make a scope: a token without a readable
 * scope opens nothing.
 */
import { type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import * as z from 'zod'
import {
  MIN_SECRET_BYTES,
  type Principal,
  ROLES,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '../domain/access.ts'
import { scopeOf, VISIBILITIES } from '../domain/scope.ts'
import { RemoteKeys, type RemoteKeysOptions } from './auth-keys.ts'
import { uuid } from './parameters.ts'

export interface VerifiedToken {
  principal: Principal
  /** Seconds since 1970; null where the token does not say. */
  issuedAt: number | null
  /** Seconds since 1970. */
  expiresAt: number
}

/** Rejects with a jose error or InvalidClaims, or with KeysUnavailable. */
export type TokenVerifier = (token: string) => Promise<VerifiedToken>

/** The signature is good, and what it signs can not be used here. */
export class InvalidClaims extends Error {
  override readonly name = 'InvalidClaims'
}

const MAX_LOCATIONS = 10_000
const claims = z.object({
  business: uuid,
  employee: uuid.nullish(),
  role: z.enum(ROLES),
  locations: z.union([z.literal('*'), z.array(uuid).max(MAX_LOCATIONS)]),
  visibility: z.enum(VISIBILITIES).default('own'),
})

/** As the environment names them; a Worker's bindings have the same names. */
export interface TokenSettings {
  /** The issuer's key set; `https`, or `http` on this machine. */
  PT_JWKS_URL?: string | undefined
  /** `iss` of the tokens; required with a JWKS. */
  PT_JWT_ISSUER?: string | undefined
  /** `aud` of the tokens. */
  PT_JWT_AUDIENCE?: string | undefined
  /** Signs tokens where there is no JWKS, and cursors unless PT_CURSOR_SECRET does. */
  PT_JWT_SECRET?: string | undefined
  /** Signs cursors; required with a JWKS. */
  PT_CURSOR_SECRET?: string | undefined
}

/** The names of all of them. */
export const TOKEN_SETTINGS = [
  'PT_JWKS_URL',
  'PT_JWT_ISSUER',
  'PT_JWT_AUDIENCE',
  'PT_JWT_SECRET',
  'PT_CURSOR_SECRET',
] as const satisfies (keyof TokenSettings)[]

/** Throws a RangeError that says which setting is missing, too many, or can't be meant. */
export function tokenVerifierFrom(
  settings: TokenSettings,
  options: RemoteKeysOptions = {},
): { verifyToken: TokenVerifier; cursorSecret: string } {
  const { PT_JWKS_URL: url, PT_JWT_SECRET: secret } = settings
  const issuer = settings.PT_JWT_ISSUER
  const audience = settings.PT_JWT_AUDIENCE || TOKEN_AUDIENCE
  const now = options.now ?? Date.now
  if (url && secret) throw new RangeError('set PT_JWKS_URL or PT_JWT_SECRET, not both')
  const cursorSecret = settings.PT_CURSOR_SECRET || secret
  if (!cursorSecret) {
    throw new RangeError(
      url
        ? 'PT_JWKS_URL needs PT_CURSOR_SECRET as well, to sign cursors with'
        : 'PT_JWT_SECRET is not set, nor are PT_JWKS_URL and PT_CURSOR_SECRET',
    )
  }
  for (const name of ['PT_JWT_SECRET', 'PT_CURSOR_SECRET'] as const) {
    const given = settings[name]
    if (given && new TextEncoder().encode(given).length < MIN_SECRET_BYTES)
      throw new RangeError(`${name} is shorter than ${MIN_SECRET_BYTES} bytes`)
  }
  if (!url) {
    return {
      verifyToken: sharedSecretVerifier(secret!, now, { issuer: issuer || TOKEN_ISSUER, audience }),
      cursorSecret,
    }
  }
  if (!issuer) throw new RangeError('PT_JWKS_URL needs PT_JWT_ISSUER as well')
  const keys = new RemoteKeys(safeUrl(url), options)
  return { verifyToken: keySetVerifier(keys.find, { issuer, audience, now }), cursorSecret }
}

/** Keys that come by plain HTTP may be anybody's. */
function safeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url?.protocol === 'https:' || local) return text
  throw new RangeError('PT_JWKS_URL must be an https address')
}

/** Throws a RangeError for a secret that is too short to sign with. */
export function sharedSecretVerifier(
  secret: string,
  now: () => number,
  { issuer, audience } = { issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE },
): TokenVerifier {
  const key = new TextEncoder().encode(secret)
  if (key.length < MIN_SECRET_BYTES) {
    throw new RangeError(`the token secret must have at least ${MIN_SECRET_BYTES} bytes`)
  }
  return function verifyWithSharedSecret(token) {
    return verified(token, async () => key, { algorithms: ['HS256'], issuer, audience }, now)
  }
}

/** Signatures that only the holder of a private key can make: with HS256 the public key would do. */
const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

function keySetVerifier(
  find: JWTVerifyGetKey,
  { issuer, audience, now }: { issuer: string; audience: string; now: () => number },
): TokenVerifier {
  return function verifyWithKeySet(token) {
    return verified(token, find, { algorithms: KEY_SET_ALGORITHMS, issuer, audience }, now)
  }
}

async function verified(
  token: string,
  find: JWTVerifyGetKey,
  options: JWTVerifyOptions,
  now: () => number,
): Promise<VerifiedToken> {
  const { payload, protectedHeader } = await jwtVerify(token, find, {
    ...options,
    requiredClaims: ['exp'],
    currentDate: new Date(now()),
  })
  if (namesItsOwnKey(protectedHeader) || !isAccessToken(protectedHeader.typ, payload)) {
    throw new InvalidClaims()
  }
  const { iat: issuedAt = null, exp: expiresAt } = payload
  return { principal: await principalOf(payload), issuedAt, expiresAt: expiresAt! }
}

/** A token that brings its key along is an attack, whether or not the key is looked at. */
function namesItsOwnKey(header: object): boolean {
  return ['jku', 'jwk', 'x5u', 'x5c'].some((name) => name in header)
}

/**
 * RFC 9068's type, the common one, or none; anything else was made for another purpose. Issuers give
 * ID tokens the common one too: those carry the hash of what they came along with.
 */
function isAccessToken(typ: string | undefined, payload: JWTPayload): boolean {
  if ('at_hash' in payload || 'c_hash' in payload) return false
  return typ === undefined || /^(application\/)?(at\+)?jwt$/i.test(typ)
}

async function principalOf(payload: JWTPayload): Promise<Principal> {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw new InvalidClaims()
  const { business, employee, role, locations, visibility } = parsed.data
  const scope = await scopeOf(business, locations, visibility)
  return { employeeId: employee ?? null, role, scope }
}
