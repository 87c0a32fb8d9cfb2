/** Finding whoever is in front of one: by a scanner that knows of no field, among people of one name, on a bad line. */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { untilKept } from './support/device.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'

describeWithApp('the search', (app) => {
  const tills: Till[] = []
  let survivor: string

  beforeAll(async () => {
    const { shop } = app
    await addCustomer(shop, 'Scarlet Scanned', 'SCN-1')
    survivor = await addCustomer(shop, 'Twyla Twinned', 'TWN-1')
    await shop.sql`
      insert into customer (business_id, name, external_ref, phone, status, merged_into_id) values
        (${shop.businessId}, 'Twyla Twinned', null, '+44 20 7946 1234', 'active', null),
        (${shop.businessId}, 'Twyla Formerly', 'TWN-0', null, 'merged', ${survivor}),
        (${shop.businessId}, null, 'NML-7', null, 'active', null)`
    const receipt = { receiptNumber: 'SRCH-1', total: 1200, at: '2026-10-01T12:00:00Z' }
    const locationId = shop.locations[0]!.id
    // Behind the last of them.
    await untilRead(shop, await ringUp(shop, { customerId: survivor, locationId, ...receipt }))
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

  const heading = (page: Page, name: string) =>
    page.getByRole('heading', { name, level: 1 }).waitFor()
  const inField = (page: Page) => page.locator('#search').inputValue()
  const options = async (page: Page) => {
    const texts = await page.getByRole('option').allInnerTexts()
    return texts.map((text) => text.split('\n').join(' | '))
  }

  test('takes what a scanner types, wherever one was, and opens it', async () => {
    const page = await tillOf({ hasTouch: true, viewport: { width: 800, height: 1180 } })
    await heading(page, 'Who is in front of you?')
    await page.locator('main').focus()

    await page.keyboard.type('SCN-1')
    // What is typed brings up no keyboard that covers half of the screen.
    expect(await page.locator('#search').getAttribute('inputmode')).toBe('none')
    await page.keyboard.press('Enter')
    await heading(page, 'Scarlet Scanned')
    await page.keyboard.type('nml-7')
    await page.keyboard.press('Enter')
    await heading(page, 'Ref. NML-7')
    await page.keyboard.type('SRCH-1')
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'Receipt SRCH-1' }).waitFor()
    expect(page.complaints).toEqual([])
  })

  test('leaves keys alone that are somebody else’s', async () => {
    const page = await tillOf()
    await page.locator('main').focus()
    for (const key of ['Space', 'Control+b', 'Alt+b', 'Shift', 'PageDown']) {
      await page.keyboard.press(key)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
    }

    await page.getByRole('button', { name: 'Menu' }).click()
    await page.keyboard.press('e')
    expect(await inField(page)).toBe('')
    await page.keyboard.press('Escape')
    await page.locator('#app-menu').waitFor({ state: 'hidden' })
    await page.keyboard.press('e')
    await until(async () => (await inField(page)) === 'e' || undefined, 'the key is in the field')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByLabel('Typing and scanning anywhere').selectOption('field')
    await page.keyboard.press('Escape')
    await page.locator('#app-menu').waitFor({ state: 'hidden' })
    await page.locator('#content').focus()
    await page.keyboard.press('e')
    await page.keyboard.press('/')
    expect(await inField(page)).toBe('')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
  })

  test('tells people of one name apart, and says once who is one', async () => {
    const page = await tillOf()

    await page.locator('#search').fill('twyla')
    await page.getByRole('option').nth(1).waitFor()

    expect(await options(page)).toEqual([
      'Twyla Twinned | Ref. TWN-1 · Phone ends in 0991',
      'Twyla Twinned | Phone ends in 1234',
    ])
    await page.locator('#search').fill('formerly')
    await page.getByText('Now part of Twyla Twinned').waitFor()
    await page.locator('#search').fill('nml')
    await page.getByRole('option', { name: 'Ref. NML-7' }).waitFor()
    await page.keyboard.press('Enter')
    await heading(page, 'Ref. NML-7')
    await page.locator('.bar__home').click()
    await page.locator('.person', { hasText: 'Ref. NML-7' }).waitFor()
  })

  test('opens by Enter the first of several, and none that stood there for what was typed before', async () => {
    const page = await tillOf()
    const field = page.locator('#search')
    await field.fill('twyla')
    await page.getByRole('option', { name: 'Twyla' }).first().waitFor()
    expect(await field.getAttribute('aria-activedescendant')).toBe(
      await page.getByRole('option', { selected: true }).getAttribute('id'),
    )
    const held = Promise.withResolvers<void>()
    await page.route('**/customers?query=scarlet', async (route) => {
      await held.promise
      await route.continue()
    })

    await field.fill('scarlet')
    await field.press('Enter')
    expect(await field.getAttribute('aria-activedescendant')).toBeNull()
    expect(new URL(page.url()).pathname).toBe('/')
    held.resolve()
    await heading(page, 'Scarlet Scanned')

    await field.fill('twyla')
    await page.getByRole('option', { name: 'Phone ends in 0991' }).waitFor()
    await field.press('Enter')
    await page.waitForURL(`**/c/${survivor}`)
  })

  test('says without a network where it has looked, and that there is nothing', async () => {
    const page = await tillOf()
    await openCustomer(page, 'TWN-1')
    await untilKept(page, { customers: 1, kept: 5 })
    await page.context().setOffline(true)

    await page.locator('#search').fill('zzqx')

    const panel = page.locator('.search__panel')
    await panel.getByText('Nothing found for “zzqx”').waitFor()
    await panel.getByText('only the one customer on this device was searched').waitFor()
    await page.locator('#search').fill('srch-1')
    await page.getByRole('option', { name: 'SRCH-1' }).getByText('Twyla Twinned').waitFor()
  })

  test('leaves no menu of hers open when somebody has signed out, and says who is in', async () => {
    const page = await tillOf()
    await page.getByRole('button', { name: 'Menu' }).click()
    const menu = page.locator('#app-menu')
    const [person] = await app.shop.sql<{ name: string }[]>`
      select display_name as name from employee where business_id = ${app.shop.businessId}
      order by role = 'cashier' desc, md5(id::text || 'cashier') limit 1`
    await menu.getByText(person!.name).waitFor()

    await menu.getByRole('button', { name: 'Sign out' }).click()

    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await menu.waitFor({ state: 'hidden' })
  })

  test('filters by the dates that it shows', async () => {
    const page = await tillOf()
    await openCustomer(page, 'TWN-1')
    const period = page.getByLabel('Period')
    await period.selectOption('90d')
    await page.getByRole('button', { name: 'Remove filter: Last 90 days' }).waitFor()

    await period.selectOption('dates')

    const chip = page.getByRole('button', { name: /^Remove filter: Since / })
    await chip.waitFor()
    expect(await page.locator('.filter-chip').count()).toBe(1)
    const from = await page.getByLabel('From').inputValue()
    expect(new URL(page.url()).searchParams.get('from')).toBe(from)
    expect(await period.inputValue()).toBe('dates')
  })
})
