/**
 * Live: from the return of a sale's commit until its row is painted in an open timeline, in a real Chromium that
 * follows the customer's changes. Projector and API run in one process, as `npm start` has them. Sales come one
 * after the other, each when the one before has been on the screen for more than a second: closer ones are shown
 * together.
 */
import { openStaffApp } from '../cli/stack/staff-app.ts'
import { startProjector } from '../projector/index.ts'
import { launchBrowser, openTill } from '../test/e2e/support/browser.ts'
import { ownersToken, serveApi } from './support/api.ts'
import { createModels, startServer } from './support/cluster.ts'
import { type Figure, limit, percentile } from './support/report.ts'
import { customerId, openChain, ringUp, ringUpOne } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 20_000)
const SHOWN = Number(process.env.BENCH_SHOWN ?? 100)
const APART_MS = 1_200
const TARGET_MS = 500

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES} sales …`)
    await ringUp(source, 1, SALES)
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const app = await openStaffApp(say)
    const api = await serveApi(urls.readUrl, app.answer)
    const projector = startProjector({ ...urls, floors: api.floors })
    await projector.live
    const browser = await launchBrowser()
    const customer = customerId(1)
    const page = await openTill(browser)
    await page.goto(`${api.url}/c/${customer}#access_token=${await ownersToken()}`)
    await page.locator('.freshness', { hasText: 'Live' }).waitFor()
    const ms: number[] = []
    for (let n = 0; n < SHOWN; n++) {
      await Bun.sleep(APART_MS * (1 + Math.random()))
      await page.evaluate(WATCH)
      const saleId = await ringUpOne(source, customer)
      const committedAt = performance.timeOrigin + performance.now()
      const { id, at } = await page.evaluate<Painted>('painted')
      if (id !== saleId) throw new Error('another sale than the one that was rung up is shown')
      ms.push(at - committedAt)
    }
    ms.sort((a, b) => a - b)
    await browser.close()
    await projector.stop()
    await api.stop()
    say(
      `${SHOWN} sales shown: p50 ${percentile(ms, 50).toFixed(0)} ms, p95 ${percentile(ms, 95).toFixed(0)} ms, longest ${ms.at(-1)!.toFixed(0)} ms`,
    )
    return [limit('commit to row on the screen, p99', percentile(ms, 99), 'ms', TARGET_MS)]
  } finally {
    await server.stop()
  }
}

interface Painted {
  id: string
  /** Milliseconds since 1970, with fractions. */
  at: number
}

/** For the page, where `painted` then resolves with the next row that the timeline gets, and its first frame. */
const WATCH = `{
  const idsOf = () =>
    [...document.querySelectorAll('.row__link')].map(({ pathname }) => pathname.split('/').at(-1))
  const known = new Set(idsOf())
  window.painted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const id = idsOf().find((each) => !known.has(each))
      if (id === undefined) return
      observer.disconnect()
      // The frame that has it is over when the next one begins.
      requestAnimationFrame(() =>
        requestAnimationFrame((now) => resolve({ id, at: performance.timeOrigin + now })),
      )
    })
    observer.observe(document.body, { childList: true, subtree: true })
  })
  // Not the promise, which would be waited for.
  true
}`
