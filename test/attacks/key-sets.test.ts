/** Attacks on tokens of an issuer with a key set (6 of the list in security.md), and its outages (7). */
import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import type { Principal } from '../../src/domain/access.ts'
import { Authenticator } from '../../src/http/auth.ts'
import { type TokenSettings, tokenVerifierFrom } from '../../src/http/auth-tokens.ts'
import { Problem } from '../../src/http/problem.ts'
import { makeId } from '../http/support/read-model.ts'

const SETTINGS = {
  PT_JWKS_URL: 'https://issuer.example/jwks.json',
  PT_JWT_ISSUER: 'https://issuer.example/',
  PT_CURSOR_SECRET: 'only for the cursors of these tests, long enough',
}
const business = makeId('biz')
const keys: Record<string, { alg: string; privateKey: CryptoKey; publicKey: CryptoKey }> = {}

/** What the issuer does when it is asked. */
let published: string[]
let answer: () => Promise<Response>
let fetched: number
let now: number
let authenticator: Authenticator

beforeAll(async () => {
  for (const [kid, alg] of Object.entries({
    a: 'RS256',
    b: 'ES256',
    c: 'EdDSA',
    d: 'PS256',
    e: 'ES256',
  }))
    keys[kid] = { alg, ...(await generateKeyPair(alg, { extractable: true })) }
})
beforeEach(() => {
  published = ['a', 'b', 'c', 'd']
  fetched = 0
  now = Date.now()
  answer = async () => {
    const set = published.map(async (kid) => ({
      kid,
      alg: keys[kid]!.alg,
      use: 'sig',
      ...(await exportJWK(keys[kid]!.publicKey)),
    }))
    return Response.json({ keys: await Promise.all(set) })
  }
  const { verifyToken } = tokenVerifierFrom(SETTINGS, {
    now: () => now,
    fetch(url) {
      expect(url).toBe(SETTINGS.PT_JWKS_URL)
      fetched += 1
      return answer()
    },
  })
  authenticator = new Authenticator(verifyToken, () => now)
})

interface Wrong {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
}

let serial = 0

/** A token of the issuer, never the same twice, or one that is wrong in the given ways. */
function tokenBy(kid: string, { header, claims }: Wrong = {}): Promise<string> {
  const seconds = Math.floor(now / 1000)
  return new SignJWT({
    ...{ iss: SETTINGS.PT_JWT_ISSUER, aud: 'purchase-timeline-api', exp: seconds + 86_400 * 3 },
    ...{ business, employee: makeId('empl'), role: 'cashier', locations: '*', jti: `${++serial}` },
    ...claims,
  })
    .setProtectedHeader({ alg: keys[kid]!.alg, kid, typ: 'at+jwt', ...header })
    .sign(keys[kid]!.privateKey)
}

async function signIn(token: string): Promise<Principal> {
  return (await authenticator.identify(`Bearer ${token}`, async () => null)).principal
}

/** The problem that a token meets: its kind. */
async function problemOf(token: string): Promise<string> {
  const problem = await signIn(token).then(
    () => null,
    (error: unknown) => error,
  )
  expect(problem).toBeInstanceOf(Problem)
  const { kind, options } = problem as Problem
  if (kind === 'auth-unavailable') expect(options.headers).toEqual({ 'Retry-After': '5' })
  return kind
}

test('takes the tokens of the issuer, whichever of its keys signed, for one fetch of the set', async () => {
  for (const kid of published) {
    const principal = await signIn(await tokenBy(kid))
    expect(principal.scope.businessId).toBe(business)
  }

  expect(fetched).toBe(1)
})

describe('attack 6: refuses a token', () => {
  test.each([
    ['that never expires', { claims: { exp: undefined } }],
    ['that has expired', { claims: { exp: 1 } }],
    ['that is not valid yet', { claims: { nbf: 4_000_000_000 } }],
    ['of another issuer', { claims: { iss: 'https://other.example/' } }],
    ['for another audience', { claims: { aud: 'a-client' } }],
    ['without an issuer', { claims: { iss: undefined } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['of the type of an ID token', { header: { typ: 'id_token+jwt' } }],
    ['that is an ID token by its claims', { header: { typ: 'JWT' }, claims: { at_hash: 'x' } }],
    ['that names a key set', { header: { jku: 'https://evil.example/jwks.json' } }],
    ['that names a certificate', { header: { x5u: 'https://evil.example/cert' } }],
    ['that brings a certificate', { header: { x5c: ['AAAA'] } }],
    ['without a readable scope', { claims: { locations: 'all' } }],
  ] as [string, Wrong][])('%s', async (_what, wrong) => {
    expect(await problemOf(await tokenBy('a', wrong))).toBe('invalid-token')
  })

  test('that brings the key that it is signed with', async () => {
    const jwk = await exportJWK(keys.e!.publicKey)

    expect(await problemOf(await tokenBy('e', { header: { jwk } }))).toBe('invalid-token')
    expect(await problemOf(await tokenBy('e', { header: { kid: 'b', jwk } }))).toBe('invalid-token')
    expect(await problemOf(await tokenBy('b', { header: { jwk } }))).toBe('invalid-token')
  })

  test('signed with the public key as if it were a secret', async () => {
    const jwk = await exportJWK(keys.a!.publicKey)
    const secrets = [await exportSPKI(keys.a!.publicKey), JSON.stringify(jwk), jwk.n!]

    for (const secret of secrets) {
      const token = await new SignJWT({ business, role: 'owner', locations: '*' })
        .setProtectedHeader({ alg: 'HS256', kid: 'a' })
        .setIssuer(SETTINGS.PT_JWT_ISSUER)
        .setAudience('purchase-timeline-api')
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret))
      expect(await problemOf(token)).toBe('invalid-token')
    }
  })

  test('without a signature', async () => {
    const [, payload] = (await tokenBy('a')).split('.')
    const header = btoa('{"alg":"none","kid":"a"}').replace(/=+$/, '')

    expect(await problemOf(`${header}.${payload}.`)).toBe('invalid-token')
  })

  test('signed by a key that is not in the set, under whatever id', async () => {
    expect(await problemOf(await tokenBy('e'))).toBe('invalid-token')
    expect(await problemOf(await tokenBy('e', { header: { kid: 'b' } }))).toBe('invalid-token')
    expect(await problemOf(await tokenBy('e', { header: { kid: '../../etc/passwd' } }))).toBe(
      'invalid-token',
    )
  })

  test('of an id that nobody knows, and does not ask the issuer for each', async () => {
    await signIn(await tokenBy('a'))
    now += 31_000

    for (let n = 0; n < 20; n += 1)
      expect(await problemOf(await tokenBy('e', { header: { kid: `k${n}` } }))).toBe(
        'invalid-token',
      )

    expect(fetched).toBe(2)
  })
})

