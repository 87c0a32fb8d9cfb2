/** The outbox, with tabs that die and a line that loses what it will. */
import { beforeEach, describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import type { Item } from '../../pwa/src/outbox/item.ts'
import { MAX_SENDING, RESEND_MS } from '../../pwa/src/outbox/item.ts'
import { type Ending, NotKept, type Queue } from '../../pwa/src/outbox/queue.ts'
import { unmergeOf } from './support/acts.ts'
import { FakeDevice, FakeServer, type FakeTab, type Fate } from './support/fake-device.ts'

const SECOND = 1_000
const DAY = 86_400_000

let server: FakeServer
let device: FakeDevice

beforeEach(() => {
  server = new FakeServer()
  device = new FakeDevice(server)
})

/** Begins an act, as a dialog does. */
function begin(
  { queue }: FakeTab,
  customerId: string,
  id: string = crypto.randomUUID(),
  left?: AbortSignal,
) {
  const ending = queue.endingOf(id, left)
  const added = queue.add(id, { ...unmergeOf(customerId), state: 'queued' })
  return { id, added, ending }
}

/** How it stands after a while; undefined when the person still waits. */
async function stateAfter(ms: number, ending: Promise<Ending>): Promise<string | undefined> {
  let state: string | undefined
  void ending.then((ended) => {
    state = ended.state
  })
  await device.clock.pass(ms)
  return state
}

const one = (queue: Queue): Item => queue.items.peek()[0]!

describe('an act', () => {
  test('that can not be stored is not sent', async () => {
    const tab = await device.open()
    device.full = true

    expect(begin(tab, 'ann').added).rejects.toThrow(NotKept)
    await device.clock.pass(DAY)
    expect(server.requests).toBe(0)
  })

  test('is done, its person knows at once, and it leaves the list', async () => {
    const tab = await device.open()

    expect(await stateAfter(SECOND, begin(tab, 'ann').ending)).toBe('done')
    expect(one(tab.queue)).toMatchObject({ state: 'done', told: true })
    await device.clock.pass(DAY)
    expect(device.disk.size).toBe(0)
  })

  test('whose answer is lost is sent again under its key, done once, and stays in the list', async () => {
    const tab = await device.open()
    server.fates = ['lost-after', 'lost-before', 'lost-after']

    expect(await stateAfter(SECOND, begin(tab, 'ann').ending)).toBe('waiting')
    expect(one(tab.queue)).toMatchObject({ state: 'queued', unanswered: true })
    await device.clock.pass(60 * SECOND)
    expect(one(tab.queue)).toMatchObject({ state: 'done', told: false })
    expect(server.done).toEqual([one(tab.queue).key])
    await device.clock.pass(DAY)
    expect(device.disk.size).toBe(1)
    await tab.queue.drop(one(tab.queue))
    expect(device.disk.size).toBe(0)
  })

  test('that is refused is told, or waits for a person', async () => {
    const tab = await device.open()
    server.fates = ['refused', 'lost-before', 'refused']

    expect(await stateAfter(SECOND, begin(tab, 'ann').ending)).toBe('refused')
    expect(device.disk.size).toBe(0)
    expect(await stateAfter(SECOND, begin(tab, 'ann').ending)).toBe('waiting')
    await device.clock.pass(10 * SECOND)
    expect(one(tab.queue)).toMatchObject({ state: 'refused', unanswered: false })
  })

  test.each([
    ['done', 'while it is sent', 10],
    ['done', 'before she is shown it', SECOND],
    ['refused', 'while it is sent', 10],
    ['refused', 'before she is shown it', SECOND],
  ])('that is %s stays in the list where its person goes %s', async (state, _when, ms) => {
    for (const tabs of [1, 2]) {
      device = new FakeDevice(server)
      const others = []
      for (let n = 1; n < tabs; n += 1) others.push(await device.open())
      const tab = await device.open()
      if (state === 'refused') server.fates = ['refused']
      const left = new AbortController()
      const { ending } = begin(tab, 'ann', undefined, left.signal)

      await device.clock.pass(ms)
      left.abort()
      expect(await stateAfter(SECOND, ending)).toBe(ms === 10 ? 'waiting' : state)

      for (const { queue } of [tab, ...others])
        expect(one(queue)).toMatchObject({ state, told: false })
      await device.clock.pass(DAY)
      expect(device.disk.size).toBe(1)
    }
  })

  test('done anew has another key, and its turn after the others', async () => {
    const tab = await device.open()
    server.fates = ['lost-before', 'refused']
    const { id } = begin(tab, 'ann')
    await device.clock.pass(10 * SECOND)
    const refused = one(tab.queue)

    const again = { ...unmergeOf('ann'), state: 'queued' } as const
    const key = await tab.queue.add(id, again, { instead: refused.key })
    await device.clock.pass(10 * SECOND)

    expect(one(tab.queue)).toMatchObject({ id, key, state: 'done' })
    expect(server.done).not.toContain(refused.key)
    expect(await tab.queue.add(id, again, { instead: key! })).toBeNull()
  })

  test('that was only requested is never sent by itself, whatever happens', async () => {
    const tab = await device.open()
    const key = await tab.queue.add('r', { ...unmergeOf('ann'), state: 'requested' })
    const other = await device.open()
    device.kill(tab)

    await other.queue.wake()
    await device.clock.pass(DAY)

    expect(server.requests).toBe(0)
    expect(one(other.queue)).toMatchObject({ state: 'requested', unanswered: false })
    await other.queue.confirm('r', key!)
    await device.clock.pass(SECOND)
    expect(server.done).toHaveLength(1)
  })

  test('that could not be sent for a month is not sent any more', async () => {
    const tab = await device.open()
    await begin(tab, 'ann').added
    device.kill(tab)
    await device.clock.pass(RESEND_MS + SECOND)

    const later = await device.open()
    await device.clock.pass(DAY)

    expect(one(later.queue)).toMatchObject({ state: 'expired', unanswered: false })
    expect(server.requests).toBe(0)
  })

  test('that may have been done is not dropped by who thinks it was not sent', async () => {
    const tab = await device.open()
    const other = await device.open()
    server.fates = ['lost-after']
    await begin(other, 'ann').added
    const seen = one(other.queue)
    await device.clock.pass(SECOND)

    await other.queue.drop(seen)
    expect(device.disk.size).toBe(1)
    await other.queue.drop(one(tab.queue))
    expect(device.disk.size).toBe(0)
  })

  test('goes with the customer who was erased', async () => {
    const tab = await device.open()
    server.fates = ['lost-before', 'lost-before']
    begin(tab, 'ann')
    begin(tab, 'bob')
    await device.clock.pass(SECOND)

    await tab.queue.forgetCustomer('ann')

    expect(tab.queue.items.peek().map(({ lanes }) => lanes)).toEqual([['bob']])
  })
})

describe('two tabs', () => {
  test('have one that sends; the other is told what became of its act', async () => {
    await device.open()
    const other = await device.open()

    const { ending } = begin(other, 'ann')

    expect(await stateAfter(SECOND, ending)).toBe('done')
    expect(server.requests).toBe(1)
    expect(one(other.queue)).toMatchObject({ state: 'done', told: true })
  })

  test('go on when the one that sends dies with an answer on its way', async () => {
    const first = await device.open()
    const other = await device.open()
    begin(first, 'ann')
    await device.clock.pass(10)

    device.kill(first)
    await device.clock.pass(SECOND)

    expect(server.done).toHaveLength(1)
    expect(server.requests).toBe(2)
    expect(one(other.queue)).toMatchObject({ state: 'done', told: false })
  })
})

test('401 keeps what there is, and a new session goes on', async () => {
  const tab = await device.open()
  server.fates = ['signed-out']
  const { ending } = begin(tab, 'ann')
  // The client ends the session, and with it this queue.
  await device.clock.pass(20)
  tab.queue.stop()
  expect(await stateAfter(DAY, ending)).toBe('waiting')
  expect(server.done).toEqual([])

  await device.open()
  await device.clock.pass(SECOND)

  expect(server.done).toHaveLength(1)
})

test('four lanes are worked on at a time', async () => {
  const tab = await device.open()
  for (let n = 0; n < 9; n += 1) begin(tab, `customer-${n}`)

  await device.clock.pass(SECOND)

  expect(server.done).toHaveLength(9)
  expect(server.mostAtOnce).toBe(MAX_SENDING)
})

test('a day without a network ends with everything done, in order', async () => {
  const tab = await device.open()
  server.fates = Array.from({ length: 10_000 }, () => 'lost-before')
  for (const customer of ['ann', 'bob', 'ann', 'cyd', 'ann']) begin(tab, customer)
  await device.clock.pass(DAY)
  expect(server.done).toEqual([])

  server.fates = []
  await tab.queue.wake()
  await device.clock.pass(SECOND)

  const keys = tab.queue.items.peek().map(({ key }) => key)
  expect([...server.done].sort()).toEqual([...keys].sort())
})

type Step =
  | { do: 'begin'; tab: number; lane: string }
  | { do: 'open' }
  | { do: 'wake' }
  | { do: 'kill'; tab: number }
  | { do: 'pass'; ms: number }

const LANES = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay']
const tabs = fc.nat(3)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('begin'), tab: tabs, lane: fc.constantFrom(...LANES) }),
  fc.record({ do: fc.constant('begin'), tab: tabs, lane: fc.constantFrom(...LANES) }),
  fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 20, 60, 3_000, 70_000) }),
  fc.constant<Step>({ do: 'open' }),
  fc.constant<Step>({ do: 'wake' }),
  fc.record({ do: fc.constant('kill'), tab: tabs }),
)
const fates = fc.array(
  fc.constantFrom<Fate>('answered', 'lost-before', 'lost-after', 'lost-after', 'busy', 'refused'),
  { maxLength: 25 },
)

