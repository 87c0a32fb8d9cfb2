/** What happens elsewhere appears by itself: by a stream of changes, and by asking where there is none. */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { Request } from 'playwright-core'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { addCustomer, ringUp } from './support/shop.ts'

describeWithApp('a screen that somebody looks at', (app) => {
  let customerId: string
  let sales = 0
  const tills: Till[] = []

  beforeAll(async () => {
    customerId = await addCustomer(app.shop, 'Liv Watched', 'LIVE-1')
    await sale()
  })

  afterEach(async () => {
    await Promise.all(tills.splice(0).map((till) => till.context().close()))
  })

  /** A sale at some other till. Resolves to what is printed on its receipt. */
  async function sale(): Promise<string> {
    sales += 1
    const receiptNumber = `W-${sales}-LIV`
    const at = new Date(Date.UTC(2026, 9, 1, 12, sales)).toISOString()
    const locationId = app.shop.locations[0]!.id
    await ringUp(app.shop, { customerId, locationId, receiptNumber, total: 1000, at })
    return receiptNumber
  }

  /** A device with the customer on its screen. */
  async function device(prepare: (till: Till) => Promise<unknown> = async () => {}) {
    const till = await openTill(app.browser)
    tills.push(till)
    await prepare(till)
    await signIn(till, app.stack.apiUrl)
    await openCustomer(till, 'LIVE-1')
    await till.locator('.row').first().waitFor()
    return till
  }

  const isStream = (request: Request) => request.url().endsWith('/changes')
  const live = (till: Till) => till.locator('.freshness', { hasText: 'Live' }).waitFor()
  const shows = (till: Till, receipt: string) =>
    till.locator('.row', { hasText: receipt }).waitFor()

  /** How often the till has asked for the summary and for the stream, and how many streams are over. */
  function countingAsks(till: Till) {
    const asks = { summary: 0, changes: 0, over: 0 }
    const over = (request: Request) => {
      if (isStream(request)) asks.over += 1
    }
    till.on('requestfailed', over)
    till.on('requestfinished', over)
    till.on('request', (request: Request) => {
      if (isStream(request)) asks.changes += 1
      else if (request.url().endsWith('/purchase-summary')) asks.summary += 1
    })
    return asks
  }

  /** Lets a poll be due, and be answered. */
  async function passFourSeconds(till: Till): Promise<void> {
    await till.clock.fastForward(4_000)
    await till.evaluate(async () => (await fetch('/healthz')).text())
  }

  test('two devices show a sale, and ask for nothing meanwhile', async () => {
    let asks = { summary: 0, changes: 0, over: 0 }
    const [one, other] = [
      await device(async (till) => {
        await till.clock.install()
        asks = countingAsks(till)
      }),
      await device(),
    ]
    await Promise.all([live(one), live(other)])
    const before = asks.summary
    for (let n = 0; n < 4; n += 1) await passFourSeconds(one)

    const receipt = await sale()
    await Promise.all([shows(one, receipt), shows(other, receipt)])

    // For what was missed until the stream was open, and for the sale; not every four seconds.
    expect(asks.summary - before).toBeLessThan(4)
    expect(asks.changes).toBe(1)
  })

  test('where no streams are offered, it asks every few seconds, and for a stream no more', async () => {
    let asks = { summary: 0, changes: 0, over: 0 }
    const till = await device(async (till) => {
      await till.clock.install()
      asks = countingAsks(till)
      const type = 'urn:purchase-timeline:problem:changes-not-offered'
      const contentType = 'application/problem+json'
      await till.route('**/changes', (route) =>
        route.fulfill({ status: 501, contentType, body: JSON.stringify({ type, status: 501 }) }),
      )
    })
    await until(() => asks.changes || undefined, 'the question for a stream')
    const before = asks.summary

    await until(async () => {
      await passFourSeconds(till)
      return asks.summary - before > 2 || undefined
    }, 'some polls')
    await shows(till, await sale())

    expect(asks.changes).toBe(1)
    await till.locator('.freshness', { hasText: 'Up to date' }).waitFor()
  })

  test('a network that was away brings what it missed, and the stream', async () => {
    const till = await device()
    await live(till)

    await till.context().setOffline(true)
    const receipt = await sale()
    await till.context().setOffline(false)

    await shows(till, receipt)
    await live(till)
    await shows(till, await sale())
  })

  test('what the browser says of the network is found out at once, on every screen', async () => {
    const till = await device((till) => till.clock.install())
    await live(till)
    // From here on nothing that waits for its time is done. A slow machine takes its time to say so.
    await till.clock.pauseAt(await till.evaluate(() => Date.now() + 10_000))
    const banner = till.locator('.banner--offline')

    await till.context().setOffline(true)
    await banner.waitFor()
    await till.locator('.freshness--stale .age').waitFor()
    expect(await till.locator('.freshness', { hasText: 'Live' }).count()).toBe(0)

    await till.locator('.bar__home').click()
    await till.locator('.home').waitFor()
    await till.context().setOffline(false)
    await banner.waitFor({ state: 'hidden' })
  })

  test('a tab that nobody sees holds no stream, and is up to date when it is seen again', async () => {
    let asks = { summary: 0, changes: 0, over: 0 }
    const till = await device(async (till) => {
      asks = countingAsks(till)
    })
    await live(till)
    const seen = (isSeen: boolean) =>
      till.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
        document.dispatchEvent(new Event('visibilitychange'))
      }, !isSeen)

    await seen(false)
    await until(() => asks.over > 0 || undefined, 'the end of the stream')
    const receipt = await sale()
    await seen(true)

    await shows(till, receipt)
    await live(till)
    expect(asks.changes).toBeGreaterThan(1)
  })
})
