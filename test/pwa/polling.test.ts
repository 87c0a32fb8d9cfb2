/** How a customer on the screen is kept up to date on a line that does not let everything through. */
import { afterEach, beforeEach, expect, jest, type Mock, spyOn, test } from 'bun:test'
import { reachable, read } from '../../pwa/src/api/client.ts'
import type { Failure } from '../../pwa/src/api/failure.ts'
import { startKnocking } from '../../pwa/src/api/knocking.ts'
import { startPolling } from '../../pwa/src/customer/polling.ts'
import { type Session, session } from '../../pwa/src/session/session.ts'

const { fetch, document } = globalThis
const SESSION: Session = {
  token: 'a.b.c',
  business: 'b',
  employee: null,
  name: null,
  role: 'cashier',
  locations: '*',
  visibility: 'chain',
  expiresAt: Number.POSITIVE_INFINITY,
  keeps: false,
}
const asked = { customer: 0, stream: 0, knocks: 0 }
let ends: (() => void)[]
let random: Mock<typeof Math.random>

beforeEach(() => {
  jest.useFakeTimers()
  random = spyOn(Math, 'random').mockReturnValue(1)
  globalThis.document = Object.assign(new EventTarget(), { hidden: false }) as Document
  // Whole: what other tests of this process have started follows it, too.
  session.value = SESSION
  reachable.value = true
  Object.assign(asked, { customer: 0, stream: 0, knocks: 0 })
  ends = []
})
afterEach(() => {
  for (const end of ends) end()
  jest.useRealTimers()
  random.mockRestore()
  globalThis.fetch = fetch
  globalThis.document = document
  session.value = null
})

/** A line on which an answer comes at once, but for streams, of which `stream` says what becomes. */
function line(stream: (signal: AbortSignal) => Promise<Response>) {
  globalThis.fetch = (async (address: string, { signal }: RequestInit) => {
    if (address.endsWith('/changes')) {
      asked.stream += 1
      return stream(signal!)
    }
    asked[address === '/healthz' ? 'knocks' : 'customer'] += 1
    return Response.json({})
  }) as unknown as typeof fetch
}

/** Somebody looks at a customer. What the screen says of the connection from then on. */
function look(): boolean[] {
  const said: boolean[] = []
  const polling = startPolling(
    () =>
      read('/customers/x').then(
        () => null,
        (failure: Failure) => failure,
      ),
    'x',
  )
  ends = [startKnocking(), reachable.subscribe((is) => void said.push(is)), () => polling.stop()]
  polling.runNow()
  return said
}

async function pass(seconds: number) {
  for (let n = 0; n < seconds; n += 1) {
    // Nothing here waits for anything but promises and the clock.
    for (let m = 0; m < 50; m += 1) await Promise.resolve()
    jest.advanceTimersByTime(1_000)
  }
}

const isHeld = (signal: AbortSignal) =>
  new Promise<Response>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
const isCut = async () => Promise.reject(new TypeError('the connection was reset'))

test.each([
  ['holds', isHeld],
  ['cuts', isCut],
])(
  'a proxy that %s streams leaves it online, asking as without a stream, and ever less for one',
  async (_, stream) => {
    line(stream)
    const said = look()

    await pass(600)

    expect(said).toEqual([true])
    // Every four seconds.
    expect(asked.customer).toBeWithin(145, 152)
    // All but the first few are a minute apart.
    expect(asked.stream).toBeWithin(10, 18)
    expect(asked.knocks).toBeLessThanOrEqual(asked.stream)
  },
)

test('a server that is gone with its streams is missed', async () => {
  line(isCut)
  const said = look()
  await pass(1)
  globalThis.fetch = isCut as unknown as typeof fetch

  await pass(10)

  expect(said).toEqual([true, false])
})