test('a key that the issuer adds is found at once, and one that it withdraws is soon forgotten', async () => {
  await signIn(await tokenBy('a'))
  published = ['b', 'e']
  now += 31_000
  await signIn(await tokenBy('e'))

  expect(await problemOf(await tokenBy('a'))).toBe('invalid-token')
  published = ['e']
  now += 11 * 60_000
  expect(await problemOf(await tokenBy('b'))).toBe('invalid-token')
  expect(fetched).toBe(3)
})

describe('attack 7: while the issuer is down', () => {
  const outages: [string, () => Promise<Response>][] = [
    ['refuses connections', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers in HTML', async () => new Response('<h1>Maintenance</h1>')],
    ['answers with an error', async () => new Response('{"keys":[]}', { status: 500 })],
    ['sends elsewhere', async () => Response.redirect('https://evil.example/jwks.json')],
    ['has lost its keys', async () => Response.json({ keys: [] })],
  ]
  test.each(outages)('and %s: keys that are known work on, for a day', async (_what, outage) => {
    await signIn(await tokenBy('a'))
    answer = outage
    for (const hours of [1, 10, 12]) {
      now += hours * 3_600_000
      await signIn(await tokenBy('b'))
    }
    now += 2 * 3_600_000

    expect(await problemOf(await tokenBy('b'))).toBe('auth-unavailable')
  })

  test.each(outages)('and %s: who can not be checked gets a 503', async (_what, outage) => {
    answer = outage
    const token = await tokenBy('a')

    expect(await problemOf(token)).toBe('auth-unavailable')
    expect(await problemOf(token)).toBe('auth-unavailable')
    expect(fetched).toBe(1)

    now += 6_000
    answer = async () =>
      Response.json({ keys: [{ kid: 'a', ...(await exportJWK(keys.a!.publicKey)) }] })
    await signIn(token)
  })

  test('a token of an unknown key gets a 503, and a wrong one is still refused', async () => {
    await signIn(await tokenBy('a'))
    now += 31_000
    answer = outages[0]![1]

    expect(await problemOf(await tokenBy('e'))).toBe('auth-unavailable')
    expect(await problemOf(await tokenBy('e'))).toBe('auth-unavailable')
    expect(await problemOf(await tokenBy('a', { claims: { exp: 1 } }))).toBe('invalid-token')
    expect(fetched).toBe(2)
  })
})

test.each([
  ['PT_JWT_SECRET is not set', {}],
  ['not both', { ...SETTINGS, PT_JWT_SECRET: 'x'.repeat(32) }],
  ['PT_JWT_ISSUER', { ...SETTINGS, PT_JWT_ISSUER: '' }],
  ['PT_CURSOR_SECRET', { ...SETTINGS, PT_CURSOR_SECRET: undefined }],
  ['PT_CURSOR_SECRET is shorter than 32 bytes', { ...SETTINGS, PT_CURSOR_SECRET: 'short' }],
  ['https', { ...SETTINGS, PT_JWKS_URL: 'http://issuer.example/jwks.json' }],
  ['https', { ...SETTINGS, PT_JWKS_URL: 'issuer.example' }],
  ['PT_JWT_SECRET is shorter than 32 bytes', { PT_JWT_SECRET: 'short' }],
] as [string, TokenSettings][])(
  'does not start, and says %p, with settings that lack it',
  (says, settings) => {
    expect(() => tokenVerifierFrom(settings)).toThrow(says)
  },
)

test('with a shared secret cursors may have a secret of their own', () => {
  const shared = { PT_JWT_SECRET: 's'.repeat(32), PT_CURSOR_SECRET: 'c'.repeat(32) }

  expect(tokenVerifierFrom(shared).cursorSecret).toBe(shared.PT_CURSOR_SECRET)
  expect(tokenVerifierFrom({ PT_JWT_SECRET: 's'.repeat(32) }).cursorSecret).toBe('s'.repeat(32))
})
