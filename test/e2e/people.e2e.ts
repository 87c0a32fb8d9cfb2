/** What staff do about people: merge and undo, link a receipt, export, erase; and who may do none of it. */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import type {
  AccessList,
  CustomerExport,
  Merge,
  MergeHistory,
  PurchasePage,
} from '../../pwa/src/api/types.ts'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { accessibilityFaults } from './support/axe.ts'
import { holdBack, openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'

const HEAD = 25
/** More than the API exports at a time. */
const EXPORTED = 104
const DAY_MS = 86_400_000
const NEWEST = Date.UTC(2026, 9, 1, 12)

describeWithApp('people in the staff app', (app) => {
  let till: Till
  let people: Record<'rosa' | 'rose' | 'ines' | 'bad' | 'guesty' | 'other' | 'big', string>

  /**
   * Sales of one customer, or a guest, `step` days apart, the first of them `from` days ago. Resolves when the read
   * model has them.
   */
  async function sell(customerId: string | null, label: string, count: number, from = 0, step = 1) {
    let last = ''
    for (let n = 0; n < count; n += 1) {
      last = await ringUp(app.shop, {
        customerId,
        locationId: app.shop.locations[0]!.id,
        receiptNumber: `${label}-${n}`,
        total: 1000 + n,
        at: new Date(NEWEST - (from + n * step) * DAY_MS).toISOString(),
      })
    }
    await untilRead(app.shop, last)
  }

  async function add(name: string, reference: string, phone: string, status = 'active') {
    const id = await addCustomer(app.shop, name, reference)
    await app.shop.sql`update customer set phone = ${phone}, status = ${status} where id = ${id}`
    return id
  }

  beforeAll(async () => {
    people = {
      rosa: await add('Rosa Twocards', 'PPL-1', '+44 20 7946 0123'),
      rose: await add('Rose Twocards', 'PPL-2', '020 7946 0123'),
      ines: await add('Inés Undone', 'PPL-3', '+44 20 7946 0124'),
      bad: await add('Bertha Barred', 'PPL-4', '+44 20 7946 0125', 'blocked'),
      guesty: await add('Gus Findlater', 'PPL-5', '+44 20 7946 0126'),
      other: await add('Olga Wrongly', 'PPL-6', '+44 20 7946 0127'),
      big: await add('Bea Muchbought', 'PPL-7', '+44 20 7946 0128'),
    }
    await sell(people.rosa, 'ROSA', HEAD + 5)
    // Between the last ones of the other's first page and beyond it.
    await sell(people.rose, 'ROSE', 3, HEAD - 0.5, 3)
    await sell(people.ines, 'INES', 2)
    // One that was a mistake.
    const merges = `/customers/${people.rosa}/merges`
    const body = JSON.stringify({ fromCustomerId: people.rose })
    const merged = await asked('owner', merges, { method: 'POST', body })
    const { mergeId } = (await merged.json()) as Merge
    await asked('owner', `${merges}/${mergeId}`, { method: 'DELETE' })
    await sell(null, 'LOST', 1)
    const huge = { customerId: null, locationId: app.shop.locations[0]!.id, total: 123_456_789 }
    const at = new Date(NEWEST).toISOString()
    await ringUp(app.shop, { ...huge, receiptNumber: 'HUGE-0', at })
    await sell(people.big, 'BIG', EXPORTED, 0, 0.1)
  })

  afterEach(async () => {
    await till?.context().close()
  })

  async function tillOf(role: string, options: object = {}) {
    till = await openTill(app.browser, options)
    await signIn(till, app.stack.apiUrl, { role })
    return till
  }

  const tokens = new Map<string, string>()

  async function tokenOf(role: string): Promise<string> {
    const origin = new URL(app.stack.apiUrl).origin
    const { businessId: business } = app.shop
    const answer = await fetch(`${origin}/demo/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: origin },
      body: JSON.stringify({ business, role, locations: '*', visibility: 'chain' }),
    })
    const { token } = (await answer.json()) as { token: string }
    tokens.set(role, token)
    return token
  }

  /** Asks the API as somebody of that role. */
  async function asked(role: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      Authorization: `Bearer ${tokens.get(role) ?? (await tokenOf(role))}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': crypto.randomUUID(),
    }
    return fetch(`${app.stack.apiUrl}${path}`, { ...init, headers })
  }

  async function listOf(customerId: string): Promise<string[]> {
    const answer = await asked('owner', `/customers/${customerId}/purchases?limit=100`)
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    const { data } = (await answer.json()) as PurchasePage
    return data.map(({ id }) => id)
  }

  /** Resolves when the customer's list is this: whoever has no token of a command may read what was before it. */
  async function untilList(customerId: string, ids: readonly string[]): Promise<void> {
    await until(
      async () => Bun.deepEquals(await listOf(customerId), ids) || undefined,
      `${customerId} has ${ids.length} purchases`,
    )
  }

  /** Waits until it is known that somebody of that role looked at the customer: it is written behind the answer. */
  async function lookIsNoted(customerId: string, role: string) {
    await until(async () => {
      const answer = await asked('owner', `/customers/${customerId}/accesses`)
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
      const { data } = (await answer.json()) as AccessList
      return data.some((access) => access.role === role) || undefined
    }, `no look of a ${role} is noted`)
  }

  /** The receipts on the screen, to the last, each as often as it is there: once there are so many. */
  async function shownOn(page: Till, count: number): Promise<string[]> {
    let shown: string[] = []
    await until(async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      const ended = (await page.getByText('That is everything.').count()) > 0
      shown = await page.locator('.row__number').allTextContents()
      return (ended && shown.length === count) || undefined
    }, `a list of ${count}`).catch((error) => {
      throw new Error(`${error.message}: ${shown.join()}`)
    })
    return shown
  }

  async function choose(page: Till, act: string) {
    await page.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('button', { name: act }).click()
    await page.getByRole('dialog').waitFor()
  }

  test('merges who is suggested, the other way round, and brings both back exactly', async () => {
    const page = await tillOf('store_manager')
    const before = [await listOf(people.rosa), await listOf(people.rose)]
    await openCustomer(page, 'PPL-2')

    await page.getByText('May be the same person as').waitFor()
    await page.getByText('same phone •••123').waitFor()
    await page.getByRole('button', { name: 'Compare' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(`${HEAD + 5} purchases move`).waitFor()
    await dialog.getByRole('radio', { name: 'Rosa Twocards' }).check({ force: true })
    await dialog.getByText('3 purchases move').waitFor()
    await dialog.locator('.person-card--stays').getByText('£304.35').waitFor()
    await dialog.getByLabel('Why they are the same person').fill('Two cards')
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click()

    const notice = page.locator('.notice--done')
    await notice.getByText('It brought 3 purchases').waitFor()
    await page.waitForURL(({ pathname }) => pathname === `/c/${people.rosa}`)
    await page.getByText('£334.38').first().waitFor()
    const merged = await shownOn(page, HEAD + 8)
    expect(new Set(merged).size).toBe(HEAD + 8)
    await page.locator('.suggestion').waitFor({ state: 'detached' })

    await notice.getByRole('button', { name: 'Undo' }).click()
    await dialog.getByText('Rose Twocards becomes a record of its own again').waitFor()
    await dialog.getByRole('button', { name: 'Undo' }).click()
    await notice.getByText('with 3 purchases').waitFor()
    await page.getByText('£304.35').first().waitFor()
    await shownOn(page, HEAD + 5)
    await untilList(people.rosa, before[0]!)
    await untilList(people.rose, before[1]!)
    expect(await page.locator('.suggestion').count()).toBe(0)
    await notice.getByRole('link', { name: 'Open that record' }).click()
    await page.getByRole('heading', { name: 'Rose Twocards' }).waitFor()
    expect(await shownOn(page, 3)).toEqual(['ROSE-0', 'ROSE-1', 'ROSE-2'])
    await page.getByRole('button', { name: 'Not the same' }).click()
    await page.locator('.suggestion').waitFor({ state: 'hidden' })
    expect(page.complaints).toEqual([])
  })

  test('merges by keys alone, and undoes it from the list of merges', async () => {
    const page = await tillOf('store_manager')
    const before = await listOf(people.ines)
    expect(before).toHaveLength(2)
    await openCustomer(page, 'PPL-6')
    /** Of a control, or a message: a page has all texts in it. */
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement
        return element?.matches('button, input, .notice') ? element.textContent! : ''
      })
    const tabTo = (text: string) =>
      until(async () => {
        await page.keyboard.press('Tab')
        return (await focused()).includes(text) || undefined
      }, `nothing that says ${text} has the focus`)

    await page.locator('main').focus()
    await tabTo('Actions')
    await page.keyboard.press('Enter')
    await until(
      async () => (await focused()).includes('Link a guest’s receipt') || undefined,
      'the first act has the focus',
    )
    await tabTo('Merge with another')
    await page.keyboard.press('Enter')
    // As a scanner does.
    await page.getByLabel('Find the other record').waitFor()
    await page.keyboard.type('PPL-3')
    await page.keyboard.press('Enter')
    await page.getByText('2 purchases move').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.getByText('No purchase moves.').waitFor()
    await page.keyboard.press('ArrowUp')
    await page.getByText('2 purchases move').waitFor()
    await tabTo('Merge')
    await page.keyboard.press('Enter')
    await page.getByText('Inés Undone’s record is part of this one now.').waitFor()
    await until(
      async () => (await focused()).includes('Merged.') || undefined,
      'the message has the focus',
    )

    await page.locator('main').focus()
    await tabTo('Actions')
    await page.keyboard.press('Enter')
    await tabTo('Merges of this customer')
    await page.keyboard.press('Enter')
    await page.locator('.past-merge').waitFor()
    await tabTo('Undo')
    await page.keyboard.press('Enter')
    await page.getByText('Inés Undone becomes a record of its own again').waitFor()
    await tabTo('Undo')
    await page.keyboard.press('Enter')
    await page.getByText('Merge undone').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await untilList(people.other, [])
    await untilList(people.ines, before)
  })

  test('says everything that stands against a merge, and does not do it', async () => {
    const page = await tillOf('store_manager')
    await openCustomer(page, 'PPL-3')

    await choose(page, 'Merge with another record')
    await page.getByLabel('Find the other record').fill('barred')
    await page.getByRole('button', { name: 'Bertha Barred' }).click()
    await page.getByText('Bertha Barred is blocked').waitFor()
    const merge = page.getByRole('button', { name: 'Merge', exact: true })
    expect(await merge.isDisabled()).toBe(true)

    // It becomes possible, is looked at, and is impossible again when it is to be done.
    await app.shop.sql`update customer set status = 'active' where id = ${people.bad}`
    await page.getByRole('radio', { name: 'Bertha Barred' }).check({ force: true })
    await page.getByText('2 purchases move').waitFor()
    await app.shop.sql`update customer set status = 'blocked' where id = ${people.bad}`
    await merge.click()
    await page.getByRole('alert').getByText('Bertha Barred is blocked').waitFor()
    expect(await listOf(people.ines)).toHaveLength(2)
  })

  test('what comes of an act is in the outbox for who has left its dialog before', async () => {
    const page = await tillOf('store_manager')
    const [one, other] = [await add('Paul Impatient', 'PPX-1', ''), await add('P. I.', 'PPX-2', '')]
    const held = await holdBack(page, '/merges')
    await openCustomer(page, 'PPX-1')
    await choose(page, 'Merge with another record')
    await page.getByLabel('Find the other record').fill('PPX-2')
    await page.keyboard.press('Enter')
    const merge = page.getByRole('button', { name: 'Merge', exact: true })
    await merge.click()
    await held.there()

    await page.goBack()
    await page.getByRole('heading', { name: 'Who is in front of you?' }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    held.letGo()
    await page.locator('.outbox-chip', { hasText: '1 done' }).click()
    const item = page.locator('.outbox-item', { hasText: 'Merge of two customers' })
    await item.getByText('Done, once.').waitFor()
    await item.getByRole('link', { name: 'Open the customer' }).click()
    await page.getByRole('heading', { name: 'Paul Impatient' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/c/${one}`)

    // The browser asks about the first Escape, and not about the second. It was undone before by somebody else.
    const undo = await holdBack(page, '/merges/')
    await choose(page, 'Merges of this customer')
    await page.locator('.past-merge').getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('dialog').getByText('becomes a record of its own again').waitFor()
    const ask = page.getByRole('dialog', { name: 'Undo this merge?' })
    await ask.getByRole('button', { name: 'Undo', exact: true }).click()
    await undo.there()
    const merges = `/customers/${one}/merges`
    const { data } = (await (await asked('owner', merges)).json()) as MergeHistory
    await asked('owner', `${merges}/${data[0]!.mergeId}`, { method: 'DELETE' })
    await until(async () => {
      await page.keyboard.press('Escape')
      return (await page.locator('dialog').count()) === 0 || undefined
    }, 'the dialogs are left')
    undo.letGo()
    await page.locator('.outbox-chip', { hasText: '1 needs you' }).waitFor()
    await page.locator('.outbox-chip').click()
    await page.getByText('Somebody has undone it already').waitFor()
    expect((await asked('owner', `/customers/${other}`)).status).toBe(200)
  })

  test('never offers one merge with what is known of the other way round', async () => {
    const page = await tillOf('store_manager')
    await openCustomer(page, 'PPL-6')
    await choose(page, 'Merge with another record')
    await page.getByLabel('Find the other record').fill('PPL-3')
    await page.keyboard.press('Enter')
    await page.getByText('2 purchases move').waitFor()
    await page.locator('.person-card__figures').nth(1).waitFor()

    const seen = await page.evaluate(async () => {
      const dialog = document.querySelector('dialog')!
      const shown: string[] = []
      const look = () => {
        const stays = dialog.querySelector('.person-card--stays .person-card__name')!.textContent
        const [moves] = dialog.querySelector('.plan')!.textContent!.split('.')
        const isOffered = !dialog.querySelector<HTMLButtonElement>('.button--primary')!.disabled
        shown.push(`${stays}: ${moves} ${isOffered}`)
      }
      const done = new Promise<void>((resolve) => {
        new MutationObserver(() => {
          look()
          if (shown.at(-1)?.includes('No purchase')) resolve()
        }).observe(dialog, { subtree: true, childList: true, attributes: true })
      })
      dialog.querySelector<HTMLInputElement>('input[type=radio]:not(:checked)')!.click()
      await done
      return shown
    })

    expect(new Set(seen)).toEqual(
      new Set(['Inés Undone:  false', 'Inés Undone: No purchase moves true']),
    )
  })

  test('links a guest’s receipt, and lets nobody take it back lightly', async () => {
    const page = await tillOf('sales_associate')
    await openCustomer(page, 'PPL-5')
    await page.getByText('Nothing bought yet').waitFor()

    await choose(page, 'Link a guest’s receipt')
    await page.getByLabel('Number on the receipt').fill('LOST-9')
    await page.keyboard.press('Enter')
    await page.getByText('No receipt with the number “LOST-9”').waitFor()
    // It is marked, so that the next number takes its place.
    await until(
      () => page.evaluate(() => getSelection()?.toString() === 'LOST-9' || undefined),
      'the number is marked',
    )
    await page.keyboard.type('lost-0')
    await page.keyboard.press('Enter')
    await page.getByText('It becomes a purchase of Gus Findlater.').waitFor()
    await page.getByRole('radio', { name: 'Proven.' }).check()
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByText('Receipt LOST-0 is this customer’s now.').waitFor()
    await page.locator('.row', { hasText: 'LOST-0' }).waitFor()
    await page.getByText('£10.00').first().waitFor()

    // Another's receipt is not an associate's to move.
    await openCustomer(page, 'PPL-6')
    await choose(page, 'Link a guest’s receipt')
    await page.getByLabel('Number on the receipt').fill('LOST-0')
    await page.keyboard.press('Enter')
    await page.getByText('To take it from one customer for another, ask a manager.').waitFor()
    expect(await page.getByRole('button', { name: 'Move' }).isDisabled()).toBe(true)
    await page.context().close()

    const manager = await tillOf('store_manager')
    await openCustomer(manager, 'PPL-6')
    await choose(manager, 'Link a guest’s receipt')
    await manager.getByLabel('Number on the receipt').fill('LOST-0')
    await manager.keyboard.press('Enter')
    await manager.getByText('It goes from Gus Findlater to Olga Wrongly.').waitFor()
    await manager.getByRole('button', { name: 'Move' }).click()
    await manager.getByText('Somebody was surer whose it is').waitFor()
    expect(await manager.getByRole('button', { name: 'Overrule' }).isDisabled()).toBe(true)
    await manager.getByLabel('I am sure').check()
    await manager.getByRole('button', { name: 'Overrule' }).click()
    await manager.locator('.row', { hasText: 'LOST-0' }).waitFor()
    await untilList(people.guesty, [])

    // It was nobody's after all; and then it was Gus's, found from the receipt.
    await manager.locator('.row__link', { hasText: 'LOST-0' }).click()
    await manager.getByRole('button', { name: 'Not theirs' }).click()
    await manager.getByRole('button', { name: 'Nobody’s' }).click()
    await manager.getByText('It leaves Olga Wrongly').waitFor()
    await manager.getByRole('button', { name: 'Move' }).click()
    await manager.getByText('Receipt LOST-0 is nobody’s now.').waitFor()
    await manager.getByText('Nothing bought yet').waitFor()
    const [lost] = await app.shop.sql<{ id: string }[]>`
      select id from sale where receipt_number = 'LOST-0'`
    await manager.goto(`${app.stack.apiUrl}/p/${lost!.id}`)
    await manager.getByRole('button', { name: 'Link to a customer' }).click()
    await manager.getByLabel('Find the customer').fill('PPL-5')
    await manager.keyboard.press('Enter')
    await manager.getByText('It becomes a purchase of Gus Findlater.').waitFor()
    await manager.getByRole('button', { name: 'Link', exact: true }).click()
    await manager.getByRole('heading', { name: 'Gus Findlater' }).waitFor()
    await manager.waitForURL(({ pathname }) => pathname === `/c/${people.guesty}/p/${lost!.id}`)
    // The refusal, which was meant; a receipt that has just left its customer may be asked for once more.
    const complaints = manager.complaints.filter((text) => !text.includes('404'))
    expect(complaints).toEqual([expect.stringContaining('409')])
  })

  test('exports a person as one whole file, and saves no part of one', async () => {
    const page = await tillOf('admin')
    await openCustomer(page, 'PPL-7')
    await choose(page, 'Export all data')
    const now = page.getByRole('button', { name: 'Export', exact: true })

    await page.route('**/export', (route) =>
      route.fulfill({
        contentType: 'application/json',
        body: '{"format":"purchase-timeline/customer-export","purchases":[',
      }),
    )
    await now.click()
    await page.getByText('The file broke off').waitFor()
    await page.unroute('**/export')
    const [download] = await Promise.all([page.waitForEvent('download'), now.click()])
    await page.getByText('Saved as').waitFor()

    expect(download.suggestedFilename()).toMatch(/^customer-PPL-7-\d{4}-\d{2}-\d{2}\.json$/)
    const text = await readFile((await download.path())!, 'utf8')
    const file = JSON.parse(text) as CustomerExport
    expect(file.complete).toBe(true)
    expect(file.customer).toMatchObject({ id: people.big, name: 'Bea Muchbought' })
    const numbers = file.purchases.map(({ receiptNumber }) => receiptNumber)
    expect(new Set(numbers).size).toBe(EXPORTED)
    expect(
      file.purchases.every(({ lines, payments }) => lines.length + payments.length === 2),
    ).toBe(true)
    expect(page.complaints).toEqual([])
  })

  test('erases a person for good, on their own word', async () => {
    const page = await tillOf('admin')
    const id = await add('Ephraim Gone', 'PPL-9', '+44 20 7946 0129')
    await sell(id, 'GONE', 2)
    await openCustomer(page, 'PPL-9')
    await page.locator('.row').nth(1).waitFor()

    await choose(page, 'Erase this customer')
    await page.getByText('2 purchases stay in the books').waitFor()
    const erase = page.getByRole('button', { name: 'Erase for good' })
    await page.getByLabel('To confirm, type').fill('PPL-1')
    expect(await erase.isDisabled()).toBe(true)
    await page.getByLabel('To confirm, type').fill('ppl-9 ')
    await erase.click()
    await page.getByRole('heading', { name: 'This customer’s data was erased' }).waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await until(
      async () =>
        (await asked('admin', `/customers/${id}/purchase-summary`)).status === 410 || undefined,
      'the API says that they are erased',
    )
    await until(
      async () => !(await page.content()).includes('Ephraim') || undefined,
      'the page says nothing of them any more',
    )
    await page.locator('.bar__home').click()
    await page.getByRole('heading', { name: 'Who is in front of you?' }).waitFor()
    await page.getByText('Ephraim Gone').waitFor({ state: 'detached' })
  })

  test('offers each role what it may do, and the API refuses the rest anyway', async () => {
    const page = await tillOf('cashier')
    await openCustomer(page, 'PPL-3')
    await page.locator('.row').first().waitFor()
    expect(await page.getByRole('button', { name: 'Actions' }).count()).toBe(0)
    await page.context().close()
    await lookIsNoted(people.ines, 'cashier')

    const body = JSON.stringify({ fromCustomerId: people.rose, confirm: people.rosa })
    const refused = [
      await asked('cashier', `/customers/${people.rosa}/merges`, { method: 'POST', body }),
      await asked('store_manager', `/customers/${people.rosa}/erasure`, { method: 'POST', body }),
      await asked('store_manager', `/customers/${people.rosa}/export`),
      await asked('sales_associate', `/customers/${people.rosa}/accesses`),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403])

    const manager = await tillOf('store_manager')
    await openCustomer(manager, 'PPL-3')
    await manager.getByRole('button', { name: 'Actions' }).click()
    expect(await manager.locator('.actions__act').allTextContents()).toEqual([
      'Link a guest’s receipt\u00a0…',
      'Merge with another record\u00a0…',
      'Merges of this customer',
      'Who looked at this customer',
    ])
    await manager.getByRole('button', { name: 'Who looked at this customer' }).click()
    await manager.locator('.visit', { hasText: 'Cashier' }).first().waitFor()
  })

  test.each([
    ['light', {}, undefined],
    ['dark', { colorScheme: 'dark' }, ['color-contrast']],
    [
      '320 pixels, in Spanish',
      { viewport: { width: 320, height: 640 }, locale: 'es-ES' },
      ['target-size', 'scrollable-region-focusable'],
    ],
  ])('has no fault against WCAG 2.2 AA in any dialog: %s', async (_name, options, rules) => {
    const page = await tillOf('admin', options)
    await openCustomer(page, 'PPL-1')
    await page.locator('.suggestion').waitFor()
    await lookIsNoted(people.rosa, 'admin')
    const faults = (within: string) =>
      accessibilityFaults(page, { within, ...(rules && { rules }) })
    expect(await faults('.suggestion')).toEqual([])
    const open = async (act: string, shown: string) => {
      await page.locator('.customer-head__acts [popovertarget]').click()
      await page.locator(`.actions__act--${act}`).click()
      await page.locator(`dialog ${shown}`).first().waitFor()
    }
    /** Words that are cut into two, as the narrowest of columns would; and whether all of it is as wide as its dialog. */
    const looks = () =>
      page.evaluate(() => {
        const body = document.querySelector('dialog .dialog__body')!
        const cut: string[] = []
        const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
        const range = document.createRange()
        for (let node = texts.nextNode(); node; node = texts.nextNode())
          for (const { 0: word, index } of node.textContent!.matchAll(/\p{L}{2,16}/gu)) {
            range.setStart(node, index)
            range.setEnd(node, index + word.length)
            if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) cut.push(word)
          }
        return { cut, wide: body.scrollWidth <= body.clientWidth }
      })
    const good = { cut: [], wide: true }
    for (const [act, shown] of [
      ['merge', '.person'],
      ['merges', '.past-merge'],
      ['link', '.finder'],
      ['accesses', '.visit'],
      ['export', '.act-note'],
      ['erase', '.act-list'],
    ] as const) {
      await open(act, shown)
      expect({ act, faults: await faults('dialog') }).toEqual({ act, faults: [] })
      expect({ act, ...(await looks()) }).toEqual({ act, ...good })
      await page.keyboard.press('Escape')
      await page.locator('dialog').waitFor({ state: 'detached' })
    }
    await page.locator('.suggestion .button--primary').click()
    await page.locator('.person-card__newest li').nth(3).waitFor()
    await page.locator('.plan > p').waitFor()
    expect(await faults('dialog')).toEqual([])
    expect(await looks()).toEqual(good)
    await page.keyboard.press('Escape')
    await open('link', '.finder')
    await page.locator('.finder input').fill('HUGE-0')
    await page.keyboard.press('Enter')
    await page.locator('.evidence').waitFor()
    expect(await faults('dialog')).toEqual([])
    expect(await looks()).toEqual(good)
    const facts = page.locator('.purchase-facts__facts').first()
    const [soft, ink] = await Promise.all(
      [facts, page.locator('.dialog__title')].map((each) =>
        each.evaluate((element) => getComputedStyle(element).color),
      ),
    )
    expect(soft).not.toBe(ink)
    expect(page.complaints).toEqual([])
  })
})
