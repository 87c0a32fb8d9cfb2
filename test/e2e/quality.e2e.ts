/**
 * The staff app at its ends: names, amounts, currencies and histories that stretch it, screens from a phone at four
 * times its size to a wall, and what a person sets for herself: colours, spacing, motion. `npm run test:e2e`.
 */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { ensureApiLogin } from '../../cli/stack/api-login.ts'
import { BUILT } from '../../cli/stack/staff-app.ts'
import { issueToken } from '../../cli/token/issue-token.ts'
import { startRuntime } from '../../dev/runtimes.ts'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { accessibilityFaults } from './support/axe.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { addCrowd, addExtremes, EXTREMES, LINES } from './support/extremes.ts'
import { ringUp } from './support/shop.ts'
import { untilStill } from './support/still.ts'

const CROWD = 'X-CROWD'
const CROWD_PURCHASES = 1_200
/** So many rows are in the document at most, besides those around the focus. */
const ROWS = 300
/** The rest of the screen has some hundreds of elements, and a row eighteen. */
const MAX_ELEMENTS = 7_500
const SECRET = 'a secret of the tests, long enough for HS256'

/** Rows below the fold are looked at too. */
const ALL_ROWS = '.row { content-visibility: visible !important }'
/** As WCAG 1.4.12 has it. */
const WIDE_SPACING = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important } p { margin-bottom: 2em !important } ${ALL_ROWS}`

const NARROW = { viewport: { width: 320, height: 640 }, locale: 'es-ES' }
const WALL = { viewport: { width: 3840, height: 2160 } }

describeWithApp('the staff app at its ends', (app) => {
  let till: Till

  beforeAll(async () => {
    await addExtremes(app.shop)
    await addCrowd(app.shop, CROWD, CROWD_PURCHASES)
  })

  afterEach(async () => {
    await till?.context().close()
  })

  async function open(reference: string, options: BrowserContextOptions = {}): Promise<Till> {
    till = await openTill(app.browser, options)
    await signIn(till, app.stack.apiUrl)
    return look(till, reference)
  }

  async function look(page: Till, reference: string): Promise<Till> {
    await openCustomer(page, reference)
    await page.locator('.row').first().waitFor()
    await page.locator('.freshness').waitFor()
    await page.locator('.worth__value').waitFor()
    return page
  }

  async function openReceipt(page: Page): Promise<void> {
    await page.locator('.row__link').first().click()
    await page.locator('.lines').waitFor()
    await untilStill(page)
  }

  test.each([
    ['320 pixels, which is 400 %', NARROW],
    ['a tablet', {}],
  ])('nothing is cut off or laid over another thing: %s', async (_name, options) => {
    const page = await open(EXTREMES.unbroken, options)
    await setStyle(page, ALL_ROWS)
    for (const reference of Object.values(EXTREMES)) {
      await look(page, reference)
      expect({ reference, faults: await layoutFaults(page, '#content') }).toEqual({
        reference,
        faults: [],
      })
      await openReceipt(page)
      expect({ reference, faults: await layoutFaults(page, 'dialog[open]') }).toEqual({
        reference,
        faults: [],
      })
      await page.keyboard.press('Escape')
      await page.waitForURL((url) => !url.pathname.includes('/p/'))
    }
    expect(await accessibilityFaults(page)).toEqual([])
    expect(page.complaints).toEqual([])
  })

  test('says amounts to the last digit, in the digits of their currencies', async () => {
    const page = await open(EXTREMES.debt)
    const worth = page.locator('.worth__value [aria-hidden], .worth__value .amount').last()
    await worth.filter({ hasText: '1,234,567.89' }).waitFor()
    expect(await page.locator('.worth__value').innerText()).toStartWith('−£1,234,567.89')

    await look(page, EXTREMES.zero)
    await page.locator('.worth__value', { hasText: /^£0\.00$/ }).waitFor()
    await look(page, EXTREMES.huge)
    await page
      .locator('.row__total')
      .last()
      .filter({ hasText: /^£90,071,992,547,409\.93$/ })
      .waitFor()

    await look(page, EXTREMES.currencies)
    for (const [currency, text] of [
      ['JPY', '1,234,567'],
      ['KWD', '1,234.567'],
      ['EUR', '12,345.67'],
    ] as const) {
      await page.locator('.segment', { hasText: currency }).click()
      await page.locator('.worth__value', { hasText: text }).waitFor()
    }

    await look(page, EXTREMES.longReceipt)
    await openReceipt(page)
    expect(await page.locator('.line').count()).toBe(LINES)
  })

  test('a page more of a long list touches none of the rows that are there', async () => {
    const page = await open(CROWD)
    await scrollUntil(page, ROWS / 2)
    await page.evaluate(() => {
      const rows = new Set<Node>()
      const observer = new MutationObserver((changes) => {
        for (const { target, type, addedNodes } of changes) {
          const row = (target as Element).parentElement?.closest('.row')
          if (row && (type !== 'childList' || addedNodes.length > 0)) rows.add(row)
        }
      })
      const list = document.querySelector('.timeline')!
      observer.observe(list, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      })
      Object.assign(globalThis, { touchedRows: rows })
    })
    const first = await page.locator('.row').first().elementHandle()

    await scrollUntil(page, ROWS - 25)

    expect(await page.evaluate('touchedRows.size')).toBe(0)
    expect(await first!.evaluate((row) => row.isConnected)).toBe(true)
    // What is out of sight is not laid out or painted.
    expect(await first!.evaluate((row) => getComputedStyle(row).contentVisibility)).toBe('auto')
  })

  test('of a long list some hundreds of rows are in the document, in order, and the focus stays', async () => {
    const page = await open(CROWD)
    await page.locator('a.row__link', { hasText: /C-3(?!\d)/ }).focus()
    const focused = () =>
      page.evaluate(() => document.activeElement?.querySelector('.row__number')?.textContent)
    const elements: number[] = []
    const look = async () => {
      const seen = await rowsInSight(page)
      elements.push(seen.elements)
      // Each one after the other, with nothing between them.
      expect(seen.numbers).toEqual(seen.numbers.map((_, at) => seen.numbers[0]! + at))
      return seen.numbers
    }

    await until(async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      return (await look()).at(-1) === CROWD_PURCHASES || undefined
    }, 'the end of the list')
    await page.getByText('That is everything.').waitFor()
    expect(await focused()).toBe('C-3')

    // Back up by less than a screen: nothing is passed over.
    let [top] = await look()
    for (let n = 0; n < 12; n += 1) {
      await page.evaluate(() => scrollBy(0, -innerHeight / 2))
      const numbers = await look()
      expect(numbers.at(-1)).toBeGreaterThanOrEqual(top!)
      expect(numbers[0]).toBeLessThan(top!)
      ;[top] = numbers
    }
    const row = page.locator('.row', { hasText: new RegExp(`C-${top}(?!\\d)`) })
    const rank = await row.evaluate((row) => [row.ariaPosInSet, row.ariaSetSize].map(Number))
    expect(rank[0]).toBeGreaterThan(0)
    expect(rank[1]).toBeGreaterThan(rank[0]! - 1)

    // Far away at once.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2))
    expect((await look()).length).toBeGreaterThan(3)
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('C-4')
    await until(async () => (await look()).includes(4) || undefined, 'the focus is not in sight')

    // One that comes meanwhile moves nothing, and is a touch away.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2))
    const read = await look()
    const customerId = new URL(page.url()).pathname.split('/').at(-1)!
    const sale = { customerId, locationId: app.shop.locations[0]!.id, total: 4200 }
    await ringUp(app.shop, { ...sale, receiptNumber: 'C-0', at: '2026-10-01T12:30:00Z' })
    const pill = page.getByRole('button', { name: '1 new purchase' })
    await pill.waitFor()
    expect(await look()).toEqual(read)
    await pill.click()
    await until(
      async () => (await look())[0] === 0 || undefined,
      'the new purchase is not in sight',
    )
    expect(await focused()).toBe('C-0')
    expect(Math.max(...elements)).toBeLessThan(MAX_ELEMENTS)
    expect(page.complaints).toEqual([])
  })

  test('another customer is shown from her head, wherever the last one was left', async () => {
    const page = await open(CROWD)
    await scrollUntil(page, 100)

    await look(page, EXTREMES.zero)

    await until(
      async () => (await page.evaluate(() => scrollY)) === 0 || undefined,
      'the page is not at its head',
    )
  })

  test('a wall is read from afar, and its room is used', async () => {
    const page = await open(CROWD, WALL)

    const { type, list } = await page.evaluate(() => ({
      type: Number.parseFloat(getComputedStyle(document.querySelector('.row__when')!).fontSize),
      list: document.querySelector('.customer')!.getBoundingClientRect().width,
    }))
    expect(type).toBeGreaterThanOrEqual(36)
    expect(list).toBeGreaterThan(3600)
    expect(await layoutFaults(page, '#content')).toEqual([])
    expect(await accessibilityFaults(page)).toEqual([])
  })

  test('wider spacing of text (WCAG 1.4.12) costs no content', async () => {
    for (const options of [NARROW, {}]) {
      const page = await open(EXTREMES.debt, options)
      await setStyle(page, WIDE_SPACING)
      expect(await layoutFaults(page, '#content')).toEqual([])
      await openReceipt(page)
      expect(await layoutFaults(page, 'dialog[open]')).toEqual([])
      await page.context().close()
    }
  })

  test("in the system's own colours the chosen currency is told, and nothing fails", async () => {
    const page = await open(EXTREMES.currencies, { forcedColors: 'active' })

    await page.locator('.segment').nth(1).waitFor()
    const colours = await page
      .locator('.segment')
      .evaluateAll((all) => all.map((each) => getComputedStyle(each).backgroundColor))
    expect(new Set(colours).size).toBe(2)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  test('nothing moves for whoever asked for less motion', async () => {
    const page = await open(EXTREMES.zero, { reducedMotion: 'reduce' })
    await page.locator('.row__link').first().click()
    await page.locator('.lines').waitFor()

    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  })

  test.each(['light', 'dark'] as const)(
    'a focus is seen wherever it is: %s',
    async (colorScheme) => {
      const page = await open(EXTREMES.currencies, { colorScheme })
      await page.locator('body').click({ position: { x: 2, y: 400 } })

      const seen: { element: string; width: number; contrast: number }[] = []
      for (let n = 0; n < 14; n += 1) {
        await page.keyboard.press('Tab')
        const ring = await page.evaluate(ringOfFocus)
        if (ring) seen.push(ring)
      }

      expect(seen.length).toBeGreaterThan(8)
      // WCAG 1.4.11, and 2.4.13 of AAA.
      expect(seen.filter(({ width, contrast }) => width < 2 || contrast < 3)).toEqual([])
    },
  )

  test("opens a customer on Cloudflare's runtime, from the Worker's static assets", async () => {
    const { stack, shop } = app
    const worker = await startRuntime('workerd', {
      env: {
        READ_DATABASE_URL: await ensureApiLogin(stack.readUrl, 'quality'),
        // Whom to forget is asked of it.
        SOURCE_DATABASE_URL: stack.sourceUrl,
        PT_JWT_SECRET: SECRET,
      },
      assets: BUILT,
    })
    try {
      const holder = {
        business: shop.businessId,
        role: 'cashier',
        locations: '*',
        ttlSeconds: 600,
      } as const
      const { token } = await issueToken(SECRET, holder)
      till = await openTill(app.browser)
      await till.goto(`${worker.url}/c/${app.exampleId}#access_token=${token}`)
      await till.locator('.row').first().waitFor()
      await till.evaluate(() => navigator.serviceWorker.ready)
      // That its changes are not streamed here, and polled for, is no fault.
      expect(till.complaints.filter((text) => !text.includes('501'))).toEqual([])
      const gone = await fetch(`${worker.url}/assets/gone-12345678.js`)
      expect([gone.status, gone.headers.get('Content-Type')]).toEqual([
        404,
        'application/problem+json',
      ])
    } finally {
      await worker.stop()
    }
  })
})

