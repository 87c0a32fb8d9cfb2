/** A real Chromium, driven without a browser of playwright's own. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { until } from '../../support/pt.ts'

/** Ends what hangs, of one step: a machine that does much else at once is slow. */
const PATIENCE_MS = 90_000

const EXECUTABLE = process.env.CHROMIUM || '/usr/bin/chromium'

/** Without it the tests are skipped, loudly; in CI they fail. */
export const hasChromium = existsSync(EXECUTABLE)
export const NO_CHROMIUM = `No Chromium at ${EXECUTABLE}: install it, or name one in CHROMIUM`

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const UNAVAILABLE = /responded with a status of 503/
const COME_AGAIN = 'urn:purchase-timeline:problem:not-yet-consistent'

export interface Till extends Page {
  /**
   * What the page complained of in its console, and what it threw. Not that it was told to come again: a read model that
   * is behind says so, and is asked again.
   */
  complaints: string[]
}

/** A page of its own context: a device of its own, in London unless it is said otherwise. */
export async function openTill(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Till> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    viewport: { width: 1180, height: 820 },
    ...options,
  })
  const complaints: string[] = []
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', async (response) => {
    if (response.status() !== 503) return
    // The page may have gone meanwhile, and its answers with it.
    const body = await response.text().catch(() => COME_AGAIN)
    if (!body.includes(COME_AGAIN)) complaints.push(`503 from ${response.url()}: ${body}`)
  })
  page.on('console', (message) => {
    // The console does not say which; the answer does.
    if (message.type() === 'error' && !UNAVAILABLE.test(message.text()))
      complaints.push(message.text())
  })
  return Object.assign(page, { complaints })
}

export interface Person {
  chain?: string
  role?: string
  /** Names; all where none are named. */
  stores?: string[]
  visibility?: 'own' | 'masked' | 'chain'
}

/** Signs in as the demo lets one. */
export async function signIn(page: Page, origin: string, person: Person = {}): Promise<void> {
  const { chain = 'Marlowe & Finch', role = 'cashier', stores, visibility } = person
  await page.goto(`${origin}/`)
  await page.locator('.demo select').nth(0).selectOption({ label: chain })
  await page.locator('.demo select').nth(1).selectOption(role)
  if (stores) {
    await page.locator('.demo input[type=checkbox]').first().uncheck()
    for (const name of stores) await page.getByLabel(name, { exact: true }).check()
    if (visibility) await page.locator('.demo select').nth(2).selectOption(visibility)
  }
  await page.locator('.demo button[type=submit]').click()
  await page.locator('#search').waitFor()
}

/** Opens the one customer that the reference finds, as a scanner does. Resolves when the screen is hers. */
export async function openCustomer(page: Page, reference: string): Promise<void> {
  const field = page.locator('#search')
  const late = `nobody is found by ${reference}`
  // Behind a dialog nothing can be typed into.
  await page.locator('dialog:modal').waitFor({ state: 'hidden' })
  await until(async () => {
    await field.fill(reference)
    await field.press('Enter')
    const answer = await until(async () => {
      if ((await field.inputValue()) === '') return 'opened'
      const note = page.locator('.search__none, .search__panel .problem')
      return (await note.isVisible()) ? 'none' : undefined
    }, late)
    // Who was written into the source a moment ago may not be found yet.
    return answer === 'opened' || undefined
  }, late)
  // Until then it may be that of the customer before.
  await page.locator('.customer-head__who', { hasText: reference }).waitFor()
}

interface HeldBack {
  /** Resolves when the command is on its way. */
  there(): Promise<void>
  letGo(): void
}

/** Holds the next command back whose path has this in it; a dry run is none. */
export async function holdBack(page: Page, path: string): Promise<HeldBack> {
  const there = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  await page.route(
    ({ pathname, searchParams }) => pathname.includes(path) && !searchParams.has('dryRun'),
    async (route) => {
      if (route.request().method() === 'GET') return route.continue()
      there.resolve()
      await gate.promise
      await route.continue()
    },
  )
  return { there: () => there.promise, letGo: gate.resolve }
}
