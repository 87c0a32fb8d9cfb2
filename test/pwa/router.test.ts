/** Where the staff app is while the screen that is gone to gets what it shows. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { customerPath, navigate, screen, startRouter } from '../../pwa/src/router.ts'

const pathOf = (digit: number) => customerPath(`0000000${digit}-0000-4000-8000-000000000000`)
const [ANN, BOB, CAT, SURVIVOR] = [1, 2, 3, 4].map(pathOf) as [string, string, string, string]
const ORIGIN = 'https://shop.test'

const real = {
  document: globalThis.document,
  history: globalThis.history,
  location: globalThis.location,
  requestAnimationFrame: globalThis.requestAnimationFrame,
}
let entries: { url: URL; state: unknown }[]
let at: number
/** By customer: what her screen waits for. */
let waits: Map<string, { promise: Promise<void>; resolve(): void }>

beforeAll(() => {
  const entry = (state: unknown, _: string, to: string) => ({ url: new URL(to, ORIGIN), state })
  Object.assign(globalThis, {
    document: new EventTarget(),
    location: {
      origin: ORIGIN,
      get pathname() {
        return entries[at]!.url.pathname
      },
      get search() {
        return entries[at]!.url.search
      },
    },
    history: {
      get state() {
        return entries[at]!.state
      },
      pushState(...to: Parameters<typeof entry>) {
        at += 1
        entries.splice(at, entries.length, entry(...to))
      },
      replaceState(...to: Parameters<typeof entry>) {
        entries[at] = entry(...to)
      },
    },
    requestAnimationFrame: () => 0,
  })
})
beforeEach(() => {
  entries = [{ url: new URL(ANN, ORIGIN), state: null }]
  at = 0
  waits = new Map()
  startRouter((next) => {
    if (next.name !== 'customer') return null
    const wait = Promise.withResolvers<void>()
    waits.set(customerPath(next.customerId), wait)
    return wait.promise
  })
})
afterEach(() => {
  for (const wait of waits.values()) wait.resolve()
})
afterAll(() => {
  Object.assign(globalThis, real)
})

/** Resolves when the screen has what it shows, and whoever waited for it has gone on. */
async function isThere(path: string, going: Promise<void>): Promise<void> {
  waits.get(path)!.resolve()
  await going
}

/** What the address says and what is shown, which is the same; or both. */
function shown(): string | [string, string] {
  const address = location.pathname
  const on = screen.value.name === 'customer' ? customerPath(screen.value.customerId) : '/'
  return address === on ? on : [address, on]
}
const paths = () => entries.map(({ url }) => url.pathname)

test('the address is that of what is on the screen, also while the next one is on its way', async () => {
  const going = navigate(BOB)
  expect(shown()).toBe(ANN)

  await isThere(BOB, going)

  expect(shown()).toBe(BOB)
  expect(paths()).toEqual([ANN, BOB])
})

test('a record that turns out to be merged takes nobody back who has left it', async () => {
  const going = navigate(BOB)
  await navigate(SURVIVOR, { replace: true })

  await isThere(BOB, going)

  expect(shown()).toBe(BOB)
  // It is what one goes back to.
  expect(paths()).toEqual([SURVIVOR, BOB])
})

test('a record that turns out to be merged is replaced by its survivor', async () => {
  const going = navigate(SURVIVOR, { replace: true })

  await isThere(SURVIVOR, going)

  expect(shown()).toBe(SURVIVOR)
  expect(paths()).toEqual([SURVIVOR])
})

test('who leaves a merged record before its survivor is there is not held', async () => {
  const replacing = navigate(SURVIVOR, { replace: true })
  const going = navigate(BOB)
  await isThere(SURVIVOR, replacing)

  await isThere(BOB, going)

  expect(shown()).toBe(BOB)
  expect(paths()).toEqual([ANN, BOB])
})

test('of several that are gone to, the last is shown, and is one step', async () => {
  const first = navigate(BOB)
  const last = navigate(CAT)

  await isThere(CAT, last)
  await isThere(BOB, first)

  expect(shown()).toBe(CAT)
  expect(paths()).toEqual([ANN, CAT])
})

test('what the last person has chosen is not shown to the next', async () => {
  const going = navigate(BOB)
  await navigate('/', { replace: true, insist: true })

  await isThere(BOB, going)

  expect(shown()).toBe('/')
  expect(paths()).toEqual(['/'])
})

test('who goes back meanwhile stays there', async () => {
  await isThere(BOB, navigate(BOB))
  const going = navigate(CAT)
  at = 0
  dispatchEvent(new Event('popstate'))

  await isThere(CAT, going)

  expect(shown()).toBe(ANN)
  expect(paths()).toEqual([ANN, BOB])
})
