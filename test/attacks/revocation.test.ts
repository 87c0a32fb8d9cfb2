/** Who was sent away, or moved to another location, while their token has not expired (8). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { revokeTokens } from '../../cli/token/revoke-tokens.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { StoreUnavailable } from '../../src/read/store.ts'
import { bodyOf, type TestApi, type TokenInput, testApi, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'

const kim = makeId('empl')
const lee = makeId('empl')
let model: ReadModel
let api: TestApi
let businessId: string
let path: string
let passed: number
let down: boolean

beforeAll(async () => {
  model = await ReadModel.create()
}, BOOT_MS)
beforeEach(async () => {
  passed = 0
  down = false
  const store = new MemoryStore()
  await store.raise(parseLsn('0/1000'), [])
  businessId = makeId('biz')
  path = `/customers/${await model.customer(businessId)}/purchase-summary`
  api = testApi(model.sql, {
    store,
    now: () => Date.now() + passed,
    withDb: async (_request, work) => {
      if (down) throw new StoreUnavailable('down')
      return work(model.sql)
    },
  })
})
afterAll(() => model.drop())

/** Tokens that were issued a minute ago, and are good for hours. */
const tokenOf = (employee: string | null, wrong: Partial<TokenInput> = {}) =>
  tokenFor({ business: businessId, employee, issuedAt: -60, expiresIn: 36_000, ...wrong })

async function answers(...tokens: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const token of tokens) {
    statuses.push((await api.get(path, token)).status)
    await api.settled()
  }
  return statuses
}

test('attack 8: a revoked token opens nothing after a minute, not even what is in the cache', async () => {
  const [kims, lees, nobodys] = await Promise.all([kim, lee, null].map((who) => tokenOf(who)))
  expect(await answers(kims!, lees!, nobodys!)).toEqual([200, 200, 200])

  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })
  passed = 59_000
  expect(await answers(lees!)).toEqual([200])
  passed = 61_000
  // Somebody else fills the cache at that moment.
  expect(await answers(lees!, kims!, lees!, nobodys!)).toEqual([200, 401, 200, 200])

  const answer = await api.get(path, kims)
  expect(answer.headers.get('WWW-Authenticate')).toContain('it has been revoked')
})

test('attack 8: a token that is issued after the revocation is good at once', async () => {
  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })

  expect(await answers(await tokenOf(kim), await tokenOf(kim, { issuedAt: 0 }))).toEqual([401, 200])
})

test('attack 8: all tokens of a chain can be revoked, and only of that chain', async () => {
  const other = makeId('biz')
  const theirs = `/customers/${await model.customer(other)}/purchase-summary`
  await revokeTokens(model.ownerUrl, { business: businessId, employee: null })

  expect(await answers(await tokenOf(kim), await tokenOf(null))).toEqual([401, 401])
  const token = await tokenOf(kim, { business: other })
  expect((await api.get(theirs, token)).status).toBe(200)
})

test('attack 8: a token that does not say when it was issued is taken for an old one', async () => {
  const ageless = await tokenOf(kim, { issuedAt: null })
  expect(await answers(ageless)).toEqual([200])

  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })
  passed = 61_000

  expect(await answers(ageless)).toEqual([401])
})

test('attack 8: an earlier revocation does not undo a later one', async () => {
  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })
  await model.owner`
    update token_revocation set issued_before = issued_before + interval '1 hour'
    where business_id = ${businessId}`
  const later = await tokenOf(kim, { issuedAt: 1_800 })

  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })

  expect(await answers(later)).toEqual([401])
})

test('while the read store is down the last look counts for five minutes, and no token is new', async () => {
  const known = await tokenOf(kim)
  expect(await answers(known)).toEqual([200])
  down = true
  passed = 30_000
  expect(await answers(known)).toEqual([200])
  passed = 61_000
  expect((await bodyOf(await api.get(path, known))).stale).toBe(true)
  expect(await answers(await tokenOf(lee))).toEqual([503])

  passed = 301_000
  expect(await answers(known)).toEqual([503])
  down = false
  expect(await answers(known)).toEqual([200])
})
