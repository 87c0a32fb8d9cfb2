/** The staff app under attack: number 29 of docs/SECURITY.md. */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { ANSWERS, remainsOn, untilKept } from './support/device.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'
import { employeesOf, tokenFor } from './support/token.ts'

const SCRIPT = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`
const SPREADSHEET = '=HYPERLINK("https://evil.example")'
/** Turns what follows it around on the screen. */
const OVERRIDE = '‮'

describeWithApp('29 the staff app', (app) => {
  let till: Till
  let mallory: string

  beforeAll(async () => {
    const { shop } = app
    mallory = await addCustomer(shop, `${SCRIPT} ${OVERRIDE}Mallory`, 'SEC-29')
    const locationId = shop.locations[0]!.id
    const sale = await ringUp(shop, {
      customerId: mallory,
      locationId,
      receiptNumber: `${SPREADSHEET}${SCRIPT}`,
      productName: SCRIPT,
      total: 500,
      at: '2026-09-01T10:00:00Z',
    })
    await untilRead(shop, sale)
  })

  afterEach(async () => {
    await till?.context().close()
  })

  async function signedIn() {
    till = await openTill(app.browser)
    await signIn(till, app.stack.apiUrl)
    return till
  }

  test('29 shows names and receipts as text, whatever is in them', async () => {
    const page = await signedIn()

    await page.locator('#search').fill('SEC-29')
    await page.getByRole('option').first().waitFor()
    await page.locator('#search').press('Enter')
    await page.locator('.customer-head__name').waitFor()
    expect(await page.locator('.customer-head__name').textContent()).toContain(SCRIPT)
    await page.locator('.row__link').first().click()
    await page.getByRole('dialog').getByText(SCRIPT, { exact: true }).waitFor()

    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
    expect(await page.locator('img').count()).toBe(0)
    expect(page.complaints).toEqual([])
  })

  test('29 runs no script and takes no style but its own', async () => {
    const page = await signedIn()
    const blocked: string[] = []
    page.on('console', (message) => blocked.push(message.text()))

    await page.evaluate((url) => {
      const inline = document.createElement('script')
      inline.textContent = 'window.hit = 1'
      document.body.append(inline)
      const foreign = document.createElement('script')
      foreign.src = url
      document.body.append(foreign)
      document.body.setAttribute('onclick', 'window.hit = 1')
      document.body.click()
      document.body.setAttribute('style', 'color: red')
      // As eval, which a debugger that asks is let do.
      setTimeout('window.hit = 1')
      fetch(url).catch(() => {})
      const frame = document.createElement('iframe')
      frame.src = 'data:text/html,hi'
      document.body.append(frame)
    }, 'https://evil.example/x.js')
    // Each is told of by the browser, in whatever order.
    const least = { 'script-src': 4, 'style-src': 1, 'connect-src': 1, 'default-src': 1 }
    const missing = () =>
      Object.entries(least).filter(
        ([directive, count]) => blocked.filter((text) => text.includes(directive)).length < count,
      )
    await until(async () => missing().length === 0 || undefined, 'something was not blocked').catch(
      (error) => {
        throw new Error(`${error.message}: ${JSON.stringify(missing())} of ${blocked.join('\n')}`)
      },
    )
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
  })

  test('29 is framed by nobody', async () => {
    const page = await signedIn()
    const frame = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () =>
        new Response(`<iframe src="${app.stack.apiUrl}/c/${mallory}"></iframe>`, {
          headers: { 'Content-Type': 'text/html' },
        }),
    })
    try {
      const refused = page.waitForEvent('console', (message) =>
        message.text().includes('frame-ancestors'),
      )
      await page.goto(`http://127.0.0.1:${frame.port}/`)
      await refused
      expect(await page.frames()[1]!.locator('#app').count()).toBe(0)
    } finally {
      await frame.stop(true)
    }
  })

  test('29 has one worker, for its own files; nobody else’s script becomes one', async () => {
    const page = await signedIn()
    await page.evaluate(() => navigator.serviceWorker.ready)

    const refused = await page.evaluate(
      async (paths) => {
        const tried = paths.map((path) => navigator.serviceWorker.register(path))
        return (await Promise.allSettled(tried)).map(({ status }) => status)
      },
      ['/customers', '/openapi.json', '/docs/style.css', 'data:text/javascript,0', 'blob:x'],
    )

    expect(new Set(refused)).toEqual(new Set(['rejected']))
    const scopes = await page.evaluate(async () =>
      (await navigator.serviceWorker.getRegistrations()).map(
        ({ scope }) => new URL(scope).pathname,
      ),
    )
    expect(scopes).toEqual(['/'])
  })

  test('29 shows nothing after sign-out: not by going back, not by its worker, not by another tab', async () => {
    const page = await signedIn()
    await page.evaluate(() => navigator.serviceWorker.ready)
    await openCustomer(page, 'SEC-29')
    await page.locator('.row').first().waitFor()
    const name = await page.locator('.customer-head__name').textContent()

    // Away, so that the page that shows her may be kept for the way back.
    await page.goto('about:blank')
    await page.goBack()
    await page.locator('.row').first().waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()

    for (const step of ['back', 'forward', 'reload', 'offline'] as const) {
      if (step === 'back') await page.goBack()
      else if (step === 'forward') await page.goForward()
      else {
        if (step === 'offline') await page.context().setOffline(true)
        await page.goto(`${app.stack.apiUrl}/c/${mallory}`)
      }
      const text = await page.locator('body').textContent()
      expect(text).not.toContain(name!)
      expect(await page.locator('.row').count()).toBe(0)
    }
    await page.context().setOffline(false)
    const tab = await page.context().newPage()
    await tab.goto(`${app.stack.apiUrl}/c/${mallory}`)
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await tab.locator('body').textContent()).not.toContain(name!)
  })

  test('29 leaves nothing of one person on the screen for the next, in a tab that was open', async () => {
    const page = await signedIn()
    await openCustomer(page, 'SEC-29')
    await page.locator('.row').first().waitFor()
    await page.locator('#search').fill('SEC-29')
    await page.getByRole('option').first().waitFor()
    const [, elsewhere] = app.shop.locations
    const token = await tokenFor(app, { locations: [elsewhere!.id], visibility: 'own' })

    const tab = await page.context().newPage()
    await tab.goto(`${app.stack.apiUrl}/#access_token=${token}`)
    await tab.locator('#search').waitFor()

    // It would be noted as a look of the next person's, who has not asked for her.
    await page.waitForURL(`${app.stack.apiUrl}/`)
    const isEmpty = async () => (await page.locator('#search').inputValue()) === '' || undefined
    await until(isEmpty, 'what the other was searching for is there')
    await page.locator('.row, .option').first().waitFor({ state: 'detached' })
  })

  test('29 shows nobody whom another looked at, in a tab that was loaded anew since; a till opens what it asks for', async () => {
    till = await openTill(app.browser)
    const [one, other] = await employeesOf(app)
    const handOver = async (employee: string) =>
      `${app.stack.apiUrl}/c/${mallory}#access_token=${await tokenFor(app, { employee })}`
    const row = till.locator('.row').first()
    await till.goto(await handOver(one!))
    await row.waitFor()
    await till.reload()
    await row.waitFor()
    // Her session ends; the address stays.
    const type = 'urn:purchase-timeline:problem:invalid-token'
    const ended = { status: 401, contentType: 'application/problem+json' }
    await till.route('**/customers/**', (route) =>
      route.fulfill({ ...ended, body: JSON.stringify({ type }) }),
    )
    await till.reload()
    await till.getByRole('heading', { name: 'Sign in' }).waitFor()
    await until(
      async () => (await remainsOn(till)).vaults.length === 0 || undefined,
      'her session is still there',
    )
    await till.unroute('**/customers/**')
    await till.reload()
    await till.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(new URL(till.url()).pathname).toBe(`/c/${mallory}`)
    const looks: string[] = []
    till.on('request', (request) => looks.push(request.url()))

    const tab = await till.context().newPage()
    await tab.goto(await handOver(other!))
    await tab.locator('.row').first().waitFor()

    await till.locator('#search').waitFor()
    expect(new URL(till.url()).pathname).toBe('/')
    expect(looks.filter((url) => url.includes(mallory))).toEqual([])
  })

  test('29 keeps nothing for a token that nobody could be asked about, until somebody can', async () => {
    till = await openTill(app.browser)
    const [one, other] = await employeesOf(app)
    const comes = async (employee: string) => {
      const token = await tokenFor(app, { employee })
      await till.goto(`${app.stack.apiUrl}/#access_token=${token}`)
      await openCustomer(till, 'SEC-29')
      await till.locator('.row').first().waitFor()
    }
    await comes(one!)
    // With the stores.
    const { counts } = await untilKept(till, { session: 1, customers: 1, kept: ANSWERS + 1 })
    let asked = 0
    await till.route('**/locations', (route) => {
      asked += 1
      return route.abort()
    })

    await comes(other!)
    await until(async () => asked > 2 || undefined, 'it is not asked about again')
    const inTab = () => till.evaluate(() => sessionStorage.getItem('pt.token'))
    expect(await inTab()).not.toBeNull()
    expect((await remainsOn(till)).counts).toEqual({ ...counts, keys: counts.keys! + 1 })
    await till.unroute('**/locations')

    // Hers is sealed, and nothing of the one before is left but what would still be to be sent.
    await until(async () => (await inTab()) === null || undefined, 'nothing is kept for her')
    expect((await remainsOn(till)).counts).toMatchObject({ session: 1 })
    expect(await till.locator('.row').count()).toBe(1)
  })

  test('29 takes a token that comes to the page that is open, and takes it out of the address', async () => {
    const page = await signedIn()
    const [one] = app.shop.locations
    const token = await tokenFor(app, { locations: [one!.id], visibility: 'own' })

    await page.evaluate((token) => {
      location.hash = `access_token=${token}`
    }, token)

    await until(
      async () => (await page.evaluate(() => location.hash)) === '' || undefined,
      'the token is still in the address',
    )
    // It closes when the person is another: whether it is open says nothing here.
    await page.locator('#app-menu', { hasText: '1 store' }).waitFor({ state: 'attached' })
  })
})
