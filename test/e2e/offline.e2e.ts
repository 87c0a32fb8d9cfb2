/**
 * What the staff app keeps on a device: that it can be read without a network, by whom, for how long, and that nobody
 * else finds anything.
 */
import { afterEach, beforeAll, expect, test } from 'bun:test'
import { SignJWT } from 'jose'
import type { Page } from 'playwright-core'
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../src/domain/access.ts'
import { until } from '../support/pt.ts'
import { describeWithApp } from './support/app.ts'
import { openCustomer, openTill, signIn, type Till } from './support/browser.ts'
import { ANSWERS, remainsOn, reopen, untilInstalled, untilKept } from './support/device.ts'
import { addCustomer, ringUp, untilRead } from './support/shop.ts'
import { employeesOf, tokenFor } from './support/token.ts'

const HOUR_MS = 3_600_000

describeWithApp('what is kept on the device', (app) => {
  let till: Till
  let kora: string
  let lotte: string

  beforeAll(async () => {
    const { shop } = app
    kora = await addCustomer(shop, 'Kora Keptwell', 'OFF-1')
    lotte = await addCustomer(shop, 'Lotte Latimer', 'OFF-2')
    const locationId = shop.locations[0]!.id
    for (let n = 1; n <= 3; n += 1) {
      const at = `2026-09-0${n}T10:00:00Z`
      const receiptNumber = `KEPT-00${n}`
      await ringUp(shop, { customerId: kora, locationId, receiptNumber, total: 100 * n, at })
    }
    const last = await ringUp(shop, {
      customerId: lotte,
      locationId,
      receiptNumber: 'KEPT-100',
      total: 900,
      at: '2026-09-05T10:00:00Z',
    })
    await untilRead(shop, last)
  })

  afterEach(async () => {
    await till?.context().close()
  })

  /** A device on which somebody has signed in, and where the app works without a network from here on. */
  async function device(token?: string): Promise<Till> {
    till = await openTill(app.browser)
    if (token) await till.goto(`${app.stack.apiUrl}/#access_token=${token}`)
    else await signIn(till, app.stack.apiUrl)
    await till.locator('#search').waitFor()
    await untilInstalled(till)
    return till
  }

  /** Opens both, a receipt of the first, and waits until that is on the disk. */
  async function lookAtBoth(page: Page) {
    await openCustomer(page, 'OFF-1')
    await page.locator('.row__link', { hasText: 'KEPT-003' }).click()
    await page.getByRole('dialog').locator('.lines').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await openCustomer(page, 'OFF-2')
    await page.locator('.row').first().waitFor()
    // With the receipt, and the stores.
    await untilKept(page, { customers: 2, kept: 2 * ANSWERS + 2, session: 1 })
  }

  const address = (path = '/') => app.stack.apiUrl + path
  const nameOnHome = (page: Page, name: string) => page.locator('.person', { hasText: name })
  const isAsking = (page: Page) => page.getByRole('heading', { name: 'Sign in' }).waitFor()

  test('is read without a network after the app was closed, with its age, and searched', async () => {
    const first = await device()
    await lookAtBoth(first)
    await first.context().setOffline(true)

    const page = await reopen(first, address(`/c/${kora}`))
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await page.locator('.freshness .age', { hasText: /^As of \d\d:\d\d, / }).waitFor()
    await page.locator('.row').nth(2).waitFor()
    expect(await page.locator('.row').count()).toBe(3)
    await page.locator('.row__link', { hasText: 'KEPT-003' }).click()
    await page.getByRole('dialog').getByText('Canvas tote').waitFor()
    await page.getByRole('dialog').locator('.age').waitFor()
    await page.keyboard.press('Escape')

    await page.locator('.bar__home').click()
    await nameOnHome(page, 'Kora Keptwell').getByText('As of').waitFor()
    await nameOnHome(page, 'Lotte Latimer').getByText('As of').waitFor()
    await page.locator('#search').fill('lat')
    await page.getByText('only the 2 customers on this device').waitFor()
    expect(await page.getByRole('option').allInnerTexts()).toEqual([
      expect.stringContaining('Lotte Latimer'),
    ])
  })

  test('is an app that can be installed', async () => {
    const page = await device()
    const debug = await page.context().newCDPSession(page)
    // The browser may still be fetching what it judges by.
    let faults: string[] = []
    await until(async () => {
      const { installabilityErrors } = await debug.send('Page.getInstallabilityErrors')
      // Every context of a test's browser is one.
      faults = installabilityErrors
        .map(({ errorId }) => errorId)
        .filter((errorId) => errorId !== 'in-incognito')
      return faults.length === 0 || undefined
    }, 'it can be installed').catch((error) => {
      throw new Error(`${error.message}: ${faults.join()}`)
    })
  })

  test('is legible to nobody who has the disk', async () => {
    const page = await device()
    await lookAtBoth(page)
    const { text, keys, counts } = await remainsOn(page)

    expect(counts.kept).toBeGreaterThan(0)
    for (const said of ['Kora', 'Latimer', 'KEPT-', 'OFF-', 'Canvas tote', kora, lotte, 'eyJ'])
      expect(text.includes(said)).toBe(false)
    expect(keys).toEqual(Array(2).fill({ extractable: false, exported: false }))
  })

  test('survives a crash', async () => {
    const first = await device()
    await lookAtBoth(first)
    const crashed = new Promise((resolve) => first.once('crash', resolve))
    const debug = await first.context().newCDPSession(first)
    void debug.send('Page.crash').catch(() => {})
    await crashed

    const page = await reopen(first, address())
    await page.context().setOffline(true)
    await page.goto(address(`/c/${lotte}`))
    await page.getByRole('heading', { name: 'Lotte Latimer' }).waitFor()
    await page.locator('.row').first().waitFor()
  })

  test('is read for a day after the session’s end, then not, and again by who signs in', async () => {
    const first = await device()
    await lookAtBoth(first)
    const context = first.context()
    await context.setOffline(true)

    await context.clock.setFixedTime(Date.now() + 20 * HOUR_MS)
    let page = await reopen(first, address(`/c/${kora}`))
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await page.getByText('Your session has ended. You can read').waitFor()

    await context.clock.setFixedTime(Date.now() + 33 * HOUR_MS)
    page = await reopen(page, address(`/c/${kora}`))
    await isAsking(page)
    // Anybody can write a token; nobody is there who could tell.
    const [head, claims] = (await tokenFor(app, { ttlSeconds: 90 * 3600 })).split('.')
    page = await reopen(page, address(`/c/${kora}#access_token=${head}.${claims}.AAAA`))
    await page.locator('#search').waitFor()
    await page.getByText('No connection', { exact: true }).waitFor()
    expect(await page.locator('body').innerText()).not.toContain('Keptwell')
    expect((await remainsOn(page)).counts.customers).toBe(2)
  })

  test('is gone three days after the server last confirmed it', async () => {
    const token = await tokenFor(app, { ttlSeconds: 200 * 3600 })
    const first = await device(token)
    await lookAtBoth(first)
    const context = first.context()
    await context.setOffline(true)

    await context.clock.setFixedTime(Date.now() + 71 * HOUR_MS)
    let page = await reopen(first, address())
    await nameOnHome(page, 'Kora Keptwell').locator('.age--old').waitFor()

    await context.clock.setFixedTime(Date.now() + 73 * HOUR_MS)
    page = await reopen(page, address(`/c/${kora}`))
    await page.getByText('No connection', { exact: true }).first().waitFor()
    await until(async () => {
      const { counts } = await remainsOn(page)
      return (counts.customers === 0 && counts.kept === 0) || undefined
    }, 'what was confirmed too long ago is still there')
  })

  test('goes when she signs out, in all tabs', async () => {
    const page = await device()
    await lookAtBoth(page)
    const tab = await page.context().newPage()
    await tab.goto(address(`/c/${kora}`))
    await tab.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await page.getByRole('button', { name: 'Keep on this device' }).click()
    await tab.locator('.bar__home').click()
    const chosen = tab.locator('.card', { hasText: 'With their last receipts' })
    await chosen.getByText('Lotte Latimer').waitFor()

    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()

    await isAsking(page)
    await isAsking(tab)
    await tab.waitForFunction(() => document.title === 'Purchases')
    await until(
      async () => (await remainsOn(page)).vaults.length === 0 || undefined,
      'something is left',
    )
    await page.context().setOffline(true)
    await tab.close()
    const again = await reopen(page, address(`/c/${kora}`))
    await isAsking(again)
  })

  test('is not the next person’s; what the first has still to send stays, sealed', async () => {
    const first = await device(await tokenFor(app))
    await lookAtBoth(first)
    await leaveUnsent(first)

    const [, other] = await employeesOf(app)
    const token = await tokenFor(app, { employee: other! })
    const page = await first.context().newPage()
    await page.goto(address(`/#access_token=${token}`))
    await page.locator('#search').waitFor()

    // The customer who was open in the first one's tab is no look of the next one's.
    await first.waitForURL(address())
    await until(async () => {
      const { counts, vaults } = await remainsOn(page)
      // One session, hers; her key pair, and the first one's.
      return (vaults.length === 2 && counts.customers === 0 && counts.session === 1) || undefined
    }, 'something of the first person is left')
    expect((await remainsOn(page)).counts.outbox).toBe(1)
    await first.close()
  })

  test('with something unsent, asks before she signs out; it is hers when she is back', async () => {
    const page = await device()
    await openCustomer(page, 'OFF-1')
    await page.locator('.row__link', { hasText: 'KEPT-001' }).click()
    const receipt = page.locator('.drawer')
    await receipt.locator('.lines').waitFor()
    await page.context().setOffline(true)
    await receipt.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('Faulty').click()
    await page.getByText('In cash').click()
    await page.getByRole('button', { name: 'Keep as a request' }).click()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.locator('.drawer .dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await receipt.waitFor({ state: 'hidden' })
    await untilKept(page, { outbox: 1 })
    const signOut = async () => {
      await page.getByRole('button', { name: 'Menu' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
    }

    await signOut()
    await page.getByRole('dialog', { name: 'Sign out?' }).waitFor()
    await page.getByRole('button', { name: 'Stay' }).click()
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await signOut()
    await page.getByRole('button', { name: 'Keep them and sign out' }).click()
    await isAsking(page)
    const locked = { outbox: 1, session: 0, kept: 0, customers: 0, meta: 0 }
    await until(async () => {
      const { counts } = await remainsOn(page)
      return Bun.deepEquals({ ...counts, ...locked }, counts) || undefined
    }, 'not only what is unsent is left')

    await page.context().setOffline(false)
    await signIn(page, app.stack.apiUrl)
    await signOut()
    await page.getByText('One thing that you did here').waitFor()
    await page.getByRole('button', { name: 'Discard them and sign out' }).click()
    await until(
      async () => (await remainsOn(page)).vaults.length === 0 || undefined,
      'something is left',
    )
  })

  test('goes when somebody is erased elsewhere', async () => {
    const [gone] = await app.shop.sql<{ id: string }[]>`
      insert into customer (business_id, name, external_ref, status)
      values (${app.shop.businessId}, 'Gerda Gone', 'OFF-9', 'active') returning id`
    const first = await device()
    await openCustomer(first, 'OFF-9')
    await first.locator('.empty').waitFor()
    await openCustomer(first, 'OFF-1')
    // With the stores: none of it is still to come.
    const before = await untilKept(first, { customers: 2, kept: 2 * ANSWERS + 1 })
    await first.context().setOffline(true)
    const page = await reopen(first, address())
    await nameOnHome(page, 'Gerda Gone').waitFor()

    const token = await tokenFor(app, { role: 'admin' })
    const erased = await fetch(address(`/customers/${gone!.id}/erasure`), {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
      },
      body: JSON.stringify({ confirm: gone!.id }),
    })
    expect(erased.status).toBe(200)
    await page.context().setOffline(false)

    await until(async () => {
      // The API gives the same page of the list for some seconds.
      await page.evaluate(() => dispatchEvent(new Event('online')))
      return (await nameOnHome(page, 'Gerda Gone').count()) === 0 || undefined
    }, 'who was erased is still there')
    await nameOnHome(page, 'Kora Keptwell').waitFor()
    await until(async () => {
      const { counts } = await remainsOn(page)
      const isLess = counts.customers === 1 && counts.kept! <= before.counts.kept! - ANSWERS
      return isLess || undefined
    }, 'something of who was erased is left')
  })

  test('goes when the server takes the session back; what is unsent stays', async () => {
    till = await openTill(app.browser, { serviceWorkers: 'block' })
    await signIn(till, app.stack.apiUrl)
    await lookAtBoth(till)
    await leaveUnsent(till)

    await till.route('**/customers/**', (route) => route.fulfill({ status: 401, json: {} }))

    await isAsking(till)
    await until(async () => {
      const { counts } = await remainsOn(till)
      return (counts.kept === 0 && counts.session === 0 && counts.outbox === 1) || undefined
    }, 'not only what is unsent is left')
  })

  test('is not shown when somebody has touched it', async () => {
    const first = await device()
    await lookAtBoth(first)
    await first.context().setOffline(true)
    await first.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) {
        const request = indexedDB.open(name!)
        const db = await new Promise<IDBDatabase>((resolve) => {
          request.onsuccess = () => resolve(request.result)
        })
        const transaction = db.transaction(['kept', 'customers'], 'readwrite')
        for (const store of ['kept', 'customers']) {
          const cursors = transaction.objectStore(store).openCursor()
          cursors.onsuccess = () => {
            const cursor = cursors.result
            if (!cursor) return
            // Those of one kind by their bytes, of the other by how long they may be kept.
            const { value } = cursor
            if (store === 'kept') new Uint8Array(value.data)[20]! ^= 1
            else value.expiresAt += 1
            cursor.update(value)
            cursor.continue()
          }
        }
        await new Promise((resolve) => {
          transaction.oncomplete = resolve
        })
        db.close()
      }
    })

    const page = await reopen(first, address(`/c/${kora}`))
    const thrown: unknown[] = []
    page.on('pageerror', (error) => thrown.push(error))
    await page.getByText('No connection', { exact: true }).waitFor()
    expect(await page.locator('body').innerText()).not.toContain('Keptwell')
    await page.locator('.bar__home').click()
    await page.locator('.home').waitFor()
    expect(await page.locator('.person').count()).toBe(0)
    expect(thrown).toEqual([])
    await until(
      async () => (await remainsOn(page)).counts.customers === 0 || undefined,
      'what does not open is still there',
    )
  })

  test('is nothing where the chain wants it so', async () => {
    const token = await new SignJWT({
      business: app.shop.businessId,
      employee: (await employeesOf(app))[0],
      role: 'cashier',
      locations: '*',
      offline: false,
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('8h')
      .sign(new TextEncoder().encode(app.secret))
    // What was kept before the chain said so goes, too.
    const first = await device(await tokenFor(app))
    await openCustomer(first, 'OFF-1')
    await untilKept(first, { customers: 1 })

    const page = await reopen(first, address(`/c/${kora}#access_token=${token}`))
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await page.locator('.row').first().waitFor()

    expect(await page.getByRole('button', { name: 'Keep on this device' }).count()).toBe(0)
    await until(
      async () => (await remainsOn(page)).vaults.length === 0 || undefined,
      'something is left',
    )
    await page.reload()
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await isAsking(await reopen(page, address()))
  })

  test('has the receipts of who was chosen, though nobody opened them', async () => {
    const first = await device()
    await openCustomer(first, 'OFF-1')
    await first.getByRole('button', { name: 'Keep on this device' }).click()
    await first.getByRole('button', { name: 'Kept on this device', pressed: true }).waitFor()
    // The locations, and three receipts.
    await untilKept(first, { kept: ANSWERS + 1 + 3 })
    await first.context().setOffline(true)

    let page = await reopen(first, address(`/c/${kora}`))
    await page.getByRole('heading', { name: 'Kora Keptwell' }).waitFor()
    await page.getByRole('button', { name: 'Kept on this device', pressed: true }).waitFor()
    page = await reopen(page, address())
    const list = page.locator('.card', { hasText: 'Kept on this device' })
    await list.locator('.person', { hasText: 'Kora Keptwell' }).click()
    await page.locator('.row__link', { hasText: 'KEPT-001' }).click()
    await page.getByRole('dialog').getByText('Canvas tote').waitFor()
  })

  /** Something in the outbox, as it looks from outside. */
  async function leaveUnsent(page: Page) {
    await page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) {
        const request = indexedDB.open(name!)
        const db = await new Promise<IDBDatabase>((resolve) => {
          request.onsuccess = () => resolve(request.result)
        })
        const transaction = db.transaction('outbox', 'readwrite')
        transaction.objectStore('outbox').put({
          slot: 'unsent',
          iv: new Uint8Array(12),
          data: new ArrayBuffer(32),
        })
        await new Promise((resolve) => {
          transaction.oncomplete = resolve
        })
        db.close()
      }
    })
  }
})
