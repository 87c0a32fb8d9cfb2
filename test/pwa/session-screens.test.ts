/** Whose screen it is when sessions begin and end in a tab: nobody looks at whom another has looked at. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { navigate, screen, startRouter } from '../../pwa/src/router.ts'
import { beginSession, leave, session } from '../../pwa/src/session/session.ts'
import { FakeHistory } from './support/fake-history.ts'

const CUSTOMER = '/c/00000000-0000-7000-8000-000000000001'
const OTHER = '/c/00000000-0000-7000-8000-000000000002'

const tab = new FakeHistory()
const { document } = globalThis
beforeAll(() => {
  globalThis.document = new EventTarget() as Document
  globalThis.requestAnimationFrame ??= () => 0
  tab.install()
})
afterAll(() => {
  tab.restore()
  globalThis.document = document
})
afterEach(() => leave())
beforeEach(() => load(CUSTOMER))

/** A page at the address: without a state it is opened, with one it is reloaded. */
function load(path: string, state: Record<string, unknown> | null = null): void {
  session.value = null
  tab.open(path, state)
  startRouter(() => null)
}

/** Of one for whom nothing is kept; `employee` null: of nobody in particular. */
function tokenOf(employee: string | null, n = 1): string {
  const exp = Math.ceil(Date.now() / 1000) + 3600
  const claims = { business: 'b', employee, role: 'cashier', offline: false, exp, n }
  return `head.${btoa(JSON.stringify(claims))}.signature`
}

/** What is on the screen with the session's first moment, too: it would be asked for, and noted. */
async function begin(token: string): Promise<void> {
  const seen: string[] = []
  const stop = session.subscribe((current) => {
    if (current?.token === token) seen.push(screen.value.name)
  })
  expect(await beginSession(token)).toBe(true)
  stop()
  expect(seen).toEqual([screen.value.name])
}

test('who comes to a tab that nobody was in sees what she came for', async () => {
  await begin(tokenOf('kim'))

  expect(tab.location.pathname).toBe(CUSTOMER)
  expect(screen.value.name).toBe('customer')
})

test('the same person stays where she was, with another token and after a reload', async () => {
  await begin(tokenOf('kim'))
  await begin(tokenOf('kim', 2))
  load(CUSTOMER, tab.state)
  await begin(tokenOf('kim', 3))

  expect(tab.location.pathname).toBe(CUSTOMER)
})

test('another person is not shown whom the one before looked at, nor after a reload', async () => {
  await begin(tokenOf('kim'))
  load(CUSTOMER, tab.state)
  await begin(tokenOf('pat'))

  expect(tab.location.pathname).toBe('/')
  expect(screen.value.name).toBe('home')
})

test('nor by a step back', async () => {
  await begin(tokenOf('kim'))
  void navigate(OTHER)
  const kims = tab.state
  await begin(tokenOf('pat'))

  tab.open(OTHER, kims)
  dispatchEvent(new Event('popstate'))

  expect(tab.location.pathname).toBe('/')
  expect(screen.value.name).toBe('home')
})

test('what another opens by herself is shown to her', async () => {
  await begin(tokenOf('kim'))
  load(OTHER)
  await begin(tokenOf('pat'))

  expect(tab.location.pathname).toBe(OTHER)
})

test('of those whom a token does not name only who brings the very same is the same', async () => {
  await begin(tokenOf(null))
  load(CUSTOMER, tab.state)
  await begin(tokenOf(null))
  expect(tab.location.pathname).toBe(CUSTOMER)

  await begin(tokenOf(null, 2))
  expect(tab.location.pathname).toBe('/')
})

test('who signs out leaves no customer’s address behind', async () => {
  await begin(tokenOf('kim'))
  await leave()

  expect(tab.location.pathname).toBe('/')
})

test('what is kept with the address names nobody', async () => {
  await begin(tokenOf('kim'))

  expect(tab.state).toEqual({ person: expect.stringMatching(/^[0-9a-f]{32}$/) })
})
