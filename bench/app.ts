/**
 * The staff app in Chromium, with the imported real shop, beside the stack that serves it.
 *
 * Load: a customer's screen over slow 4G (150 ms a round trip, 1.6 Mbps down, 750 kbps up) on a processor four times as
 * slow, as a first visit with nothing on the device and as a later one with the service worker in charge. Medians.
 *
 * Interactions: with the customer of most purchases, unthrottled, each from the time stamp of its input event to the
 * first task after the frame that shows the result (support/stopwatch.js says what that is). Each round begins with a
 * freshly loaded page, so that nothing is answered from the app's memory.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import postgres from 'postgres'
import { importOnlineRetail } from '../cli/import/import-online-retail.ts'
import { silentProgress } from '../cli/import/progress.ts'
import { waitUntilApplied } from '../projector/position.ts'
import { emitMark } from '../src/postgres/mark.ts'
import {
  hasChromium,
  launchBrowser,
  NO_CHROMIUM,
  openTill,
  signIn,
} from '../test/e2e/support/browser.ts'
import { startStack } from '../test/support/stack.ts'
import { type Figure, limit, median, percentile } from './support/report.ts'

const FILE =
  process.env.BENCH_RETAIL ??
  fileURLToPath(new URL('../../shared/data/online_retail/online_retail.csv.xz', import.meta.url))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20)
const VISITS = Number(process.env.BENCH_VISITS ?? 5)
/** Of 248 purchases. */
const CUSTOMER = '14911'
const PURCHASES = 248
const STOPWATCH = fileURLToPath(new URL('support/stopwatch.js', import.meta.url))

const TARGETS = { lcp: 1800, tbt: 100, cls: 0.02, interaction: 100 }
/** What a task may take before it counts as blocking. */
const BLOCKING_MS = 50
/** After the screen is there, for what comes late. */
const SETTLE_MS = 1000

export async function run(say: (line: string) => void): Promise<Figure[]> {
  if (!hasChromium) throw new Error(NO_CHROMIUM)
  if (!existsSync(FILE))
    throw new Error('BENCH_RETAIL must name the Online Retail file (docs/IMPORT.md)')
  const directory = await mkdtemp(join(tmpdir(), 'pt-bench-'))
  const stack = await startStack(join(directory, 'data'))
  const browser = await launchBrowser()
  try {
    say('importing the shop …')
    const customerId = await importShop(stack)
    const token = await tokenOf(browser, stack.apiUrl)
    const address = `${stack.apiUrl}/c/${customerId}#access_token=${token}`
    say(`loading a customer's screen, ${VISITS} times as a first and as a later visit …`)
    const load = await measureLoad(browser, address)
    say(`${ROUNDS} rounds of interactions …`)
    return [...load, ...(await measureInteractions(browser, stack.apiUrl, token, say))]
  } finally {
    await browser.close()
    stack.process.signal('SIGTERM')
    await stack.process.finished
    await rm(directory, { recursive: true, force: true })
  }
}