test('whatever dies and whatever is lost, each act is done once, in its turn, and its person learns of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fates, async (path, line) => {
      const server = new FakeServer()
      const device = new FakeDevice(server)
      server.fates = [...line]
      const tabs: FakeTab[] = [await device.open()]
      const begun: { id: string; lane: string; stored: boolean }[] = []
      const learned = new Map<string, string>()
      const tabAt = (n: number) => tabs[n % tabs.length]

      for (const step of path) {
        if (step.do === 'open') tabs.push(await device.open())
        else if (step.do === 'pass') await device.clock.pass(step.ms)
        else if (step.do === 'wake') for (const { queue } of tabs) void queue.wake()
        else if (step.do === 'kill') {
          const tab = tabAt(step.tab)
          if (tab) {
            device.kill(tab)
            tabs.splice(tabs.indexOf(tab), 1)
          }
        } else {
          const tab = tabAt(step.tab)
          if (!tab) continue
          const act = { id: `act-${begun.length}`, lane: step.lane, stored: false }
          begun.push(act)
          const { added, ending } = begin(tab, step.lane, act.id)
          void added.then(() => {
            act.stored = true
          })
          void ending.then(({ state }) => learned.set(act.id, state))
        }
      }
      const last = await device.open()
      // All that may still be lost is lost within that.
      await device.clock.pass(60 * 60 * SECOND)

      expect(new Set(server.done).size).toBe(server.done.length)
      expect(server.unkept).toEqual([])
      const items = last.queue.items.peek()
      for (const { id, stored } of begun) {
        if (!stored) continue
        const item = items.find((each) => each.id === id)
        // Gone only when its person saw how it ended.
        if (!item) expect(['done', 'refused']).toContain(learned.get(id)!)
        else {
          expect(['done', 'refused']).toContain(item.state)
          expect(server.done.includes(item.key)).toBe(item.state === 'done')
          expect(item.unanswered).toBe(false)
        }
      }
      const order = (lane: string) =>
        items.filter((item) => item.state === 'done' && item.lanes.includes(lane))
      for (const lane of LANES) {
        const places = order(lane).map(({ key }) => server.done.indexOf(key))
        expect(places).toEqual([...places].sort((a, b) => a - b))
      }
    }),
    { numRuns: 60 },
  )
})