/** As a person's own style sheet: the app's policy forbids one in the page. */
async function setStyle(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    document.adoptedStyleSheets.push(sheet)
  }, text)
}

async function scrollUntil(page: Page, rows: number): Promise<void> {
  await until(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    return (await page.locator('.row').count()) >= rows || undefined
  }, `no ${rows} rows`)
}

/** The numbers of the rows in the viewport, from above, once it shows any; and how many elements there are. */
function rowsInSight(page: Page): Promise<{ numbers: number[]; elements: number }> {
  return until(async () => {
    const seen = await page.evaluate(() => {
      const list = document.querySelector('.timeline')!.getBoundingClientRect()
      const numbers: number[] = []
      for (const row of document.querySelectorAll('.row')) {
        const { top, bottom } = row.getBoundingClientRect()
        const number = row.querySelector('.row__number')!.textContent.replace('C-', '')
        if (bottom > 0 && top < innerHeight) numbers.push(Number(number))
      }
      const at = document.elementFromPoint(list.left + list.width / 2, innerHeight / 2)
      const isThere = at?.closest('.row, .timeline__more, .timeline__end, .month__title, .customer')
      const isGap =
        at?.closest('.timeline') != null &&
        !at.closest('.row, .month__title, .timeline__more, .timeline__end')
      return isThere && !isGap ? { numbers, elements: document.querySelectorAll('*').length } : null
    })
    return seen ?? undefined
  }, 'nothing is in sight')
}

