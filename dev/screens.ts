/**
 * `npm run screens`: pictures of the staff app in docs/screens, made in a real Chromium on the demo's data, and
 * the app's icons as PNG. Needs a running `npm start`; `--url` and `--data` name another address and data
 * directory than its, `--only NAME` one picture. For the picture of a merge it gives one person a second record.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import {
  launchBrowser,
  openCustomer,
  openTill,
  type Person,
  signIn,
  type Till,
} from '../test/e2e/support/browser.ts'
import { addCustomer, closeShop, openShop, ringUp } from '../test/e2e/support/shop.ts'
import { stackOf } from '../test/support/pt.ts'

const ROOT = join(import.meta.dirname, '..')
const SCREENS = join(ROOT, 'docs/screens')
const ICON_SIZES = [192, 512]
/** A customer of the demo with some of everything. */
const REGULAR = 'MF-100002'
/** One who is in it twice: the other record came with a new card, and has the same phone number. */
const TWICE = 'MF-100013'
const AGAIN = { name: 'Bea Fairclough', reference: 'MF-100913' }

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }
const NARROW = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true }
/** A screen of four thousand pixels, of which the picture shows every other. */
const WALL = { viewport: { width: 3840, height: 2160 }, deviceScaleFactor: 0.5 }
const TABLET = { viewport: { width: 1180, height: 820 } }

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    data: { type: 'string', default: '.data' },
    only: { type: 'string' },
  },
})

type Device = Parameters<typeof openTill>[1]

async function open(
  browser: Browser,
  options: Device,
  person: Person = {},
  customer = REGULAR,
): Promise<Till> {
  const page = await openTill(browser, options)
  await signIn(page, values.url, person)
  await openCustomer(page, customer)
  await page.locator('.chart').waitFor()
  await page.locator('body').click({ position: { x: 4, y: 200 } })
  return page
}

async function openReceipt(page: Till, tone: string) {
  await page.locator(`.row__link:has(.tone-${tone})`).first().click()
  await page.locator('.lines').waitFor()
  await standsStill(page)
}

/** An animation whose element goes is none that anybody waits for. */
async function standsStill(page: Till) {
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map(({ finished }) => finished)),
  )
}

/** What each picture is of, and how to get there. */
const PICTURES: Record<string, (browser: Browser) => Promise<Till>> = {
  tablet: (browser) => open(browser, TABLET),
  'tablet-dark': (browser) => open(browser, { ...TABLET, colorScheme: 'dark' }),
  'phone-spanish': (browser) => open(browser, { ...PHONE, locale: 'es-ES' }),
  'narrow-spanish': (browser) => open(browser, { ...NARROW, locale: 'es-ES' }),
  wall: (browser) => open(browser, WALL),

  async 'tablet-receipt'(browser) {
    const page = await open(browser, TABLET)
    await openReceipt(page, 'exchange')
    return page
  },

  async 'phone-receipt'(browser) {
    const page = await open(browser, PHONE)
    await openReceipt(page, 'sale')
    return page
  },

  async 'tablet-return'(browser) {
    const page = await open(browser, TABLET)
    await openReceipt(page, 'sale')
    await beginReturn(page)
    await page.getByRole('button', { name: /^Take back · / }).waitFor()
    return page
  },

  async 'tablet-merge'(browser) {
    await addSecondRecord()
    const page = await open(browser, TABLET, { role: 'store_manager' }, TWICE)
    await page.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('button', { name: 'Merge with another record' }).click()
    await page.getByLabel('Find the other record').fill(AGAIN.reference)
    await page.locator('dialog .person').first().click()
    await page
      .locator('dialog')
      .getByText(/purchases? moves?/)
      .first()
      .waitFor()
    await standsStill(page)
    return page
  },

  async 'tablet-offline'(browser) {
    const page = await open(browser, TABLET)
    await goOffline(page)
    return page
  },

  async 'tablet-outbox'(browser) {
    const page = await open(browser, TABLET)
    await openReceipt(page, 'sale')
    await goOffline(page)
    await beginReturn(page)
    await page.locator('dialog').getByText('Faulty').click()
    await page.locator('dialog').getByRole('button', { name: 'Keep as a request' }).click()
    await page.locator('dialog').getByRole('button', { name: 'Done' }).click()
    await page.getByRole('link', { name: 'See the outbox' }).last().click()
    await page.locator('.outbox-item__head').first().waitFor()
    return page
  },
}

/** Of who is in the demo twice, with what was bought on the new card; once. */
async function addSecondRecord(): Promise<void> {
  const stack = await stackOf(values.data)
  if (!stack) throw new Error(`nothing runs on ${values.data}: see --data`)
  const shop = await openShop(stack, 'Marlowe & Finch')
  const { sql, businessId, locations } = shop
  try {
    const [there] = await sql`
      select 1 from customer where business_id = ${businessId} and external_ref = ${AGAIN.reference}`
    if (there) return
    const customerId = await addCustomer(shop, AGAIN.name, AGAIN.reference)
    await sql`
      update customer set phone = twice.phone from customer twice
      where customer.id = ${customerId} and twice.business_id = ${businessId} and twice.external_ref = ${TWICE}`
    for (const [n, total] of [2450, 8900].entries()) {
      const at = new Date(Date.now() - (n * 9 + 2) * 86_400_000).toISOString()
      const receiptNumber = `SCREEN-${n}`
      await ringUp(shop, { customerId, locationId: locations[0]!.id, receiptNumber, total, at })
    }
  } finally {
    await closeShop(shop)
  }
}

async function beginReturn(page: Till) {
  await page.getByRole('button', { name: 'Take back' }).click()
  await page
    .getByRole('button', { name: /^More of / })
    .first()
    .click()
}

/** Once the app is on the device. */
async function goOffline(page: Till) {
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.context().setOffline(true)
  await page.locator('.banner--offline').waitFor()
}

async function takeScreens(browser: Browser, only: string | undefined): Promise<void> {
  const picture = (name: string) => join(SCREENS, `${name}.png`)
  for (const [name, lead] of Object.entries(PICTURES)) {
    if (only !== undefined && only !== name) continue
    const page = await lead(browser)
    await page.screenshot({ path: picture(name) })
    await page.context().close()
  }
  if (only !== undefined) return
  const page = await open(browser, TABLET)
  await openReceipt(page, 'exchange')
  await page.evaluate(() => {
    window.print = () => {}
  })
  await page.getByRole('button', { name: 'Print a copy' }).click()
  await page.emulateMedia({ media: 'print' })
  await page.locator('.paper').screenshot({ path: picture('print-80mm') })
}

async function drawIcons(browser: Browser): Promise<void> {
  const icons = join(ROOT, 'pwa/public')
  const svg = await readFile(join(icons, 'icon.svg'), 'utf8')
  for (const size of ICON_SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`)
    await page.screenshot({ path: join(icons, `icon-${size}.png`) })
    await page.close()
  }
}

await mkdir(SCREENS, { recursive: true })
const browser = await launchBrowser()
try {
  await drawIcons(browser)
  await takeScreens(browser, values.only)
} finally {
  await browser.close()
}
