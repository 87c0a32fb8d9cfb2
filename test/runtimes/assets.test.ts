/**
 * Whose an address is on Cloudflare: by wrangler.toml, the page answers the screens and nothing else, the files are
 * what was built, and whatever the API answers is its own.
 */
import { beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT, openStaffApp } from '../../cli/stack/staff-app.ts'
import { fileFor, headersFor } from '../../dev/asset-routing.ts'
import { WORKER } from '../../dev/bundle.ts'
import { programOf, startRuntime } from '../../dev/runtimes.ts'
import { cacheControl, isScreen, SCREENS, SECURITY_HEADERS } from '../../pwa/delivery.ts'
import { OPERATIONS } from '../../src/http/operations.ts'
import { needs } from '../support/needs.ts'

// The app may have to be built.
setDefaultTimeout(180_000)

const ID = '0192e505-9000-7ae2-8599-d5d1a5a40f29'
const ADDRESSES = SCREENS.map((screen) => screen.replace('*', ID))
let files: string[]

beforeAll(async () => {
  await openStaffApp(() => {})
  files = readdirSync(BUILT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(BUILT.length))
})

const answers = (path: string) => fileFor(path, WORKER.assets, (file) => files.includes(file))

test('the page answers every screen, and the two lists of them are one', async () => {
  const listed = WORKER.assets.run_worker_first.filter((rule) => rule.startsWith('!'))
  expect(listed).toEqual(SCREENS.map((screen) => `!${screen}`))
  for (const path of ADDRESSES) {
    expect(isScreen(path)).toBe(true)
    expect(await answers(path)).toBe('/index.html')
  }
})

test('no operation of the API is answered by the page or a file', async () => {
  for (const { path } of OPERATIONS.map(({ spec }) => spec)) {
    const address = path.replaceAll(/\{\w+\}/g, ID)
    expect({ address, file: await answers(address) }).toEqual({ address, file: null })
    expect(isScreen(address)).toBe(false)
  }
})

test('a file is answered by itself, and one that is gone by the Worker, not by the page', async () => {
  for (const file of files) expect(await answers(file)).toBe(file)
  expect(await answers('/assets/app-of-last-week.js')).toBeNull()
  expect(await answers('/nowhere')).toBeNull()
})

test('its rules are ones that a deployment takes', () => {
  const rules = WORKER.assets.run_worker_first
  const negative = rules.filter((rule) => rule.startsWith('!/'))
  const positive = rules.filter((rule) => rule.startsWith('/'))
  expect(negative.length + positive.length).toBe(rules.length)
  expect(positive).not.toEqual([])
  // One that another makes needless is refused.
  for (const list of [negative, positive])
    for (const glob of list.filter((rule) => rule.endsWith('*')))
      expect(list.filter((rule) => rule.startsWith(glob.slice(0, -1)))).toEqual([glob])
})

test('every file has the headers that the stack gives it', () => {
  const text = readFileSync(join(BUILT, '_headers'), 'utf8')
  for (const path of [...ADDRESSES, ...files]) {
    const given = Object.fromEntries(headersFor(path, text))
    const expected = new Headers({ ...SECURITY_HEADERS, 'Cache-Control': cacheControl(path) })
    expect({ path, ...given }).toEqual({ path, ...Object.fromEntries(expected) })
  }
})

needs('workerd', programOf('workerd') !== null)(
  'who goes to an address that nobody has gets the page, and a program a problem',
  async () => {
    const env = {
      READ_DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none',
      PT_JWT_SECRET: 'a secret that signs nothing here at all',
    }
    const worker = await startRuntime('workerd', { env, assets: BUILT })
    try {
      const get = (path: string, headers: Record<string, string>) =>
        fetch(worker.url + path, { headers })
      const screen = await get('/outbox', {})
      const page = await screen.text()
      for (const path of ['/outbox/', '/nowhere']) {
        const person = await get(path, { 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' })
        expect([person.status, await person.text()]).toEqual([404, page])
        for (const [name, value] of Object.entries(SECURITY_HEADERS))
          expect([name, person.headers.get(name)]).toEqual([name, value])
        const program = await get(path, { Accept: 'application/json' })
        expect(program.status).toBe(404)
        expect(program.headers.get('Content-Type')).toBe('application/problem+json')
      }
    } finally {
      await worker.stop()
    }
  },
)
