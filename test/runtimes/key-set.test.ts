/** Tokens of an issuer with a key set, believed on every runtime; and what its outage is there. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { RUNTIMES } from '../../dev/runtimes.ts'
import { TOKEN_AUDIENCE } from '../../src/domain/access.ts'
import { hasRedis } from '../cache/redis-server.ts'
import { bodyOf, SECRET } from '../http/support/api.ts'
import { BOOT_MS, checkOn, Fleet } from './fleet.ts'
import { World } from './world.ts'

const ISSUER = 'https://issuer.example/'
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const keys = new Map<string, CryptoKey>()
let issuer: ReturnType<typeof Bun.serve>
let world: World
let fleet: Fleet
let down = true

beforeAll(async () => {
  if (!hasRedis) return
  const published = await Promise.all(
    ALGORITHMS.map(async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg)
      keys.set(alg, privateKey)
      return { ...(await exportJWK(publicKey)), kid: alg, alg }
    }),
  )
  issuer = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => (down ? new Response('', { status: 502 }) : Response.json({ keys: published })),
  })
  world = await World.open()
  const { PT_JWT_SECRET: _none, ...env } = world.env
  fleet = await Fleet.start({
    ...env,
    PT_JWKS_URL: `http://127.0.0.1:${issuer.port}/jwks.json`,
    PT_JWT_ISSUER: ISSUER,
    PT_CURSOR_SECRET: SECRET,
  })
}, BOOT_MS)
afterAll(async () => {
  await fleet?.stop()
  await world?.close()
  await issuer?.stop(true)
})

function tokenBy(alg: string): Promise<string> {
  return new SignJWT({ business: world.business, role: 'cashier', locations: '*' })
    .setProtectedHeader({ alg, kid: alg })
    .setIssuer(ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(keys.get(alg)!)
}

for (const runtime of RUNTIMES) {
  checkOn(runtime)(`attack 7: on ${runtime}, nobody is let in or sent away unseen`, async () => {
    const path = `/customers/${world.customer}/purchases?limit=1`
    const ask = async (token: string) => fleet.ask(runtime, path, token)
    down = true
    const early = await ask(await tokenBy('ES256'))
    expect((await bodyOf(early, 503)).type).toEndWith(':auth-unavailable')
    expect(early.headers.get('Retry-After')).toBe('5')

    down = false
    let first = await ask(await tokenBy('ES256'))
    while (first.status === 503) {
      await Bun.sleep(200)
      first = await ask(await tokenBy('ES256'))
    }
    expect(first.status).toBe(200)
    for (const alg of ALGORITHMS) expect((await ask(await tokenBy(alg))).status).toBe(200)
    // The secret signs cursors here, and no token.
    expect((await ask(world.token)).status).toBe(401)

    down = true
    expect((await ask(await tokenBy('RS256'))).status).toBe(200)
  })
}
