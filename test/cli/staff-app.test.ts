import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { isLoopback } from '../../cli/stack/demo-sign-in.ts'
import { SECURITY_HEADERS } from '../../pwa/delivery.ts'
import { temporaryDirectory } from '../support/pt.ts'
import { type RunningStack, startStack } from '../support/stack.ts'

// A server is started here, and the app may have to be built, on machines with other things to do.
setDefaultTimeout(180_000)

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let stack: RunningStack
let business: string
let employee: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  stack = await startStack(`${directory.path}/data`)
  const sql = postgres(stack.sourceUrl, { max: 1 })
  const [row] = await sql`
    insert into business (name, default_currency, timezone) values ('Chain', 'EUR', 'UTC') returning id`
  business = row!.id
  const [person] = await sql`
    insert into employee (business_id, display_name, role) values (${business}, 'Kim', 'cashier')
    returning id`
  employee = person!.id
  await sql.end()
})

afterAll(async () => {
  stack?.process.signal('SIGTERM')
  await stack?.process.finished
  await directory.remove()
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.apiUrl}${path}`, { headers })

const signIn = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${stack.apiUrl}/demo/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('answers every screen with the page, under a policy that allows nothing inline', async () => {
  for (const path of ['/', '/c/0192e505-9000-7ae2-8599-d5d1a5a40f29']) {
    const answer = await get(path)

    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('Cache-Control')).toBe('no-cache')
    expect(answer.headers.get('Content-Security-Policy')).toStartWith("default-src 'none'; ")
    expect(await answer.text()).toContain('<div id="app"></div>')
    const again = await get(path, { 'If-None-Match': answer.headers.get('ETag')! })
    expect(again.status).toBe(304)
  }
})

test('lets files with a hash in their name be kept for ever', async () => {
  const page = await (await get('/')).text()
  const [script] = /\/assets\/[^"]+\.js/.exec(page)!

  const answer = await get(script)

  expect(answer.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
  expect(answer.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
  expect((await get('/sw.js')).headers.get('Cache-Control')).toBe('no-cache')
})

test("leaves the API's addresses to the API", async () => {
  const html = { Accept: 'text/html' }

  expect((await get('/customers?query=ann', html)).status).toBe(401)
  expect((await get('/openapi.json', html)).headers.get('Content-Type')).toStartWith(
    'application/json',
  )
  // A browser that has the page of a screen asks whether that is still so.
  const known = (await get('/')).headers.get('ETag')!
  const lost = await get('/nowhere', { ...html, 'If-None-Match': known })
  expect(lost.status).toBe(404)
  expect(await lost.text()).toContain('<div id="app"></div>')
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    expect([name, lost.headers.get(name)]).toEqual([name, value])
  expect((await fetch(`${stack.apiUrl}/`, { method: 'POST' })).status).toBe(404)
})

test('a person who goes to an address that nobody has gets the page, which says so', async () => {
  const page = await (await get('/')).text()
  for (const headers of [{ Accept: 'text/html,*/*;q=0.8' }, { 'Sec-Fetch-Mode': 'navigate' }])
    for (const path of ['/outbox/', '/nowhere/at-all']) {
      const answer = await get(path, headers)

      expect(answer.status).toBe(404)
      expect(answer.headers.get('Content-Security-Policy')).toContain("script-src 'self'")
      expect(answer.headers.get('ETag')).toBeNull()
      expect(await answer.text()).toBe(page)
    }
  for (const headers of [{}, { Accept: 'text/html', 'Sec-Fetch-Mode': 'cors' }]) {
    const answer = await get('/nowhere', headers)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  }
})

test('lets one choose who she is, with a token that the API believes', async () => {
  const offered = await (await get('/demo/sign-in')).json()
  expect(offered).toMatchObject({ chains: [{ id: business, name: 'Chain', locations: [] }] })

  const answer = await signIn({ business, role: 'cashier', locations: '*', visibility: 'own' })

  const { token } = (await answer.json()) as { token: string }
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
  expect(claims).toMatchObject({ business, employee, name: 'Kim', role: 'cashier' })
  const search = await get('/customers?query=ann', { Authorization: `Bearer ${token}` })
  expect(search.status).toBe(200)
})

test('signs nobody in for a page from elsewhere, or under a name that is not of this machine', async () => {
  const choice = { business, role: 'owner', locations: '*', visibility: 'own' }

  expect((await signIn(choice, { Origin: 'https://elsewhere.example' })).status).toBe(403)
  expect((await signIn(choice, { 'Content-Type': 'text/plain' })).status).toBe(403)
  expect((await signIn(choice, { Host: 'rebound.example' })).status).toBe(403)
  expect((await get('/demo/sign-in', { Host: 'rebound.example' })).status).toBe(403)
  expect((await signIn({ ...choice, role: 'god' })).status).toBe(400)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.4', false],
  ['127.0.0.1.example', false],
])('knows whether %s is this machine alone: %p', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
