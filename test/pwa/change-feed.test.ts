/** How the staff app follows a customer: what it takes for a change, and when it comes back. */
import { afterEach, expect, jest, test } from 'bun:test'
import { Failure } from '../../pwa/src/api/failure.ts'
import { ChangeFeed, type ChangeFeedOptions } from '../../pwa/src/live/change-feed.ts'
import { eventsOf } from '../../pwa/src/live/events.ts'
import { until } from '../projector/support/until.ts'

const CHANGED = 'event: changed\nid: 0/1\ndata: {"customerId":"x","lsn":"0/1"}\n\n'
const feeds: ChangeFeed[] = []
afterEach(() => {
  jest.useRealTimers()
  for (const feed of feeds.splice(0)) feed.stop()
})

/** A feed whose server a test plays: each opening takes the next of `answers`, and the last again and again. */
function world(answers: (Failure | 'stream')[], more: Partial<ChangeFeedOptions> = {}) {
  const state = { opened: 0, changes: 0, live: [] as boolean[] }
  const streams: ReadableStreamDefaultController<Uint8Array>[] = []
  const feed = new ChangeFeed({
    async open(signal) {
      const answer = answers[Math.min(state.opened++, answers.length - 1)]!
      if (answer instanceof Failure) throw answer
      return new ReadableStream({
        start(controller) {
          streams.push(controller)
          signal.addEventListener('abort', () => controller.error(signal.reason))
        },
      })
    },
    onChange: () => {
      state.changes += 1
    },
    onLive: (live) => state.live.push(live),
    waitMs: 1,
    ...more,
  })
  feeds.push(feed)
  const say = (text: string, nth = streams.length - 1) =>
    streams[nth]!.enqueue(new TextEncoder().encode(text))
  return { feed, state, streams, say }
}

test('reads events however they are cut, and comments as signs of life', async () => {
  const bytes = new TextEncoder().encode(`retry: 2000\n\n${CHANGED}:\n\nevent: erased\ndata: é\n\n`)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })

  expect(await Array.fromAsync(eventsOf(body))).toEqual([
    null,
    { name: 'changed', data: '{"customerId":"x","lsn":"0/1"}' },
    null,
    { name: 'erased', data: 'é' },
  ])
})

test('is live while the stream is open, and tells of each change', async () => {
  const { feed, state, say } = world(['stream'])
  feed.start()
  feed.start()
  await until(() => feed.live, 'it is live')

  say(`:\n\n${CHANGED}${CHANGED.slice(0, 20)}`)
  say(CHANGED.slice(20))

  await until(() => state.changes === 2, 'both changes')
  feed.stop()
  expect([state.opened, state.live]).toEqual([1, [true, false]])
})

test('comes back when the stream ends or breaks', async () => {
  const { feed, state, streams } = world(['stream'])
  feed.start()
  await until(() => feed.live, 'it is live')

  streams[0]!.close()
  await until(() => state.opened === 2 && feed.live, 'it is live again')
  streams[1]!.error(new Error('the network is gone'))
  await until(() => state.opened === 3 && feed.live, 'it is live again')

  expect(state.live).toEqual([true, false, true, false, true])
})

test('comes back when nothing is heard', async () => {
  const { feed, state } = world(['stream'], { silenceMs: 20 })
  feed.start()

  await until(() => state.opened > 1 && feed.live, 'it is live again')

  expect(state.live.slice(0, 3)).toEqual([true, false, true])
})

test('asks again after a refusal that passes, and not after one that does not', async () => {
  const passes = world([new Failure('offline'), new Failure('unavailable'), 'stream'])
  passes.feed.start()
  const ends = world([new Failure('signed-out'), 'stream'])
  ends.feed.start()

  await until(() => passes.feed.live, 'it is live')

  expect(passes.state.opened).toBe(3)
  expect([ends.state.opened, ends.feed.live]).toEqual([1, false])
})

test('waits after a failure also when it is stopped and started, but not in another network', async () => {
  jest.useFakeTimers()
  const { feed, state } = world([new Failure('offline')], { waitMs: 1_000, random: () => 1 })
  /** What stops and starts it: each failure has the connection looked for, and found. */
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n += 1) {
      feed.stop()
      feed.start()
      for (let m = 0; m < 20; m += 1) await Promise.resolve()
      jest.advanceTimersByTime(1_000)
    }
    return state.opened
  }

  // At 0, 1, 3, 7, 15 and 31 s.
  expect(await pass(60)).toBe(6)
  feed.reset()
  expect(await pass(1)).toBe(7)
})

test('asks nobody again once it is said that there are no streams', async () => {
  const kind = 'changes-not-offered'
  const problem = { kind, detail: null, culprit: null, instance: null } as const
  const { feed, state } = world([new Failure('broken', null, problem), 'stream'])
  feed.start()
  await until(() => state.opened === 1, 'it has asked')
  const other = world(['stream'])

  other.feed.start()
  feed.stop()
  feed.start()

  expect([state.opened, other.state.opened]).toEqual([1, 0])
})
