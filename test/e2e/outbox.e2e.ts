/**
 * What is done on a bad line, in a real Chromium against the real stack: nothing is done twice, nothing is lost,
 * and who began it learns what came of it.
 */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { accessibilityFaults } from './support/axe.ts'
import { openTill, signIn, type Till } from './support/browser.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'

describeWithApp('the outbox', (app) => {
  let olive: string
  const tills: Till[] = []

  beforeAll(async () => {
    olive = await addCustomer(app.shop, 'Olive Outbox', 'E2E-O1')
  })

  afterEach(async () => {
    for (const till of tills.splice(0)) await till.context().close()
  })

  async function tillOf(options: BrowserContextOptions = {}): Promise<Till> {
    const till = await openTill(app.browser, options)
    tills.push(till)
    await signIn(till, app.stack.apiUrl)
    return till
  }

  /** One bag for £20.00, in cash. Resolves when it can be read. */
  async function sell(receiptNumber: string): Promise<string> {
    const [{ id: locationId } = { id: '' }] = app.shop.locations
    const at = '2026-10-01T12:00:00Z'
    const sale = { customerId: olive, locationId, receiptNumber, total: 2000, at }
    const id = await ringUp(app.shop, sale)
    await untilRead(app.shop, id)
    return id
  }

  async function returnsOf(saleId: string): Promise<number> {
    const [row] = await app.shop.sql<{ count: number }[]>`
      select count(*)::int as count from sale where parent_sale_id = ${saleId} and type = 'return'`
    return row!.count
  }

  /** To the point where the amount is there and one press remains. */
  async function prepareReturn(page: Page, saleId: string) {
    await page.goto(`${app.stack.apiUrl}/c/${olive}/p/${saleId}`)
    await page.locator('.drawer').getByRole('button', { name: 'Take back' }).click()
    const dialog = page.getByRole('dialog', { name: /^Take back from/ })
    await dialog.getByText('Faulty').click()
    const confirm = dialog.getByRole('button', { name: 'Take back · £20.00' })
    await confirm.waitFor()
    return { dialog, confirm }
  }

  const isReturn = (url: URL) =>
    url.pathname.endsWith('/returns') && !url.searchParams.has('dryRun')

  const chip = (page: Page, text: string) =>
    page.locator('.outbox-chip', { hasText: text }).waitFor()

  test('a return whose answer is lost is done once, and says so', async () => {
    const page = await tillOf()
    const sale = await sell('OUT-1')
    const { dialog, confirm } = await prepareReturn(page, sale)
    await page.route(
      isReturn,
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )

    await confirm.click()
    await dialog.getByText('Not known yet').waitFor()
    await until(async () => (await returnsOf(sale)) === 1 || undefined, 'nothing came back')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await chip(page, '1 done')
    await page.goto(`${app.stack.apiUrl}/outbox`)
    const item = page.locator('.outbox-item')
    await item.getByText('Hand out £20.00 in cash').waitFor()
    expect(await returnsOf(sale)).toBe(1)
    expect(await accessibilityFaults(page)).toEqual([])
    await item.getByRole('button', { name: 'All right' }).click()
    await page.getByText('Nothing waits').waitFor()
  })

  test('what was stored and not sent survives a page that dies and a start without a network', async () => {
    const page = await tillOf()
    await page.evaluate(() => navigator.serviceWorker.ready)
    const sale = await sell('OUT-2')
    const { confirm } = await prepareReturn(page, sale)
    const context = page.context()
    await context.route(isReturn, () => {})
    const asked = page.waitForRequest((request) => isReturn(new URL(request.url())))
    await confirm.click()
    await asked

    // It dies without a last word, as in a crash: nothing is run when a page is closed so.
    await page.close({ runBeforeUnload: false })
    expect(await returnsOf(sale)).toBe(0)
    await context.setOffline(true)
    const later = await context.newPage()
    await later.goto(`${app.stack.apiUrl}/outbox`)
    await later.getByText('No answer yet').waitFor()
    await context.unroute(isReturn)
    await context.setOffline(false)

    await later.getByText('Hand out £20.00 in cash').waitFor()
    expect(await returnsOf(sale)).toBe(1)
  })

  test('of two tabs one sends, and the other goes on when it is gone', async () => {
    const first = await tillOf()
    const second = await first.context().newPage()
    const [one, two] = [await sell('OUT-3'), await sell('OUT-4')]
    const senders: Page[] = []
    first.context().on('request', (request) => {
      if (isReturn(new URL(request.url()))) senders.push(request.frame().page())
    })

    const { dialog, confirm } = await prepareReturn(second, one)
    await confirm.click()
    await dialog.getByText('Hand out £20.00 in cash').waitFor()
    await first.close()
    const again = await prepareReturn(second, two)
    await again.confirm.click()
    await again.dialog.getByText('Hand out £20.00 in cash').waitFor()

    expect(senders.map((page) => page === first)).toEqual([true, false])
    expect([await returnsOf(one), await returnsOf(two)]).toEqual([1, 1])
  })

  test('of two devices with the same piece one is done, and the other asks its person', async () => {
    const [here, there] = [await tillOf(), await tillOf()]
    const sale = await sell('OUT-5')
    const { dialog, confirm } = await prepareReturn(here, sale)
    await here.route(isReturn, (route) => route.abort())
    await confirm.click()
    await dialog.getByText('Not known yet').waitFor()

    const other = await prepareReturn(there, sale)
    await other.confirm.click()
    await other.dialog.getByText('Hand out £20.00 in cash').waitFor()
    await here.unroute(isReturn)
    await here.evaluate(() => dispatchEvent(new Event('online')))
    await dialog.getByRole('button', { name: 'Done' }).click()

    await chip(here, '1 needs you')
    await here.goto(`${app.stack.apiUrl}/outbox`)
    const item = here.locator('.outbox-item', { hasText: 'OUT-5' })
    await item.getByText('Less is left than you chose').waitFor()
    await item.getByText('Nothing was changed.').waitFor()
    await item.getByRole('button', { name: 'Remove' }).click()
    await here.getByText('Nothing waits').waitFor()
    expect(await returnsOf(sale)).toBe(1)
  })

  test('a session that ends loses nothing, and the same person goes on', async () => {
    const page = await tillOf()
    const sale = await sell('OUT-6')
    const { confirm } = await prepareReturn(page, sale)
    const type = 'urn:purchase-timeline:problem:invalid-token'
    const contentType = 'application/problem+json'
    await page.route(
      isReturn,
      (route) => route.fulfill({ status: 401, contentType, body: JSON.stringify({ type }) }),
      { times: 1 },
    )

    await confirm.click()
    await page.getByText('1 thing is still to be sent.').waitFor()
    expect(await returnsOf(sale)).toBe(0)
    await signIn(page, app.stack.apiUrl)

    await chip(page, '1 done')
    expect(await returnsOf(sale)).toBe(1)
  })

  test('a return that was only requested is settled by a person, never by itself', async () => {
    const page = await tillOf({ viewport: { width: 320, height: 640 } })
    const sale = await sell('OUT-7')
    const { dialog } = await prepareReturn(page, sale)
    const sent: string[] = []
    page.on('request', (request) => {
      if (isReturn(new URL(request.url()))) sent.push(request.url())
    })

    await page.context().setOffline(true)
    await dialog.getByText('In cash').click()
    await dialog.getByRole('button', { name: 'Keep as a request' }).click()
    await dialog.getByText('Not settled').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.context().setOffline(false)
    await page.goto(`${app.stack.apiUrl}/outbox`)
    const settle = page.getByRole('link', { name: 'Settle now' })
    await settle.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
    // It is back on the network, and would have been sent by now.
    await until(
      () => page.evaluate(() => navigator.onLine || undefined),
      'the page is not back on the network',
    )
    expect(sent).toEqual([])
    await settle.click()
    const again = page.getByRole('dialog', { name: /^Take back from/ })
    await again.getByRole('radio', { name: 'In cash', checked: true }).waitFor()
    await again.getByRole('button', { name: 'Take back · £20.00' }).click()
    await again.getByText('Hand out £20.00 in cash').waitFor()
    expect(await returnsOf(sale)).toBe(1)
    await page.goto(`${app.stack.apiUrl}/outbox`)
    await page.getByText('Nothing waits').waitFor()
  })

  /** In this page, until it is told otherwise: the browser can do this no more with what is to be sent. */
  async function breakDisk(
    page: Page,
    method: 'getAll' | 'put' | 'delete',
  ): Promise<() => Promise<void>> {
    const mend = await page.evaluateHandle((method) => {
      const { [method]: whole } = IDBObjectStore.prototype
      IDBObjectStore.prototype[method] = function (this: IDBObjectStore, ...given: never[]) {
        if (this.name === 'outbox') throw new DOMException('broken', 'UnknownError')
        return (whole as (...given: never[]) => never).apply(this, given)
      }
      return () => {
        IDBObjectStore.prototype[method] = whole as never
      }
    }, method)
    return () => mend.evaluate((mend) => mend())
  }

  /** By its way in the app: the page stays as it is. */
  async function openList(page: Page) {
    await page.keyboard.press('Escape')
    await page.locator('.drawer').waitFor({ state: 'hidden' })
    await page.locator('.outbox-chip').click()
  }

  const wake = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')))

  test('what waits and can not be read is said to, and goes on once it can', async () => {
    const page = await tillOf()
    const sale = await sell('OUT-8')
    const { dialog, confirm } = await prepareReturn(page, sale)
    await page.route(isReturn, (route) => route.abort())
    await confirm.click()
    await dialog.getByText('Not known yet').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const mend = await breakDisk(page, 'getAll')

    await wake(page)
    await chip(page, 'can’t be read')
    await openList(page)
    await page.getByText('What waits here can’t be read right now').waitFor()
    await page.locator('.outbox-item', { hasText: 'OUT-8' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await returnsOf(sale)).toBe(0)
    // Not before: one may have been on its way when the disk broke.
    await page.unroute(isReturn)
    await mend()
    await wake(page)

    await page.getByText('Hand out £20.00 in cash').waitFor()
    await chip(page, '1 done')
    expect(await page.locator('.outbox .notice').count()).toBe(0)
    expect(await returnsOf(sale)).toBe(1)
  })

  test('a device that keeps nothing more says what to do; what it had is not taken for gone', async () => {
    const page = await tillOf()
    const sale = await sell('OUT-9')
    const { dialog } = await prepareReturn(page, sale)
    await page.context().setOffline(true)
    await dialog.getByText('In cash').click()
    await dialog.getByRole('button', { name: 'Keep as a request' }).click()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.context().setOffline(false)
    await chip(page, '1 needs you')
    await openList(page)
    const mend = await breakDisk(page, 'delete')

    const item = page.locator('.outbox-item', { hasText: 'OUT-9' })
    await item.getByRole('button', { name: 'Remove' }).click()
    await item.getByRole('alert').getByText('Free some space').waitFor()
    await mend()
    // All of it, as a browser in want of room does.
    const debug = await page.context().newCDPSession(page)
    const origin = new URL(app.stack.apiUrl).origin
    await debug.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await item.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('What waits here can’t be read right now').waitFor()

    await item.waitFor()
    expect(page.complaints.filter((each) => each.includes('NotKept'))).toEqual([])
  })

  test('a connection to the disk that the browser cuts off is taken up again', async () => {
    const page = await openTill(app.browser)
    tills.push(page)
    await page.addInitScript(() => {
      const { open } = IDBFactory.prototype
      const cuts: (() => void)[] = []
      IDBFactory.prototype.open = function (...given) {
        const opening = open.apply(this, given)
        opening.addEventListener('success', () => cuts.push(() => opening.result.close()))
        return opening
      }
      Object.assign(window, { cutOff: () => cuts.map((cut) => cut()).length })
    })
    await signIn(page, app.stack.apiUrl)
    const sale = await sell('OUT-10')
    const { dialog, confirm } = await prepareReturn(page, sale)

    const cut = await page.evaluate(() => (window as never as { cutOff(): number }).cutOff())
    await confirm.click()

    await dialog.getByText('Hand out £20.00 in cash').waitFor()
    expect(cut).toBeGreaterThan(0)
    expect(await returnsOf(sale)).toBe(1)
  })
})