/** The customer's id, once everything is in the read model. */
async function importShop({ sourceUrl, readUrl }: { sourceUrl: string; readUrl: string }) {
  const signal = new AbortController().signal
  await importOnlineRetail({ file: FILE, sourceUrl, signal, progress: silentProgress })
  const source = postgres(sourceUrl, { max: 1, onnotice() {} })
  const read = postgres(readUrl, { max: 1, onnotice() {} })
  try {
    const mark = await emitMark(source)
    if (!(await waitUntilApplied(source, read, 'main', mark, { patienceMs: 120_000 })))
      throw new Error('the projector does not get there')
    const [row] = await source<{ id: string }[]>`
      select id from customer where external_ref = ${CUSTOMER}`
    return row!.id
  } finally {
    await Promise.all([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}

async function tokenOf(browser: Browser, origin: string): Promise<string> {
  const page = await openTill(browser)
  const answer = page.waitForResponse((response) => response.request().method() === 'POST')
  await signIn(page, origin, { chain: 'Online Retail' })
  const { token } = await (await answer).json()
  await page.context().close()
  return token
}

interface Vitals {
  lcp: number
  cls: number
  tbt: number
}

async function measureLoad(browser: Browser, address: string): Promise<Figure[]> {
  const visits = { first: [] as Vitals[], later: [] as Vitals[] }
  for (let n = 0; n < VISITS; n += 1) {
    const page = await openTimed(browser)
    await throttle(page)
    visits.first.push(await load(page, address))
    await page.waitForFunction('navigator.serviceWorker.controller')
    await page.goto('about:blank')
    visits.later.push(await load(page, address))
    await page.context().close()
  }
  return Object.entries(visits).flatMap(([name, all]) => [
    limit(
      `${name} visit: largest contentful paint`,
      median(all.map(({ lcp }) => lcp)),
      'ms',
      TARGETS.lcp,
    ),
    limit(
      `${name} visit: total blocking time`,
      median(all.map(({ tbt }) => tbt)),
      'ms',
      TARGETS.tbt,
    ),
    limit(
      `${name} visit: cumulative layout shift`,
      median(all.map(({ cls }) => cls)),
      '',
      TARGETS.cls,
    ),
  ])
}

async function openTimed(browser: Browser): Promise<Page> {
  const page = await openTill(browser)
  await page.addInitScript({ path: STOPWATCH })
  return page
}

async function throttle(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1024 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

/** Until list, figures and chart are there, and a second more. */
async function load(page: Page, address: string): Promise<Vitals> {
  await page.goto(address)
  for (const part of ['.row', '.worth__value', '.chart']) await page.locator(part).first().waitFor()
  await page.waitForTimeout(SETTLE_MS)
  const { lcp, cls, longTasks } = await page.evaluate<{
    lcp: number
    cls: number
    longTasks: { duration: number }[]
  }>('vitals')
  const tbt = longTasks.reduce((sum, { duration }) => sum + Math.max(0, duration - BLOCKING_MS), 0)
  return { lcp, cls, tbt }
}

const INTERACTIONS = {
  typed: 'find: from the last key, with its pause of 50 ms',
  open: 'open: from Enter to head, figures and list',
  scroll: 'scroll on, to rows in place of nothing',
  filter: 'filter to returns',
  receipt: 'open a receipt',
  close: 'close it',
} as const

async function measureInteractions(
  browser: Browser,
  origin: string,
  token: string,
  say: (line: string) => void,
): Promise<Figure[]> {
  const times: Record<keyof typeof INTERACTIONS, number[]> = {
    typed: [],
    open: [],
    scroll: [],
    filter: [],
    receipt: [],
    close: [],
  }
  const page = await openTimed(browser)
  const time = async (event: string, what: string, input: () => Promise<unknown>, text = '') => {
    await page.evaluate(`stopwatch('${event}', '${what}', '${text}')`)
    await input()
    return page.evaluate<number>('stopwatch.result')
  }
  for (let n = 0; n < ROUNDS; n += 1) {
    await page.goto('about:blank')
    await page.goto(`${origin}/#access_token=${token}`)
    await page.locator('#search').pressSequentially(CUSTOMER.slice(0, -1), { delay: 100 })
    const lastKey = () => page.keyboard.press(CUSTOMER.at(-1)!)
    times.typed.push(await time('keydown', 'hits', lastKey, CUSTOMER))
    const enter = () => page.keyboard.press('Enter')
    times.open.push(await time('keydown', 'customer', enter, CUSTOMER))
    times.scroll.push(...(await scrollToEnd(page, time)))
    const toReturns = () => page.getByLabel('Kind').selectOption('return')
    times.filter.push(await time('change', 'returns', toReturns))
    const firstRow = page.locator('.row__link').first()
    times.receipt.push(await time('click', 'receipt', () => firstRow.click()))
    times.close.push(await time('keydown', 'closed', () => page.keyboard.press('Escape')))
  }
  return Object.entries(times).map(([name, all]) => {
    const ms = all.sort((a, b) => a - b)
    const called = INTERACTIONS[name as keyof typeof INTERACTIONS]
    say(
      `${called}: ${ms.length} times, p50 ${percentile(ms, 50).toFixed(0)} ms, longest ${ms.at(-1)!.toFixed(0)} ms`,
    )
    return limit(`${called}, p95`, percentile(ms, 95), 'ms', TARGETS.interaction)
  })
}

/** A turn of the wheel at a time, to the last purchase. */
async function scrollToEnd(
  page: Page,
  time: (event: string, what: string, input: () => Promise<unknown>) => Promise<number>,
): Promise<number[]> {
  const times: number[] = []
  await page.locator('.row').first().hover()
  while (
    !(await page.evaluate<boolean>(
      `document.querySelector('.timeline__end') !== null && scrollY + innerHeight >= document.documentElement.scrollHeight - 1`,
    ))
  )
    times.push(await time('wheel', 'rows', () => page.mouse.wheel(0, 1600)))
  const rows = await page.locator('.row').count()
  if (rows !== PURCHASES) throw new Error(`${rows} purchases, not ${PURCHASES}`)
  return times
}
