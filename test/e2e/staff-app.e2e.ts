/**
 * The staff app in a real Chromium, against the real stack: embedded Postgres, projector, API. `npm run
 * test:e2e`; not part of `npm test`, which this file's name keeps it out of.
 */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { Locator } from 'playwright-core'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { accessibilityFaults } from './support/axe.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'
import { untilStill } from './support/still.ts'
import { tokenFor } from './support/token.ts'

const SALES = 90

describeWithApp('the staff app', (app) => {
  let lena: string
  let sven: string
  let till: Till

  beforeAll(async () => {
    const { shop } = app
    lena = await addCustomer(shop, 'Lena Longlist', 'E2E-1')
    await addCustomer(shop, 'Nora Newcomer', 'E2E-2')
    sven = await addCustomer(shop, 'Sven Spender', 'E2E-3')
    let last = ''
    for (let n = 0; n < SALES; n += 1) {
      const at = new Date(Date.UTC(2026, 9, 1, 12) - n * 3 * 86_400_000).toISOString()
      const locationId = app.shop.locations[n % 2]!.id
      const receiptNumber = `L-${String(SALES - n).padStart(3, '0')}`
      const sale = { customerId: lena, locationId, receiptNumber, total: 1000 + n, at }
      last = await ringUp(app.shop, sale)
    }
    await untilRead(shop, last)
  })

  afterEach(async () => {
    await till?.context().close()
  })

  async function tillOf(...[person, options]: [Parameters<typeof signIn>[2]?, object?]) {
    till = await openTill(app.browser, options)
    await signIn(till, app.stack.apiUrl, person)
    return till
  }

  /** How far from the top of the window it stands, once it stands still for two frames. */
  function restOf(locator: Locator): Promise<number> {
    return locator.evaluate(async (element) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      for (let before = Number.NaN; ; ) {
        const { top } = element.getBoundingClientRect()
        if (top === before) return top
        before = top
        await frame()
        await frame()
      }
    })
  }

  test('finds a customer by keys alone, and gives the focus back', async () => {
    const page = await tillOf()

    await page.keyboard.press('Escape')
    await page.locator('main').focus()
    await page.keyboard.press('/')
    // At once: what is found for half of it would be another list.
    await page.keyboard.insertText('lena')
    const option = page.getByRole('option', { name: 'Lena Longlist' })
    await option.and(page.getByRole('option', { selected: true })).waitFor()
    expect(await page.locator('#search').getAttribute('aria-activedescendant')).toBe(
      await option.getAttribute('id'),
    )
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Lena Longlist' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/c/${lena}`)

    const first = page.locator('.row__link').first()
    await first.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const receipt = page.getByRole('dialog')
    await receipt.getByText('Canvas tote').waitFor()
    expect(await receipt.getByRole('heading', { level: 2 }).textContent()).toBe('Receipt L-089')
    await receipt.getByText('1 piece can be taken back').waitFor()

    await page.keyboard.press('Escape')
    await receipt.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).pathname).toBe(`/c/${lena}`)
    await page.locator('.row__link:focus', { hasText: 'L-089' }).waitFor()
    expect(page.complaints).toEqual([])
  })

  test('says when nobody is found, and when there is nothing yet', async () => {
    const page = await tillOf()

    await page.locator('#search').fill('zzqx')
    await page.getByText('Nothing found for “zzqx”').waitFor()
    await openCustomer(page, 'E2E-2')
    await page.getByText('Nothing bought yet').waitFor()
  })

  test('shows what a customer is worth, and all purchases to the last', async () => {
    const page = await tillOf()
    await openCustomer(page, 'E2E-1')

    // 90 sales of £10.00 to £10.89.
    await page.getByText('£940.05').first().waitFor()
    expect(await page.locator('.figure', { hasText: 'Visits' }).locator('dd').textContent()).toBe(
      '90',
    )
    await until(async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      return (await page.getByText('That is everything.').count()) > 0 || undefined
    }, 'the end of the list')
    expect(await page.locator('.row').count()).toBe(SALES)
    expect(page.complaints).toEqual([])
  })

  test('asks once for what a customer’s screen shows, before it is there, and bears that it is slow', async () => {
    const page = await tillOf()
    const asked: string[] = []
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      const isPage = searchParams.has('cursor')
      if (pathname.startsWith(`/customers/${lena}`) && !isPage) asked.push(pathname)
    })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/purchase-summary', async (route) => {
      await held
      await route.continue()
    })

    await openCustomer(page, 'E2E-1')
    // It is not waited for by what is there.
    await page.locator('.row').first().waitFor()
    await page.locator('.summary .skeleton').waitFor()
    expect(asked.toSorted()).toEqual(
      ['', '/purchase-summary', '/purchases'].map((part) => `/customers/${lena}${part}`),
    )
    release()
    await page.locator('.worth__value').waitFor()
    await until(() => asked.some((path) => path.endsWith('/changes')) || undefined, 'no stream')
    expect(page.complaints).toEqual([])
  })

  test('keeps the filters in the address, and takes them off by their chips', async () => {
    const page = await tillOf()
    await openCustomer(page, 'E2E-1')
    const [one] = app.shop.locations

    await page.getByLabel('Store').selectOption(one!.id)
    await page.getByLabel('Kind').selectOption('sale')
    await page.getByRole('button', { name: `Remove filter: ${one!.name}` }).waitFor()
    await page.waitForURL(({ search }) => search === `?show=sale&store=${one!.id}`)
    await page.reload()
    await page.locator('.row').first().waitFor()
    const stores = await page.locator('.row__where').allTextContents()
    expect(new Set(stores)).toEqual(new Set([one!.name]))

    await page.getByLabel('Kind').selectOption('return')
    await page.getByText('No purchase matches these filters').waitFor()
    await page.locator('.empty').getByText('Clear all').click()
    await page.locator('.row').first().waitFor()
    await page.waitForURL(({ search }) => search === '')
  })

  test('cuts no filter short on a phone, in Spanish', async () => {
    till = await openTill(app.browser, { locale: 'es-ES' })
    await signIn(till, app.stack.apiUrl)
    await openCustomer(till, 'E2E-1')
    await till.locator('.choice').nth(2).waitFor()

    for (const width of [320, 360, 375, 390, 430]) {
      await till.setViewportSize({ width, height: 800 })
      const cut = await till.evaluate(() => {
        const pen = document.createElement('canvas').getContext('2d')!
        const selects = [...document.querySelectorAll<HTMLSelectElement>('.choice select')]
        return selects.flatMap((select) => {
          const { font, paddingLeft, paddingRight } = getComputedStyle(select)
          const { text } = select.selectedOptions[0]!
          pen.font = font
          const room =
            select.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
          return pen.measureText(text).width > room + 1 ? [text] : []
        })
      })
      expect({ width, cut }).toEqual({ width, cut: [] })
    }
  })

  test('shows a sale rung up elsewhere by itself, without moving what is read', async () => {
    const page = await tillOf()
    await openCustomer(page, 'E2E-1')
    await page.locator('.row').nth(20).waitFor()
    const sale = { customerId: lena, locationId: app.shop.locations[0]!.id, total: 4200 }

    await ringUp(app.shop, { ...sale, receiptNumber: 'NEW-1', at: '2026-10-05T12:00:00Z' })
    await page.getByText('NEW-1').waitFor()
    expect(await page.locator('.row__link').first().textContent()).toContain('NEW-1')
    await page.getByText('£982.05').first().waitFor()

    const watched = page.locator('.row', { hasText: 'L-078' })
    await page.evaluate(() => {
      const row = [...document.querySelectorAll('.row')].find((each) =>
        each.textContent?.includes('L-078'),
      )
      scrollBy(0, row!.getBoundingClientRect().top - 300)
    })
    const before = await restOf(watched)
    await ringUp(app.shop, { ...sale, receiptNumber: 'NEW-2', at: '2026-10-06T12:00:00Z' })
    const pill = page.getByRole('button', { name: '1 new purchase' })
    await pill.waitFor()
    expect(Math.abs((await restOf(watched)) - before)).toBeLessThan(2)
    await pill.click()
    await pill.waitFor({ state: 'hidden' })
    await until(
      async () => (await page.evaluate(() => scrollY)) < 300 || undefined,
      'the page is not at the new purchase',
    )
  })

  test('tells kinds apart, and walks from a return to its sale and back', async () => {
    const page = await tillOf()
    await page.goto(`${app.stack.apiUrl}/c/${app.exampleId}`)
    await page.locator('.row').first().waitFor()

    const types = ['Sale', 'Return', 'Exchange', 'Layaway']
    for (const type of types)
      await page
        .locator('.row__type', { hasText: new RegExp(`^${type}$`) })
        .first()
        .waitFor()
    expect(new Set(await page.locator('.row__type').allTextContents())).toEqual(new Set(types))
    await page.locator('.row__link', { hasText: 'Return' }).last().click()
    const receipt = page.getByRole('dialog')
    await receipt.getByText('Came from').click()
    await receipt.getByText('Taken back later').first().waitFor()
    expect(await receipt.locator('.receipt-head__what').textContent()).toBe('Sale')
    expect(await receipt.getByText('of 3 can be taken back').count()).toBeLessThan(2)
    await receipt.getByText('Taken back later').first().click()
    await receipt.getByText('Came from').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await receipt.waitFor({ state: 'hidden' })
    expect(page.complaints).toEqual([])
  })

  test('draws what was spent by month, as it comes, and by year where that is long', async () => {
    const locationId = app.shop.locations[0]!.id
    const sell = (total: number, at: string) =>
      ringUp(app.shop, { customerId: sven, locationId, receiptNumber: `S-${total}`, total, at })
    await sell(1000, '2025-01-31T12:00:00Z')
    await sell(2500, '2025-03-01T12:00:00Z')
    const page = await tillOf()
    await openCustomer(page, 'E2E-3')
    const chart = (name: string) => page.getByRole('img', { name, exact: true }).waitFor()

    await chart('Spending from Jan 2025 to Mar 2025; most in Mar 2025: £25.00')
    await sell(4000, '2025-04-02T12:00:00Z')
    await chart('Spending from Jan 2025 to Apr 2025; most in Apr 2025: £40.00')
    await sell(9900, '2021-05-02T12:00:00Z')
    await chart('Spending from 2021 to 2025; most in 2021: £99.00')
    expect(await page.locator('.chart__bar').count()).toBe(5)
  })

  test('opens a merged record as the survivor, and says so', async () => {
    const page = await tillOf({ chain: 'Two Herons' })
    const { sql } = app.shop
    const [merged] = await sql<{ id: string; into: string }[]>`
      select id, merged_into_id as into from customer where status = 'merged'
        and business_id = (select id from business where name = 'Two Herons') limit 1`

    await page.goto(`${app.stack.apiUrl}/c/${merged!.id}`)
    await page.getByText('Two records, one person').waitFor()
    // It says so at once, and then goes to the survivor's own address.
    await page.waitForURL(({ pathname }) => !pathname.includes(merged!.id))
  })

  test('says of an erased customer only that', async () => {
    const page = await tillOf()
    const [erased] = await app.shop.sql<{ id: string }[]>`
      select id from customer where status = 'erased' and business_id = ${app.shop.businessId} limit 1`

    await page.goto(`${app.stack.apiUrl}/c/${erased!.id}`)
    await page.getByRole('heading', { name: 'This customer’s data was erased' }).waitFor()
    expect(await page.locator('.row').count()).toBe(0)
  })

  test('shows purchases in other stores as masked, or not at all', async () => {
    const [one] = app.shop.locations
    const page = await tillOf({ stores: [one!.name], visibility: 'masked' })
    await openCustomer(page, 'E2E-1')

    await page.getByText('Purchase in another store').first().waitFor()
    expect(await page.locator('.row a').count()).toBeGreaterThan(0)
    expect(await page.locator('.row', { hasText: 'another store' }).locator('a').count()).toBe(0)
  })

  test('prints a copy as wide as the paper', async () => {
    const page = await tillOf()
    await openCustomer(page, 'E2E-1')
    await page.locator('.row__link').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Print on').selectOption('58')
    await page.evaluate(() => {
      window.print = () => {}
    })

    await dialog.getByRole('button', { name: 'Print a copy' }).click()

    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.paper').innerText()).toContain('COPY')
    expect(await page.locator('#app').isVisible()).toBe(false)
    const pdf = await page.pdf({ preferCSSPageSize: true })
    const [, width] = /\/MediaBox \[0 0 ([\d.]+) [\d.]+\]/.exec(pdf.toString('latin1')) ?? []
    expect(Math.round((Number(width) / 72) * 25.4)).toBe(58)
    // Printing it ended it.
    await page.locator('.paper').waitFor({ state: 'detached' })
  })

  test('opens without a network, says so, and keeps no answer on the disk', async () => {
    const page = await tillOf()
    await openCustomer(page, 'E2E-1')
    await page.evaluate(() => navigator.serviceWorker.ready)
    await until(
      () => page.evaluate(() => navigator.serviceWorker.controller !== null || undefined),
      'no service worker is in control',
    )
    const kept = await page.evaluate(async () => {
      const names = await caches.keys()
      const requests = await Promise.all(
        names.map(async (name) => (await caches.open(name)).keys()),
      )
      return requests.flat().map(({ url }) => new URL(url).pathname)
    })
    expect(kept.filter((path) => path.startsWith('/customers'))).toEqual([])

    await page.context().setOffline(true)
    await page.reload()
    await page.getByText('No connection. What you see may be out of date.').waitFor()
    await page.context().setOffline(false)
    await page.getByRole('heading', { name: 'Lena Longlist' }).waitFor()
    await page.locator('.row').first().waitFor()
  })

  test('takes a token from the address, and ends with it', async () => {
    const token = await tokenFor(app)
    const page = await openTill(app.browser)
    till = page

    await page.goto(`${app.stack.apiUrl}/c/${lena}#access_token=${token}`)
    await page.getByRole('heading', { name: 'Lena Longlist' }).waitFor()
    await page.waitForURL(`${app.stack.apiUrl}/c/${lena}`)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.waitForFunction(() => sessionStorage.length === 0)

    await page.goto(`${app.stack.apiUrl}/#access_token=${token.slice(0, -4)}AAAA`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['320 pixels, in Spanish', { viewport: { width: 320, height: 640 }, locale: 'es-ES' }],
  ] as const)('has no fault against WCAG 2.2 AA: %s', async (_name, options) => {
    const page = await openTill(app.browser, options)
    till = page
    await page.goto(`${app.stack.apiUrl}/`)
    await page.locator('.demo').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await signIn(page, app.stack.apiUrl)
    await page.goto(`${app.stack.apiUrl}/c/${app.exampleId}`)
    await page.locator('.row').first().waitFor()
    await page.locator('.freshness').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)

    await page.locator('.row__link').nth(1).click()
    await page.locator('.lines').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(page.complaints).toEqual([])
  })

  test('hides no focus behind its head, and has targets that a thumb hits', async () => {
    const page = await tillOf({}, { viewport: { width: 390, height: 844 } })
    await openCustomer(page, 'E2E-1')
    await page.locator('.row').first().waitFor()
    await page.locator('.freshness', { hasText: 'Live' }).waitFor()

    for (let n = 0; n < 18; n += 1) {
      await page.keyboard.press('Tab')
      await untilStill(page)
      const seen = await page.evaluate(() => {
        const { activeElement: element } = document
        if (!element || element === document.body) return null
        const { left, top, width, height } = element.getBoundingClientRect()
        const at = document.elementFromPoint(left + width / 2, top + height / 2)
        const target = element.closest('label') ?? element
        return {
          element: element.outerHTML.slice(0, 80),
          onTop: element.contains(at) || target.contains(at),
          height: target.getBoundingClientRect().height,
        }
      })
      if (seen)
        expect({ ...seen, big: seen.height >= 44 }).toMatchObject({ onTop: true, big: true })
    }
  })
})
