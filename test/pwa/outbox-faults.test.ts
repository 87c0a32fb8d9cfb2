/** The outbox where the device fails, where two settle the same, and where its person goes. */
import { beforeEach, describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { MAX_SENDING } from '../../pwa/src/outbox/item.ts'
import { NotKept } from '../../pwa/src/outbox/queue.ts'
import { returnOf, unmergeOf } from './support/acts.ts'
import { FakeDevice, FakeServer, type FakeTab, type Fate } from './support/fake-device.ts'

const SECOND = 1_000
const DAY = 86_400_000

let server: FakeServer
let device: FakeDevice

beforeEach(() => {
  server = new FakeServer()
  device = new FakeDevice(server)
})

const begin = ({ queue }: FakeTab, customerId: string) =>
  queue.add(crypto.randomUUID(), { ...unmergeOf(customerId), state: 'queued' })

const items = ({ queue }: FakeTab) => queue.items.peek()

describe('a store that can not be read', () => {
  test('is said, keeps nothing new, sends nothing, and goes on where it was', async () => {
    const tab = await device.open()
    server.fates = ['lost-after', 'lost-before']
    await Promise.all([begin(tab, 'ann'), begin(tab, 'bob')])
    await device.clock.pass(100)
    const requests = server.requests
    device.unreadable = true

    await expect(begin(tab, 'cyd')).rejects.toThrow(NotKept)
    await device.clock.pass(DAY)

    expect(tab.queue.readable.peek()).toBe(false)
    expect(server.requests).toBe(requests)
    // What was seen last is not nothing.
    expect(items(tab)).toHaveLength(2)
    device.unreadable = false
    await device.clock.pass(31 * SECOND)
    expect(tab.queue.readable.peek()).toBe(true)
    expect(items(tab).map(({ state }) => state)).toEqual(['done', 'done'])
    expect(new Set(server.done).size).toBe(2)
    expect(server.done).toHaveLength(2)
  })

  test('from the start is looked at again, also by a tab that does not send, and when it is woken', async () => {
    const before = await device.open()
    server.fates = ['lost-before']
    await begin(before, 'ann')
    await device.clock.pass(60)
    device.kill(before)
    device.unreadable = true

    const [one, two] = [await device.open(), await device.open()]

    for (const tab of [one, two]) expect(tab.queue.readable.peek()).toBe(false)
    device.unreadable = false
    await one.queue.wake()
    expect(one.queue.readable.peek()).toBe(true)
    await device.clock.pass(31 * SECOND)
    for (const tab of [one, two]) {
      expect(tab.queue.readable.peek()).toBe(true)
      expect(items(tab)).toMatchObject([{ state: 'done' }])
    }
    expect(server.done).toHaveLength(1)
  })

  test('to the tab that sends leaves that to one that can read it', async () => {
    const blind = await device.open()
    const other = await device.open()
    blind.blind = true

    await begin(other, 'ann')
    await device.clock.pass(31 * SECOND)

    expect(server.done).toHaveLength(1)
    device.kill(other)
    blind.blind = false
    await device.clock.pass(31 * SECOND)
    await begin(blind, 'bob')
    await device.clock.pass(SECOND)
    expect(server.done).toHaveLength(2)
  })

  test('when an answer comes sends it once more, under its key, and its person knows', async () => {
    const tab = await device.open()
    const ending = tab.queue.endingOf('a')
    await tab.queue.add('a', { ...unmergeOf('ann'), state: 'queued' })
    await device.clock.pass(20)
    device.unreadable = true

    await device.clock.pass(SECOND)
    expect((await ending).state).toBe('done')
    device.unreadable = false
    await device.clock.pass(31 * SECOND)

    expect(items(tab)).toMatchObject([{ state: 'done', unanswered: false }])
    expect(server.done).toHaveLength(1)
    expect(server.requests).toBe(2)
  })

  test('what can not be taken away is not said to be gone', async () => {
    const tab = await device.open()
    await tab.queue.add('r', returnOf())
    device.full = true

    await expect(tab.queue.drop(items(tab)[0]!)).rejects.toThrow(NotKept)
    await expect(tab.queue.forgetCustomer('ann')).rejects.toThrow(NotKept)
    expect(items(tab)).toHaveLength(1)
  })
})

test('whenever reading fails, and for whom, each act that was kept is done once', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('begin' as const), tab: fc.nat(2), lane: fc.nat(4) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 40, 60, 31_000) }),
    fc.record({ do: fc.constant('blind' as const), tab: fc.nat(2) }),
    fc.record({ do: fc.constant('fail' as const) }),
    fc.record({ do: fc.constant('wake' as const) }),
  )
  const line = fc.array(fc.constantFrom<Fate>('answered', 'lost-before', 'lost-after'), {
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), line, async (path, fates) => {
      const server = new FakeServer()
      const device = new FakeDevice(server)
      server.fates = [...fates]
      const tabs = [await device.open(), await device.open(), await device.open()]
      const kept: string[] = []
      for (const step of path) {
        if (step.do === 'pass') await device.clock.pass(step.ms)
        else if (step.do === 'fail') device.unreadable = !device.unreadable
        else if (step.do === 'blind') tabs[step.tab]!.blind = !tabs[step.tab]!.blind
        else if (step.do === 'wake') for (const { queue } of tabs) void queue.wake()
        else
          void begin(tabs[step.tab]!, `customer-${step.lane}`).then(
            (key) => kept.push(key!),
            () => {},
          )
      }
      device.unreadable = false
      for (const tab of tabs) tab.blind = false
      await device.clock.pass(3_600 * SECOND)

      expect([...server.done].sort()).toEqual([...kept].sort())
      for (const tab of tabs) {
        expect(tab.queue.readable.peek()).toBe(true)
        expect(items(tab).map(({ state }) => state)).toEqual(kept.map(() => 'done'))
      }
    }),
    { numRuns: 100 },
  )
})