/** Texts that stick out of the page or of what holds them, and pairs of texts that cover each other. */
function layoutFaults(page: Page, scope: string): Promise<string[]> {
  return page.evaluate((scope) => {
    const faults: string[] = []
    const name = (element: Element) => `${element.className}: ${element.textContent?.slice(0, 30)}`
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways')
    const root = document.querySelector(scope)!
    const boxes: { element: Element; box: DOMRect }[] = []
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!
      if (
        !node.textContent!.trim() ||
        element.closest('.visually-hidden, option, svg, details:not([open]) > :not(summary)')
      )
        continue
      if (!element.checkVisibility()) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      // What ends in an ellipsis on purpose is as wide as what is seen of it.
      const isCut = getComputedStyle(element).textOverflow === 'ellipsis'
      const seen = isCut ? [element.getBoundingClientRect()] : range.getClientRects()
      for (const box of seen) {
        if (box.right > innerWidth + 1 || box.left < -1)
          faults.push(`out of sight: ${name(element)}`)
        boxes.push({ element, box })
      }
    }
    const inset = 2
    for (const [at, { element, box }] of boxes.entries()) {
      const holder = element.closest('.summary, .row, .line, .sums, .receipt-head')
      const held = holder?.getBoundingClientRect()
      if (held && (box.right > held.right + 1 || box.left < held.left - 1))
        faults.push(`sticks out: ${name(element)}`)
      for (const other of boxes.slice(at + 1)) {
        if (other.element === element || !holder?.contains(other.element)) continue
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        if (wide > inset && high > inset * 3)
          faults.push(`${name(element)} covers ${name(other.element)}`)
      }
    }
    return faults
  }, scope)
}

/** How wide the outline of what has the focus is, and how it stands out from what is behind it. */
function ringOfFocus() {
  const focused = document.activeElement
  if (!focused || focused === document.body) return null
  const element = focused.closest('.segment, .search') ?? focused
  const styles = [focused, element].map((each) => getComputedStyle(each))
  const style = styles.find(({ outlineStyle }) => outlineStyle !== 'none') ?? styles[0]!
  const canvas = document.createElement('canvas').getContext('2d')!
  const luminance = (color: string) => {
    canvas.fillStyle = '#000'
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const part = byte / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  let behind: Element | null = element.parentElement
  while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)')
    behind = behind.parentElement
  const [ring, ground] = [
    style.outlineColor,
    getComputedStyle(behind ?? document.documentElement).backgroundColor,
  ]
    .map(luminance)
    .sort((a, b) => b - a) as [number, number]
  return {
    element: focused.outerHTML.slice(0, 80),
    width: style.outlineStyle === 'none' ? 0 : Number.parseFloat(style.outlineWidth),
    contrast: (ring + 0.05) / (ground + 0.05),
  }
}
