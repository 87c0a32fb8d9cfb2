/** When a stream ends, and how many there may be. The clock is the test's own. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { revokeTokens } from '../../cli/token/revoke-tokens.ts'
import { createApp } from '../../src/http/app.ts'
import type { ChangeStreams, StreamLimits } from '../../src/http/changes/change-streams.ts'
import { appDepsOf, type Body, tokenFor } from '../http/support/api.ts'
import { BOOT_MS, makeId, ReadModel } from '../http/support/read-model.ts'
import { until } from '../projector/support/until.ts'
import { Listener } from './support/listener.ts'

const kim = makeId('empl')
const lee = makeId('empl')
let model: ReadModel
let businessId: string
let path: string
let passed: number
const opened: ChangeStreams[] = []

beforeAll(async () => {
  model = await ReadModel.create()
}, BOOT_MS)
beforeEach(async () => {
  passed = 0
  businessId = makeId('biz')
  path = `/customers/${await model.customer(businessId)}/changes`
})
afterEach(() => {
  for (const changes of opened.splice(0)) changes.close()
})
afterAll(() => model.drop())

function open(streams: Partial<StreamLimits> = {}) {
  const deps = appDepsOf({
    withDb: (_request, work) => work(model.sql),
    now: () => Date.now() + passed,
    http: { streams },
  })
  const app = createApp(deps)
  const changes = deps.changes!
  const ask = (token: string, signal?: AbortSignal) =>
    app.request(path, { headers: { Authorization: `Bearer ${token}` }, ...(signal && { signal }) })
  const listen = (token: string) => Listener.open((signal) => ask(token, signal))
  opened.push(changes)
  return { changes, ask, listen }
}

const tokenOf = (employee: string | null, expiresIn = 36_000) =>
  tokenFor({ business: businessId, employee, issuedAt: -60, expiresIn })

test('with its token', async () => {
  const { listen } = open()
  const [short, long] = [await listen(await tokenOf(kim, 600)), await listen(await tokenOf(kim))]

  passed = 601_000

  await short.untilEnded()
  expect(long.ended).toBe(false)
})

test('a minute after its token was revoked', async () => {
  const { listen } = open()
  const [kims, lees] = [await listen(await tokenOf(kim)), await listen(await tokenOf(lee))]
  await revokeTokens(model.ownerUrl, { business: businessId, employee: kim })

  passed = 61_000

  await kims.untilEnded()
  expect(lees.ended).toBe(false)
})

test('when its time is up', async () => {
  const { listen, changes } = open({ lifeMs: 1 })

  const screen = await listen(await tokenOf(kim))

  await screen.untilEnded()
  expect(changes.size).toBe(0)
})

test('at once where all are closed', async () => {
  const { listen, changes } = open()
  changes.close()

  await (await listen(await tokenOf(kim))).untilEnded()

  expect(changes.size).toBe(0)
})

test('there are so many of a person, and of all, and room again after one', async () => {
  const { ask, listen, changes } = open({ perPerson: 2, perProcess: 3 })
  const [kims, lees, service] = await Promise.all([kim, lee, null].map((who) => tokenOf(who)))
  const refused = async (token: string) => {
    const answer = await ask(token)
    const { type, violatedPolicies } = (await answer.json()) as Body
    expect([answer.status, type]).toEqual([429, 'urn:purchase-timeline:problem:too-many-requests'])
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    return violatedPolicies
  }
  const [first] = [await listen(kims!), await listen(kims!)]

  expect(await refused(kims!)).toEqual(['person-streams'])
  await listen(lees!)
  expect(await refused(service!)).toEqual(['process-streams'])
  first!.leave()
  await until(() => changes.size === 2, 'the first is let go')
  await listen(service!)

  expect(changes.size).toBe(3)
})

test('one that is refused takes no room', async () => {
  const { ask, changes } = open()
  const token = await tokenOf(kim)
  path = `/customers/${crypto.randomUUID()}/changes`

  expect((await ask(token)).status).toBe(404)
  expect(changes.size).toBe(0)
})