describe('a request that is settled', () => {
  test('is settled by one, with the amount that she looked at', async () => {
    const [one, two] = [await device.open(), await device.open()]
    const asked = await one.queue.add('r', returnOf())

    const first = await one.queue.add('r', returnOf(10), { instead: asked! })
    expect(await two.queue.add('r', returnOf(20), { instead: asked! })).toBeNull()
    const second = await two.queue.add('r', returnOf(20), { instead: first! })

    expect(await one.queue.confirm('r', first!)).toBe(false)
    expect(await two.queue.confirm('r', second!)).toBe(true)
    await device.clock.pass(SECOND)
    expect(server.done).toEqual([second!])
  })

  test.each([
    ['her who waits', ['refused'], 'refused'],
    ['nobody', ['lost-before', 'refused'], 'waiting'],
  ] as const)(
    'and refused, as is told to %s, stays requested, with the reason',
    async (_who, fates, told) => {
      const tab = await device.open()
      server.fates = [...fates]
      const asked = await tab.queue.add('r', returnOf())
      const key = await tab.queue.add('r', returnOf(10), { instead: asked! })
      const ending = tab.queue.endingOf('r')
      await tab.queue.confirm('r', key!)
      await device.clock.pass(10 * SECOND)
      expect((await ending).state).toBe(told)

      device.kill(tab)
      const later = await device.open()
      await device.clock.pass(DAY)

      const { key: mine, ...item } = items(later)[0]!
      expect(item).toMatchObject({ id: 'r', state: 'requested', told: false, unanswered: false })
      expect(item.failure?.problem?.kind).toBe('more-than-remains')
      expect(server.done).toEqual([])
      // It is hers again, by another amount.
      const again = await later.queue.add('r', returnOf(5), { instead: mine })
      await later.queue.confirm('r', again!)
      await device.clock.pass(SECOND)
      expect(server.done).toEqual([again!])
    },
  )

  test('and refused from the door after an answer was lost is for a person, who has it until she decides', async () => {
    const tab = await device.open()
    server.fates = ['lost-after', 'denied']
    const asked = await tab.queue.add('r', returnOf())
    const key = await tab.queue.add('r', returnOf(10), { instead: asked! })
    const ending = tab.queue.endingOf('r')
    await tab.queue.confirm('r', key!)
    await device.clock.pass(10 * SECOND)

    expect((await ending).state).toBe('waiting')
    expect(items(tab)).toMatchObject([{ state: 'refused', unanswered: true, told: false }])
  })
})

describe('whose person goes', () => {
  test('is not sent any more, not even when its sending has begun', async () => {
    const tab = await device.open()
    // Somebody else signs in between the note of the attempt and the attempt.
    device.onPut = ({ unanswered }) => {
      if (unanswered) tab.queue.stop()
    }

    await begin(tab, 'ann')
    await device.clock.pass(DAY)

    expect(server.requests).toBe(0)
    expect([...device.disk.values()]).toMatchObject([{ state: 'queued' }])
    device.onPut = () => {}
    await device.open()
    await device.clock.pass(SECOND)
    expect(server.done).toHaveLength(1)
  })

  test('is neither begun nor confirmed any more', async () => {
    const tab = await device.open()
    const key = await tab.queue.add('r', returnOf(10))
    tab.queue.stop()

    await expect(begin(tab, 'ann')).rejects.toThrow(NotKept)
    await expect(tab.queue.confirm('r', key!)).rejects.toThrow(NotKept)
    expect([...device.disk.values()]).toMatchObject([{ id: 'r', state: 'requested' }])
  })

  test('has its answer told to the other tabs before this one falls silent', async () => {
    const tab = await device.open()
    const other = await device.open()
    await begin(tab, 'ann')
    await device.clock.pass(20)

    tab.queue.stop()
    expect(tab.closed).toBe(false)
    await device.clock.pass(SECOND)

    expect(tab.closed).toBe(true)
    expect(items(other)).toMatchObject([{ state: 'done' }])
    expect(server.requests).toBe(1)
    other.queue.stop()
    expect(other.closed).toBe(true)
  })
})

test('many acts do not each knock at a line that is down, and all go once it is up', async () => {
  const tab = await device.open()
  server.fates = Array.from({ length: 10_000 }, () => 'lost-before')
  for (let n = 0; n < 60; n += 1) await begin(tab, `customer-${n}`)
  const minutes = 20
  await device.clock.pass(minutes * 60 * SECOND)
  // As many as are sent at once, each minute, and a few to begin with; by themselves it would be 60 a minute.
  expect(server.requests).toBeLessThan((minutes + 10) * MAX_SENDING)
  expect(server.requests).toBeGreaterThan(minutes)

  server.fates = []
  await tab.queue.wake()
  await device.clock.pass(61 * SECOND)

  expect(server.done).toHaveLength(60)
})

test('one that nobody ever answers does not keep the others from being sent', async () => {
  const tab = await device.open()
  // As a fault of the server's that a request always meets.
  for (const lane of ['a', 'b', 'c', 'd', 'e']) device.server.doomed.add(lane)
  for (const lane of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'f']) await begin(tab, lane)

  await device.clock.pass(300 * SECOND)

  expect(server.done).toHaveLength(4)
})
