/** What the one who does something is told, where the device fails or somebody else was quicker. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { act, draftOf, type Outcome, type Settles } from '../../pwa/src/outbox/act.ts'
import { openedOutbox, outbox } from '../../pwa/src/outbox/state.ts'
import { session } from '../../pwa/src/session/session.ts'
import { returnOf } from './support/acts.ts'
import { FakeDevice, FakeServer, type FakeTab } from './support/fake-device.ts'

const { fetch } = globalThis
let server: FakeServer
let device: FakeDevice
let tab: FakeTab

beforeEach(async () => {
  server = new FakeServer()
  device = new FakeDevice(server)
  tab = await device.open()
  globalThis.fetch = (async () => Response.json({})) as unknown as typeof fetch
  session.value = {
    ...{ business: 'b', employee: 'e', name: null, token: 't', role: 'cashier', locations: '*' },
    ...{ visibility: 'own', expiresAt: Number.POSITIVE_INFINITY, keeps: true },
  }
  if (outbox.peek() === undefined) await openedOutbox()
  use(tab)
})
afterEach(() => {
  outbox.value = null
  session.value = null
  globalThis.fetch = fetch
})

function use({ queue }: FakeTab) {
  outbox.value = { queue, durable: true, standing: 'all' }
}

function takeBack(amount: number, settles?: Settles): Promise<Outcome<'return'>> {
  const { command, about } = returnOf(amount)
  return act('return', command.to, about, { settles })
}

/** The request that waits, as a person looks at it. */
async function requested(): Promise<Settles> {
  await tab.queue.add('r', returnOf())
  return { id: 'r', key: (await draftOf('r'))!.key }
}

/** How it ends, when what it waits for has had its time. */
async function ended<T>(outcome: Promise<T>): Promise<T> {
  let isOver = false
  const over = outcome.finally(() => {
    isOver = true
  })
  while (!isOver) await device.clock.pass(10)
  return over
}

test('that the device could not keep it, which is no matter of the network', async () => {
  device.full = true

  expect(await ended(takeBack(10))).toMatchObject({
    state: 'refused',
    failure: { kind: 'not-kept' },
  })
  device.full = false
  device.unreadable = true
  expect(await ended(takeBack(10))).toMatchObject({
    state: 'refused',
    failure: { kind: 'not-kept' },
  })
  expect(server.requests).toBe(0)
})

test('that it is requested, where only that could be kept', async () => {
  device.onPut = () => {
    device.full = true
  }

  expect(await ended(takeBack(10))).toMatchObject({ state: 'requested' })
  expect(server.requests).toBe(0)
  expect([...device.disk.values()]).toMatchObject([{ state: 'requested' }])
})

test('that it was refused, and under which key it can be settled the next time', async () => {
  server.fates = ['refused', 'refused']
  const looked = await requested()

  const first = await ended(takeBack(10, looked))
  const settles = first.state === 'refused' ? first.settles : undefined
  const second = await ended(takeBack(20, settles))
  const third = await ended(takeBack(30, second.state === 'refused' ? second.settles : undefined))

  expect([first, second, third].map(({ state }) => state)).toEqual(['refused', 'refused', 'done'])
  expect(server.done).toHaveLength(1)
  // The one that she looked at first is long another.
  expect(await ended(takeBack(10, looked))).toMatchObject({ failure: { kind: 'conflict' } })
})

test('of two that settle the same, one: that it is done, the other: that somebody was quicker', async () => {
  const other = await device.open()
  const looked = await requested()

  const here = takeBack(10, looked)
  use(other)
  const there = takeBack(20, looked)

  const outcomes = [await ended(here), await ended(there)]
  expect(outcomes.map(({ state }) => state).sort()).toEqual(['done', 'refused'])
  expect(server.done).toHaveLength(1)
  expect([...device.disk.values()]).toMatchObject([
    { command: { to: { body: { expectedRefund: { amount: 10 } } } } },
  ])
})
