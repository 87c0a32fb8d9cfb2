/** Goods that come back over the counter, in a real Chromium against the real stack. */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { Locator } from 'playwright-core'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { accessibilityFaults } from './support/axe.ts'
import { holdBack, openTill, signIn, type Till } from './support/browser.ts'
import { type GoodsInput, sellGoods } from './support/goods.ts'
import { addCustomer, untilRead } from './support/shop.ts'
import { tokenFor } from './support/token.ts'

describeWithApp('taking goods back', (app) => {
  let rita: string
  let till: Till

  beforeAll(async () => {
    rita = await addCustomer(app.shop, 'Rita Returner', 'E2E-R1')
  })

  afterEach(async () => {
    await till?.context().close()
  })

  /** Three mugs for £10.00, so that no two of them are worth the same, and a bag of coffee. */
  function mugs(receiptNumber: string, options: Partial<GoodsInput> = {}) {
    return sellGoods(app.shop, {
      customerId: rita,
      locationId: app.shop.locations[0]!.id,
      receiptNumber,
      lines: [
        { name: 'Stoneware mug', qty: '3', total: 1000 },
        { name: 'Coffee beans', qty: '0.352', total: 704 },
      ],
      payments: [
        { method: 'card', amount: 1204, reference: 'AUTH 77' },
        { method: 'cash', amount: 500 },
      ],
      ...options,
    })
  }

  async function asTill(path: string, init: RequestInit = {}): Promise<Response> {
    const token = await tokenFor(app)
    const headers = { Authorization: `Bearer ${token}`, ...init.headers }
    return fetch(`${app.stack.apiUrl}${path}`, { ...init, headers })
  }

  /** A till of its own, once all of these purchases can be read. */
  async function tillThatSees(purchaseIds: string[], options = {}): Promise<void> {
    till = await openTill(app.browser, options)
    await signIn(till, app.stack.apiUrl)
    // Not by the API: whoever asks it again and again for what is not there is refused all for a while.
    for (const id of purchaseIds) await untilRead(app.shop, id)
  }

  async function openReceipt(purchaseId: string, options = {}): Promise<Locator> {
    await tillThatSees([purchaseId], options)
    await till.goto(`${app.stack.apiUrl}/c/${rita}/p/${purchaseId}`)
    const drawer = till.locator('.drawer')
    await drawer.locator('.lines').waitFor()
    return drawer
  }

  async function openReturn(purchaseId: string, options = {}): Promise<Locator> {
    const drawer = await openReceipt(purchaseId, options)
    await drawer.getByRole('button', { name: 'Take back' }).click()
    const dialog = till.getByRole('dialog', { name: /^Take back from/ })
    await dialog.waitFor()
    return dialog
  }

  async function untilFocused(locator: Locator): Promise<void> {
    await until(
      () => locator.evaluate((element) => element === document.activeElement || undefined),
      `${locator} has the focus`,
    )
  }

  /** As another till would, for cash. */
  async function takeBack(purchaseId: string, lineId: string, qty: number): Promise<void> {
    const answer = await asTill(`/purchases/${purchaseId}/returns`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({
        locationId: app.shop.locations[0]!.id,
        lines: [{ lineId, qty }],
        reason: 'other',
        refund: 'cash',
      }),
    })
    expect(answer.status).toBe(201)
  }

  /** At the moment at which this till confirms. */
  async function takenMeanwhile(purchaseId: string, lineId: string, qty: number): Promise<void> {
    await till.route(
      (url) => url.pathname.endsWith('/returns') && !url.searchParams.has('dryRun'),
      async (route) => {
        await takeBack(purchaseId, lineId, qty)
        await route.continue()
      },
      { times: 1 },
    )
  }

  test('takes one of three back: the amount, what to do with it, and the receipt as it is now', async () => {
    const { id } = await mugs('RET-1')
    const dialog = await openReturn(id)

    await dialog.getByRole('button', { name: 'More of Stoneware mug' }).click()
    await dialog.getByText('Card £2.35 · Cash £0.98').waitFor()
    await dialog.getByRole('button', { name: 'Take back · £3.33' }).click()
    await dialog.getByText('Choose why it comes back.').waitFor()
    await dialog.getByText('Faulty').click()
    await dialog.getByRole('button', { name: 'Take back · £3.33' }).click()

    await dialog.getByText('£2.35 goes back to the card').waitFor()
    await dialog.getByText('Hand out £0.98 in cash').waitFor()
    await dialog.getByText('Receipt RET-1-R1').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const drawer = till.locator('.drawer')
    await drawer.getByText('2 of 3 can be taken back').waitFor()
    await drawer.getByText('Taken back later').waitFor()
    await till.keyboard.press('Escape')
    await till.locator('.row', { hasText: 'RET-1-R1' }).waitFor()
    // £17.04 less £3.33.
    await till.locator('.summary', { hasText: '£13.71' }).waitFor()
    expect(till.complaints).toEqual([])
  })

  test('says in the outbox what is to be done with the money, where its dialog was left before', async () => {
    const { id } = await mugs('RET-19')
    const dialog = await openReturn(id)
    const held = await holdBack(till, '/returns')
    await dialog.getByRole('button', { name: 'More of Stoneware mug' }).click()
    await dialog.getByText('Faulty').click()
    await dialog.getByRole('button', { name: 'Take back · £3.33' }).click()
    await held.there()

    await until(async () => {
      await till.keyboard.press('Escape')
      return !(await dialog.isVisible()) || undefined
    }, 'the dialog is left')
    held.letGo()

    await till.locator('.outbox-chip', { hasText: '1 done' }).waitFor()
    await till.goto(`${app.stack.apiUrl}/outbox`)
    await till.locator('.outbox-item').getByText('£2.35 goes back to the card').waitFor()
    await till.getByRole('button', { name: 'All right' }).click()
    await till.getByText('Nothing waits').waitFor()
  })

  test('by keys alone, in cash, all of it', async () => {
    const { id } = await mugs('RET-2')
    const drawer = await openReceipt(id)
    const press = (key: string) => till.keyboard.press(key)

    await drawer.getByRole('button', { name: 'Take back' }).focus()
    await press('Enter')
    const more = till.getByRole('button', { name: 'More of Stoneware mug' })
    await more.waitFor()
    await untilFocused(more)
    await press('Shift+Tab')
    await press('ArrowUp')
    await press('ArrowUp')
    const mug = till.getByRole('spinbutton', { name: 'How many of Stoneware mug' })
    await mug.and(till.locator('[aria-valuetext="2 of 3"]')).waitFor()
    await till.getByRole('spinbutton', { name: 'How many of Coffee beans' }).focus()
    await till.keyboard.type('9')
    await press('Tab')
    const beans = till.getByRole('spinbutton', { name: 'How many of Coffee beans' })
    await until(async () => (await beans.inputValue()) === '0.352' || undefined, 'all of the beans')
    await till.getByRole('radio', { name: 'Changed their mind' }).focus()
    await press('Space')
    await till.getByRole('radio', { name: 'As it was paid' }).focus()
    await press('ArrowDown')
    await till.getByRole('button', { name: 'Take back · £13.71' }).focus()
    await press('Enter')
    const done = till.getByRole('heading', { name: 'Taken back' })
    await untilFocused(done)
    await till.getByText('Hand out £13.71 in cash').waitFor()
    await press('Escape')
    await drawer.getByText('1 of 3 can be taken back').waitFor()
    await untilFocused(drawer.getByRole('button', { name: 'Take back' }))
  })

  test('finds a guest’s receipt by its number, opens it by itself, and takes it back', async () => {
    const { id } = await mugs('RET-9001', { customerId: null })
    await tillThatSees([id])

    await till.locator('#search').fill('ret-9001')
    await till.locator('#search').press('Enter')
    await till.getByRole('heading', { name: 'Receipt RET-9001' }).waitFor()
    await till.getByText('Bought as a guest').waitFor()
    await till.getByRole('button', { name: 'Take back' }).click()
    await till.getByRole('button', { name: 'All 3 Stoneware mug' }).click()
    await till.getByText('Wrong item').click()
    await till.getByRole('button', { name: 'Take back · £10.00' }).click()
    await till.getByText('Receipt RET-9001-R1').waitFor()
    expect(await accessibilityFaults(till)).toEqual([])
    await till.getByRole('button', { name: 'Done' }).click()
    await till.getByText('Taken back later').click()
    await till.getByRole('heading', { name: 'Receipt RET-9001-R1' }).waitFor()
    expect(await accessibilityFaults(till)).toEqual([])
    expect(till.complaints).toEqual([])
  })

  test('shows receipts of one number beside the customers whom it finds', async () => {
    const [here, there] = app.shop.locations
    const number = 'RET-2002'
    await addCustomer(app.shop, 'Ria Sameref', number)
    const ritas = await mugs(number, { locationId: here!.id })
    const guests = await mugs(number, { locationId: there!.id, customerId: null })
    await tillThatSees([ritas.id, guests.id])

    await till.locator('#search').fill(number)
    const receipts = till.getByRole('group', { name: 'Receipts' }).getByRole('option')
    await receipts.nth(1).waitFor()
    const texts = await receipts.allTextContents()
    expect(texts.map((text) => /Rita Returner|Guest/.exec(text)?.[0]).sort()).toEqual([
      'Guest',
      'Rita Returner',
    ])
    await till.getByRole('group', { name: 'Customers' }).getByText('Ria Sameref').waitFor()
    await till.getByText('2 receipts, 1 customer').waitFor()
    expect(await accessibilityFaults(till)).toEqual([])
    await receipts.filter({ hasText: 'Rita Returner' }).click()
    await till.getByRole('dialog').getByText('Stoneware mug').waitFor()
    expect(new URL(till.url()).pathname).toStartWith(`/c/${rita}/p/`)
  })

  test('says when another till was first, and what is left', async () => {
    const { id, lineIds } = await mugs('RET-3')
    const dialog = await openReturn(id)
    await dialog.getByRole('button', { name: 'All 3 Stoneware mug' }).click()
    await dialog.getByText('Something else').click()
    const confirm = dialog.getByRole('button', { name: 'Take back · £10.00' })
    await confirm.waitFor()
    await takenMeanwhile(id, lineIds[0]!, 1)

    await confirm.click()

    await dialog.getByText('Less is left than you chose').waitFor()
    await dialog.getByText('Stoneware mug: 2 left.').waitFor()
    // What is left is chosen, and is worth what is left of the price.
    await dialog.getByRole('button', { name: 'Take back · £6.67' }).waitFor()
  })

  test('shows in an open receipt what another till takes back from it', async () => {
    const { id, lineIds } = await mugs('RET-8')
    const dialog = await openReturn(id)
    await dialog.getByRole('button', { name: 'All 3 Stoneware mug' }).click()
    await dialog.getByText('£10.00').first().waitFor()

    await takeBack(id, lineIds[0]!, 2)

    await dialog.getByRole('button', { name: 'Take back · £3.33' }).waitFor()
    await dialog.getByText('1 of 3 can be taken back').waitFor()
  })

  test('says when the amount has changed, and asks again', async () => {
    const { id, lineIds } = await mugs('RET-4')
    const dialog = await openReturn(id)
    await dialog.getByRole('button', { name: 'More of Stoneware mug' }).click()
    await dialog.getByText('Wrong item').click()
    await dialog.getByText('In cash').click()
    const confirm = dialog.getByRole('button', { name: 'Take back · £3.33' })
    await confirm.waitFor()
    await takenMeanwhile(id, lineIds[0]!, 1)

    await confirm.click()

    await dialog.getByText('The amount has changed').waitFor()
    await dialog.getByRole('button', { name: 'Take back · £3.34' }).click()
    await dialog.getByText('Hand out £3.34 in cash').waitFor()
  })

  test('offers cash where nothing is left of what it was paid with', async () => {
    // The till that sold it has noted less than was paid.
    const { id } = await mugs('RET-5', { payments: [{ method: 'card', amount: 1000 }] })
    const dialog = await openReturn(id)
    await dialog.getByRole('button', { name: 'Everything' }).click()

    await dialog.getByText('Too little is left of what it was paid with').waitFor()
    await dialog.getByRole('button', { name: 'Give it back in cash' }).click()
    await dialog.getByRole('button', { name: 'Take back · £17.04' }).waitFor()
  })

  test('without a network it is only requested: a slip that says so, and nothing settled', async () => {
    const { id } = await mugs('RET-7')
    const dialog = await openReturn(id)
    await dialog.getByRole('button', { name: 'More of Stoneware mug' }).click()
    await dialog.getByRole('button', { name: 'Take back · £3.33' }).waitFor()
    await till.evaluate(() => {
      window.print = () => {}
    })
    await till.context().setOffline(true)
    await dialog.getByText('In cash').click()
    await dialog.getByText('Faulty').click()

    await dialog.getByRole('button', { name: 'Keep as a request' }).click()
    await dialog.getByRole('heading', { name: 'Not settled' }).waitFor()
    await dialog.getByRole('button', { name: 'Print a slip' }).click()
    await till.emulateMedia({ media: 'print' })
    const slip = await till.locator('.paper').innerText()
    expect(slip).toContain('RETURN REQUESTED')
    expect(slip).toContain('No money was paid.')
    expect(slip).not.toContain('£')
    await till.context().setOffline(false)
    const { returns } = await (await asTill(`/purchases/${id}`)).json()
    expect(returns).toEqual([])
  })

  test('prints on the till’s printer: chosen once, in words when it is away, and the original of a return', async () => {
    const { id } = await mugs('RET-6')
    const drawer = await openReceipt(id)
    await fakeSerialPort()
    await drawer.getByLabel('Print on').selectOption('till')

    await drawer.getByRole('button', { name: 'Print a copy' }).click()
    await till.getByRole('dialog', { name: 'The till’s printer' }).waitFor()
    expect(await accessibilityFaults(till)).toEqual([])
    await till.getByRole('button', { name: 'Printer on a serial port' }).click()
    await drawer.getByRole('button', { name: 'Printed' }).waitFor()
    const copy = await printedText()
    expect(copy).toContain('*** COPY ***')
    // In windows-1252, on 42 columns; U+0080 is its euro sign.
    expect(copy).toContain(`${'Stoneware mug'.padEnd(36)}\xa310.00\n`)
    expect(copy).toEndWith('\x1dV\x01\n')

    await till.evaluate(() => {
      Object.assign(window, { unplugged: true })
    })
    await drawer.getByRole('button', { name: 'Printed' }).click()
    const dialog = till.getByRole('dialog', { name: 'The till’s printer' })
    await dialog.getByText('The connection to the printer broke').waitFor()
    await till.evaluate(() => {
      Object.assign(window, { unplugged: false })
    })
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.waitFor({ state: 'hidden' })

    await drawer.getByRole('button', { name: 'Take back' }).click()
    const back = till.getByRole('dialog', { name: /^Take back from/ })
    await back.getByRole('button', { name: 'More of Stoneware mug' }).click()
    await back.getByText('Faulty').click()
    await back.getByRole('button', { name: 'Take back · £3.33' }).click()
    await back.getByRole('button', { name: 'Print the receipt' }).click()
    await back.getByRole('button', { name: 'Printed' }).waitFor()
    const original = await printedText()
    expect(original).toContain('Return \xb7 Receipt RET-6-R1')
    expect(original).not.toContain('COPY')
    expect(till.complaints).toEqual([])
  })

  /** There is no printer here: a port that keeps what it is sent stands in for one. */
  async function fakeSerialPort(): Promise<void> {
    await till.addInitScript(() => {
      const world = window as unknown as { printed: number[]; unplugged?: boolean }
      const port = {
        async open() {
          world.printed = []
          port.writable = new WritableStream<Uint8Array>({
            write(bytes) {
              if (world.unplugged)
                throw new DOMException('The device has been lost.', 'NetworkError')
              world.printed.push(...bytes)
            },
          })
        },
        async close() {},
        writable: null as WritableStream<Uint8Array> | null,
      }
      let allowed = false
      const serial = {
        getPorts: async () => (allowed ? [port] : []),
        requestPort: async () => {
          allowed = true
          return port
        },
      }
      Object.defineProperty(navigator, 'serial', { value: serial })
    })
    await till.reload()
  }

  async function printedText(): Promise<string> {
    const bytes = await till.evaluate(() => (window as unknown as { printed: number[] }).printed)
    return Buffer.from(bytes).toString('latin1')
  }

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['320 pixels', { viewport: { width: 320, height: 640 } }],
  ] as const)('has no fault against WCAG 2.2 AA: %s', async (name, options) => {
    const { id } = await mugs(`RET-AXE-${name}`)
    const dialog = await openReturn(id, options)
    await dialog.getByRole('button', { name: 'More of Stoneware mug' }).click()
    const confirm = dialog.getByRole('button', { name: 'Take back · £3.33' })
    await confirm.click()
    await dialog.getByText('Choose why it comes back.').waitFor()
    expect(await accessibilityFaults(till)).toEqual([])
    const beyond = await dialog.evaluate(
      ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
    )
    expect(beyond).toBe(0)
  })
})
