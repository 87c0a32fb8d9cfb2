/** A token of which nobody could say whether it is good, with a server that is away for a while. */
import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import { knownStandingOf, type Standing } from '../../pwa/src/session/standing.ts'

const SECOND = 1_000

let server: Standing
let asked: number[]
let passed: number
let stop: AbortController
let comeBack: () => void
let listeners: number

beforeEach(() => {
  jest.useFakeTimers()
  server = 'unknown'
  asked = []
  passed = 0
  stop = new AbortController()
  listeners = 0
})
afterEach(() => {
  jest.useRealTimers()
})

/** What it resolves to; undefined until then. */
function begin() {
  const result: { standing?: Standing | null } = {}
  void knownStandingOf('token', stop.signal, {
    ask: async () => {
      asked.push(passed)
      return server
    },
    random: () => 1,
    onReturn(call) {
      listeners += 1
      comeBack = call
      return () => {
        listeners -= 1
      }
    },
  }).then((standing) => {
    result.standing = standing
  })
  return result
}

async function pass(seconds: number) {
  for (let n = 0; n < seconds; n += 1) {
    passed += 1
    jest.advanceTimersByTime(SECOND)
    await settled()
  }
}

/** Nothing here waits for anything but promises and the clock. */
async function settled() {
  for (let n = 0; n < 10; n += 1) await Promise.resolve()
}

test('is asked about again by itself, less and less often, until it is known', async () => {
  const result = begin()

  await pass(200)
  expect(asked).toEqual([2, 6, 14, 30, 62, 122, 182])
  server = 'accepted'
  await pass(60)

  expect(result).toEqual({ standing: 'accepted' })
  expect(asked).toHaveLength(8)
  expect(listeners).toBe(0)
})

test('is asked about at once when the network is back, or somebody looks, and soon after that', async () => {
  const result = begin()
  await pass(70)
  asked = []

  comeBack()
  await settled()
  expect(asked).toEqual([70])
  server = 'refused'
  await pass(2)

  expect(result).toEqual({ standing: 'refused' })
})

test('is asked about no more once another counts', async () => {
  const result = begin()
  await pass(3)
  asked = []

  stop.abort()
  await pass(100)

  expect(result).toEqual({ standing: null })
  expect(asked).toEqual([])
  expect(listeners).toBe(0)
})
