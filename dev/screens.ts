/**
 * `npm run screens`: pictures of the staff app in docs/screens, made in a real Chromium on the demo's data, and
 * the app's icons as PNG. Needs a running `npm start`; `--url` names another address than its.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { launchBrowser, openCustomer, openTill, signIn } from '../test/e2e/support/browser.ts'

const ROOT = join(import.meta.dirname, '..')
const SCREENS = join(ROOT, 'docs/screens')
const ICON_SIZES = [192, 512]
/** A customer of the demo with some of everything. */
const REGULAR = 'MF-100002'

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }
const TABLET = { viewport: { width: 1180, height: 820 } }

const { values } = parseArgs({
  options: { url: { type: 'string', default: 'http://127.0.0.1:8787' } },
})

async function open(browser: Browser, options: object) {
  const page = await openTill(browser, options)
  await signIn(page, values.url)
  await openCustomer(page, REGULAR)
  await page.locator('.chart').waitFor()
  await page.locator('body').click({ position: { x: 4, y: 200 } })
  return page
}

async function openReceipt(page: Awaited<ReturnType<typeof open>>, tone: string) {
  await page.locator(`.row__link:has(.tone-${tone})`).first().click()
  await page.locator('.lines').waitFor()
  // Until it stands still.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)))
}

async function takeScreens(browser: Browser): Promise<void> {
  const picture = (name: string) => join(SCREENS, `${name}.png`)
  const tablet = await open(browser, TABLET)
  await tablet.screenshot({ path: picture('tablet') })
  await openReceipt(tablet, 'exchange')
  await tablet.screenshot({ path: picture('tablet-receipt') })
  await tablet.evaluate(() => {
    window.print = () => {}
  })
  await tablet.getByRole('button', { name: 'Print a copy' }).click()
  await tablet.emulateMedia({ media: 'print' })
  await tablet.locator('.paper').screenshot({ path: picture('print-80mm') })

  const dark = await open(browser, { ...TABLET, colorScheme: 'dark' })
  await dark.screenshot({ path: picture('tablet-dark') })

  const phone = await open(browser, { ...PHONE, locale: 'es-ES' })
  await phone.screenshot({ path: picture('phone-spanish') })
  const phoneReceipt = await open(browser, PHONE)
  await openReceipt(phoneReceipt, 'sale')
  await phoneReceipt.screenshot({ path: picture('phone-receipt') })
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
  await takeScreens(browser)
} finally {
  await browser.close()
}
