/** How often the token of what stays open is looked at. */
import { expect, test } from 'bun:test'
import type { Principal } from '../../src/domain/access.ts'
import { Authenticator, renewalOf } from '../../src/http/auth.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An open stream, among as many others as are given: each has its own token. */
function streams(count: number) {
  let now = HOUR
  const revoked = new Set<string>()
  const looks: string[] = []
  const verify = async (token: string) => ({
    principal: { employeeId: token } as Principal,
    issuedAt: 0,
    expiresAt: (2 * HOUR) / 1_000,
  })
  const authenticator = new Authenticator(verify, () => now)
  const identify = (token: string) =>
    authenticator.identify(`Bearer ${token}`, async ({ employeeId }) => {
      looks.push(employeeId!)
      return revoked.has(employeeId!) ? 1 : null
    })
  const renewals = Array.from({ length: count }, (_, n) =>
    renewalOf(
      () => identify(`t${n}`),
      () => now,
    ),
  )
  return {
    revoked,
    looks,
    identify,
    /** A second goes by, at whose end all are looked after. Those that are over. */
    async second(): Promise<number> {
      now += 1_000
      const settled = await Promise.allSettled(renewals.map((renew) => renew()))
      return settled.filter(({ status }) => status === 'rejected').length
    },
  }
}

test('once a minute, though so many others come that none is remembered', async () => {
  const all = streams(6_000)

  for (let second = 0; second < 60; second += 1) expect(await all.second()).toBe(0)
  expect(all.looks).toHaveLength(6_000)
  expect(await all.second()).toBe(0)
  expect(all.looks).toHaveLength(12_000)
})

test('within a minute of the last look, whoever had it, a revoked token is over', async () => {
  const all = streams(1)
  await all.identify('t0')
  for (let second = 0; second < 30; second += 1) await all.second()
  all.revoked.add('t0')

  for (let second = 30; second < 59; second += 1) expect(await all.second()).toBe(0)
  expect(await all.second()).toBe(1)
})
