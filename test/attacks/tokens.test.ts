/** Attacks on tokens (6 and 9 of the list in security.md) and what a good token opens. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sharedSecretVerifier } from '../../src/http/auth-tokens.ts'
import {
  bodyOf,
  SECRET,
  type TestApi,
  type TokenInput,
  testApi,
  tokenFor,
} from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

let model: ReadModel
let api: TestApi
let businessId: string
let path: string
let passed = 0

beforeAll(async () => {
  model = await ReadModel.create()
  api = testApi(model.sql, { now: () => Date.now() + passed })
  businessId = makeId('biz')
  path = `/customers/${await model.customer(businessId)}/purchase-summary`
}, BOOT_MS)
afterAll(() => model.drop())

async function expectRefused(response: Response, challenge: string) {
  const body = await bodyOf(response, 401)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  expect(response.headers.get('WWW-Authenticate')).toContain(challenge)
  expect(body.type).toBe('urn:purchase-timeline:problem:invalid-token')
  expect(JSON.stringify(body)).not.toContain('eyJ')
}

test.each(['/customers?query=anna', '/customers/x/purchase-summary', '/customers/x/purchases'])(
  'asks for a token before it looks at anything else: %s',
  async (address) => {
    await expectRefused(await api.get(address), 'Bearer realm="purchase-timeline"')
  },
)

describe('attack 6: refuses a token', () => {
  test.each([
    ['signed with another secret', { secret: 'another secret, also long enough for HS256' }],
    ['that has expired', { expiresIn: -1 }],
    ['that never expires', { expiresIn: null }],
    ['that is not valid yet', { notBefore: 60 }],
    ['of another issuer', { issuer: 'https://elsewhere' }],
    ['for another audience', { audience: 'another-api' }],
    ['of another type', { header: { typ: 'id_token+jwt' } }],
    ['that brings a key', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
    ['that names a key set', { header: { jku: 'https://elsewhere/jwks.json' } }],
    ['that brings a certificate', { header: { x5c: ['AAAA'] } }],
    ['that demands an unknown extension', { header: { crit: ['nope'], nope: 1 } }],
    ['without a business', { business: '' }],
    ['whose business is no id', { business: "' or 1=1" }],
    ['without locations', { locations: null }],
    ['whose locations are a string', { locations: 'all' }],
    ['with a star among its locations', { locations: ['*'] }],
    ['whose role nobody knows', { role: 'root' }],
    ['whose employee is no id', { employee: 'kim' }],
  ] as [string, Partial<TokenInput>][])('%s', async (_what, wrong) => {
    const token = await tokenFor({ business: businessId, ...wrong }).catch(() => 'a.b.c')
    await expectRefused(await api.get(path, token), 'error="invalid_token"')
  })

  test('without a signature', async () => {
    const good = await tokenFor({ business: businessId })
    const none = btoa('{"alg":"none"}').replace(/=+$/, '')
    const [, payload, signature] = good.split('.')

    await expectRefused(await api.get(path, `${none}.${payload}.`), 'invalid_token')
    await expectRefused(await api.get(path, `${none}.${payload}.${signature}`), 'invalid_token')
  })

  test('signed with the right secret by an algorithm that is not on the list', async () => {
    const { SignJWT } = await import('jose')
    const long = SECRET.padEnd(64, '!')
    const token = await new SignJWT({ business: businessId, locations: '*', role: 'owner' })
      .setProtectedHeader({ alg: 'HS512' })
      .setIssuer('purchase-timeline')
      .setAudience('purchase-timeline-api')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(long))

    await expect(sharedSecretVerifier(long, Date.now)(token)).rejects.toThrow()
  })

  test.each(['Basic abc', 'Bearer', 'Bearer ', 'Bearer a b', 'bearer\tx', 'Bearer ü'])(
    'in the header %p',
    async (header) => {
      const response = await api.request(path, { headers: { Authorization: header } })
      await expectRefused(response, 'Bearer')
    },
  )
})

test('forgets a token the moment it expires', async () => {
  const token = await tokenFor({ business: businessId, expiresIn: 120 })
  const answers = [await api.get(path, token)]
  // A slow machine takes its time for the first.
  passed = 90_000
  answers.push(await api.get(path, token))
  passed = 120_000
  answers.push(await api.get(path, token))

  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 401])
  passed = 0
})

test('takes the tokens that others issue: with a type, an employee, ids in capitals', async () => {
  const tokens = await Promise.all([
    tokenFor({ business: businessId, header: { typ: 'JWT' } }),
    tokenFor({ business: businessId, header: { typ: 'at+jwt', kid: 'k1' } }),
    tokenFor({ business: businessId.toUpperCase(), employee: makeId('empl') }),
    tokenFor({ business: businessId, locations: [] }),
  ])

  const answers = await Promise.all(tokens.map((token) => api.get(path, token)))

  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
})

test('attack 9: believes the token and no header that says who is asking', async () => {
  const token = await tokenFor({ business: makeId('biz') })

  const response = await api.get(path, token, {
    'X-Tenant-Id': businessId,
    'X-Business-Id': businessId,
    'X-User-Id': makeId('empl'),
    'X-Forwarded-For': '127.0.0.1',
    'X-Original-URL': '/healthz',
    'X-HTTP-Method-Override': 'DELETE',
  })

  expect(response.status).toBe(404)
})

test('does not start with a secret that is too short to sign with', () => {
  expect(() => sharedSecretVerifier('short', Date.now)).toThrow('at least 32 bytes')
})
