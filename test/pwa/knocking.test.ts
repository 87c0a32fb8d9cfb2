/** When the staff app knocks at the server's door, and what it makes of who opens. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { signal } from '@preact/signals'
import { openStream, reachable, reaches, read } from '../../pwa/src/api/client.ts'
import { startKnocking } from '../../pwa/src/api/knocking.ts'
import { type Session, session } from '../../pwa/src/session/session.ts'

const realFetch = globalThis.fetch
let ends: (() => void)[] = []
beforeEach(() => {
  reachable.value = true
  session.value = { token: 'a.b.c' } as Session
})
afterEach(() => {
  for (const end of ends) end()
  ends = []
  globalThis.fetch = realFetch
  session.value = null
})

/** A device whose network, clock and looks a test plays; its knocks are sent by `send`, if there is one. */
function device(send?: (signal: AbortSignal) => Promise<boolean>) {
  const reachable = signal(true)
  const events = new EventTarget()
  const world = { isUp: true, isHidden: false, knocks: 0, aborted: 0, answers: true }
  const timers: { run: () => void; ms: number }[] = []
  const end = startKnocking({
    reachable,
    events,
    isHidden: () => world.isHidden,
    random: () => 1,
    later(run, ms) {
      const timer = { run, ms }
      timers.push(timer)
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
    },
    async knock(signal) {
      if (send) return send(signal)
      world.knocks += 1
      signal.addEventListener('abort', () => {
        world.aborted += 1
      })
      if (!world.answers) return new Promise(() => {})
      reachable.value = world.isUp
      return world.isUp
    },
  })
  ends.push(end)
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const tell = async (type: string) => {
    events.dispatchEvent(new Event(type))
    await settled()
  }
  /** Lets the one wait pass, and says how long it was. */
  const wait = async () => {
    const { run, ms } = timers.shift()!
    run()
    await settled()
    return ms
  }
  /** Until when it is left alone; undefined while it knocks. */
  const waiting = () => timers[0]?.ms
  return { world, reachable, timers, tell, wait, waiting }
}

test('knocks at once when the browser says that the network has gone, or is back', async () => {
  const { world, reachable, tell } = device()
  world.isUp = false
  await tell('offline')
  expect([world.knocks, reachable.value]).toEqual([1, false])

  world.isUp = true
  await tell('online')

  expect([world.knocks, reachable.value]).toEqual([2, true])
})

test('believes the server, not the browser', async () => {
  const { world, reachable, tell } = device()
  await tell('offline')
  expect(reachable.value).toBe(true)
  world.isUp = false
  await tell('online')
  expect(reachable.value).toBe(false)
})

test('knocks again and again while nobody answers, ever later, and not when somebody does', async () => {
  const { world, reachable, wait, waiting } = device()
  world.isUp = false
  reachable.value = false

  const waits = []
  for (let n = 0; n < 6; n += 1) waits.push(await wait())
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  // By somebody else's request; and so for some time.
  reachable.value = true
  await wait()
  expect([world.knocks, waiting()]).toEqual([6, undefined])
  reachable.value = false

  expect(waiting()).toBe(1_000)
})

test('is not more eager for a line on which a knock comes through and nothing else', async () => {
  const { reachable, wait, waiting } = device()
  const waits = []
  for (let n = 0; n < 5; n += 1) {
    reachable.value = false
    waits.push(await wait())
    expect(reachable.value).toBe(true)
  }

  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000])
  expect(waiting()).toBe(15_000)
})

test('leaves the door alone while nobody looks, and knocks when somebody does', async () => {
  const { world, reachable, tell, wait, waiting } = device()
  world.isHidden = true
  reachable.value = false
  await wait()
  expect([world.knocks, waiting()]).toEqual([0, undefined])

  world.isHidden = false
  await tell('visibilitychange')

  expect([world.knocks, reachable.value]).toEqual([1, true])
})

test('waits for no knock that was sent into another network', async () => {
  const { world, reachable, tell } = device()
  world.answers = false
  await tell('offline')
  reachable.value = false
  world.answers = true

  await tell('online')

  expect([world.knocks, world.aborted, reachable.value]).toEqual([2, 1, true])
})

const answerWith = (body: string, init: ResponseInit) => {
  globalThis.fetch = (async () => new Response(body, init)) as unknown as typeof fetch
}
const PORTAL = '<!doctype html><title>Welcome to our Wi-Fi</title>'
const html = { 'Content-Type': 'text/html; charset=utf-8' }

test.each([200, 401, 403, 404, 410])(
  'takes no page of a guest Wi-Fi for the API: %d',
  async (status) => {
    answerWith(PORTAL, { status, headers: html })
    expect(await reaches()).toBe(false)
    expect(reachable.value).toBe(false)
    await expect(read('/customers')).rejects.toMatchObject({ kind: 'offline' })
    await expect(openStream('/x', new AbortController().signal)).rejects.toMatchObject({
      kind: 'offline',
    })
    expect(session.value).not.toBeNull()
  },
)

test('knows a server that fails from one that is not reached', async () => {
  answerWith(PORTAL, { status: 503, headers: html })
  await expect(read('/customers')).rejects.toMatchObject({ kind: 'unavailable' })
  expect(reachable.value).toBe(true)
})

test('leaves a server alone that is there to say that it fails', async () => {
  let knocks = 0
  const { waiting, tell } = device(async (signal) => {
    knocks += 1
    return reaches(signal)
  })
  answerWith(PORTAL, { status: 503, headers: html })

  await tell('online')

  expect([knocks, reachable.value, waiting()]).toEqual([1, true, undefined])
})

test('says of an answer that it can not read that something is broken', async () => {
  answerWith('{"data":[', { headers: { 'Content-Type': 'application/json' } })
  await expect(read('/customers')).rejects.toMatchObject({ name: 'Failure', kind: 'broken' })
})

test('is reached by anybody who knocks, with a token or without', async () => {
  session.value = null
  answerWith('{"status":"up"}', { headers: { 'Content-Type': 'application/json' } })
  expect(await reaches()).toBe(true)
})
