/** What only one tab has of what is to be sent: whose it is, and what becomes of it when sessions end and begin. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { startOutbox } from '../../pwa/src/outbox/outbox.ts'
import { isOnlyHere, leftBehind, openedOutbox, outbox } from '../../pwa/src/outbox/state.ts'
import { type Session, type SignedOut, session, signedOut } from '../../pwa/src/session/session.ts'
import { currentVault } from '../../pwa/src/vault/current.ts'
import type { Vault } from '../../pwa/src/vault/vault.ts'

const of = (employee: string | null, token: string): Session => ({
  ...{
    business: 'b',
    employee,
    name: null,
    token,
    role: 'cashier',
    locations: '*',
    visibility: 'own',
  },
  expiresAt: Number.POSITIVE_INFINITY,
  keeps: false,
})

const { document } = globalThis
beforeAll(() => {
  // All that it is asked for is to be listened to.
  globalThis.document = new EventTarget() as Document
  startOutbox()
})
afterAll(() => {
  globalThis.document = document
})
beforeEach(async () => {
  for (const who of [of('ann', 'clean'), of('bob', 'clean')]) {
    session.value = who
    await (await openedOutbox())!.clear()
  }
  end('left')
})
afterEach(() => end('left'))

function end(why: SignedOut) {
  signedOut.value = why
  session.value = null
}

/** A request is never sent by itself. */
async function request(id: string) {
  const to = { purchaseId: 'p', body: { lines: [] } as never }
  const about = { customerId: null, customerName: null }
  await (await openedOutbox())!.add(id, {
    ...{ command: { name: 'return', to }, about, state: 'requested' },
  })
}

async function idsOf(who: Session): Promise<string[]> {
  session.value = who
  return (await openedOutbox())!.items.peek().map(({ id }) => id)
}

test('another tab’s sign-out takes nothing of it; she is told, and goes on with another token', async () => {
  session.value = of('ann', 'first')
  await request('a')
  expect(outbox.peek()!.durable).toBe(false)
  expect(isOnlyHere.value).toBe(true)

  end('left')

  expect(leftBehind.value).toEqual([{ count: 1, where: 'tab' }])
  expect(isOnlyHere.value).toBe(true)
  expect(await idsOf(of('ann', 'second'))).toEqual(['a'])
  expect(leftBehind.value).toEqual([])
})

test('what she discards here is gone', async () => {
  session.value = of('ann', 'first')
  await request('a')

  await (await openedOutbox())!.clear()
  end('left')

  expect(leftBehind.value).toEqual([])
  expect(isOnlyHere.value).toBe(false)
  expect(await idsOf(of('ann', 'second'))).toEqual([])
})

test('while another is signed in, she is told of it, and asked before the tab is closed', async () => {
  const close = () => dispatchEvent(new Event('beforeunload', { cancelable: true }))
  session.value = of('ann', 'first')
  await request('a')

  expect(await idsOf(of('bob', 'bobs'))).toEqual([])
  expect(leftBehind.value).toEqual([{ count: 1, where: 'tab' }])
  expect(close()).toBe(false)
  await request('b')
  expect(leftBehind.value).toEqual([{ count: 1, where: 'tab' }])

  expect(await idsOf(of('ann', 'second'))).toEqual(['a'])
  await (await openedOutbox())!.clear()
  expect(leftBehind.value).toEqual([{ count: 1, where: 'tab' }])
  await idsOf(of('bob', 'bobs'))
  await (await openedOutbox())!.clear()
  expect(leftBehind.value).toEqual([])
  expect(close()).toBe(true)
})

test('a session that is over before its vault is read listens to no other tab', async () => {
  let open = 0
  class Channel extends EventTarget {
    constructor() {
      super()
      open += 1
    }
    postMessage() {}
    close() {
      open -= 1
    }
  }
  const { BroadcastChannel } = globalThis
  Object.assign(globalThis, { BroadcastChannel: Channel })
  Object.assign(navigator, { locks: { request: (_name: string, work: () => unknown) => work() } })
  try {
    currentVault.value = { name: 'vault-ann' } as Vault
    session.value = of('ann', 'first')
    expect(open).toBe(1)
    end('left')
    // Nothing here waits for anything but promises.
    await new Promise(setImmediate)

    expect(open).toBe(0)
  } finally {
    currentVault.value = null
    Object.assign(globalThis, { BroadcastChannel })
    Reflect.deleteProperty(navigator, 'locks')
  }
})

test('another person sees nothing of it, and takes nothing along when she leaves', async () => {
  session.value = of('ann', 'first')
  await request('a')
  end('ended')

  expect(await idsOf(of('bob', 'bobs'))).toEqual([])
  await (await openedOutbox())!.clear()
  end('left')

  expect(leftBehind.value).toEqual([{ count: 1, where: 'tab' }])
  expect(await idsOf(of('ann', 'second'))).toEqual(['a'])
})

test('two sessions that name nobody share nothing, and what one leaves is said to go no further', async () => {
  session.value = of(null, 'one')
  await request('a')
  end('ended')

  expect(leftBehind.value).toEqual([{ count: 1, where: 'nowhere' }])
  expect(isOnlyHere.value).toBe(false)
  expect(await idsOf(of(null, 'two'))).toEqual([])
  expect(await idsOf(of(null, 'one'))).toEqual(['a'])
})
