/** The way out, where another tab holds up what this one has to do before. */
import { afterAll, beforeAll, expect, jest, test } from 'bun:test'
import type { Queue } from '../../pwa/src/outbox/queue.ts'
import { outbox } from '../../pwa/src/outbox/state.ts'
import { leaveAll } from '../../pwa/src/session/leave-all.ts'
import { type Session, session } from '../../pwa/src/session/session.ts'
import { FakeHistory } from './support/fake-history.ts'

const tab = new FakeHistory()
beforeAll(() => tab.install())
afterAll(() => tab.restore())

test('a tab that is frozen with the lock keeps nobody signed in', async () => {
  jest.useFakeTimers()
  try {
    session.value = {
      ...{ token: 'hers', business: 'b', employee: 'ann', locations: '*', visibility: 'own' },
    } as Session
    const queue = { clear: () => new Promise(() => {}) } as unknown as Queue
    outbox.value = { queue, durable: true, standing: 'all' }

    const left = leaveAll()
    jest.advanceTimersByTime(10_000)
    await left

    expect(session.value).toBeNull()
  } finally {
    jest.useRealTimers()
    outbox.value = null
    session.value = null
  }
})
