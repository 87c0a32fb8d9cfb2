/**
 * The whole stack and a browser, started once for all files of end-to-end tests in a process: embedded Postgres,
 * projector, API, staff app. Each file makes the customers that it works on.
 */
import { beforeAll, describe } from 'bun:test'
import type { Browser } from 'playwright-core'
import { seedDemo } from '../../../cli/demo/index.ts'
import { readJwtSecret } from '../../../cli/token/secret.ts'
import { atEnd } from '../../support/at-end.ts'
import { temporaryDirectory, until } from '../../support/pt.ts'
import { type RunningStack, startStack } from '../../support/stack.ts'
import { hasChromium, launchBrowser, NO_CHROMIUM } from './browser.ts'
import { closeShop, openShop, type Shop } from './shop.ts'

const START_MS = 300_000

export interface App {
  stack: RunningStack
  browser: Browser
  /** What the stack's tokens are signed with. */
  secret: string
  /** A chain of the demo's, as its tills write to it. */
  shop: Shop
  /** A customer of the demo with some of everything. */
  exampleId: string
}

let started: Promise<App> | undefined

/**
 * As `describe`, with the one app of this process, which is there once the tests run. Without Chromium they are
 * skipped, loudly; in CI they fail.
 */
export function describeWithApp(name: string, tests: (app: App) => void): void {
  if (!hasChromium && process.env.CI) throw new Error(NO_CHROMIUM)
  if (!hasChromium) console.warn(`SKIPPED: ${NO_CHROMIUM}`)
  describe.skipIf(!hasChromium)(name, () => {
    const app = {} as App
    beforeAll(async () => {
      started ??= start()
      Object.assign(app, await started)
    }, START_MS)
    tests(app)
  })
}

async function start(): Promise<App> {
  const directory = await temporaryDirectory()
  const data = `${directory.path}/data`
  const [stack, browser] = await Promise.all([startStack(data), launchBrowser()])
  const { example } = await seedDemo({ sourceUrl: stack.sourceUrl, size: 'tiny', perCommit: 50 })
  const shop = await openShop(stack, 'Marlowe & Finch')
  atEnd(async () => {
    await browser.close()
    await closeShop(shop)
    stack.process.signal('SIGTERM')
    await stack.process.finished
    await directory.remove()
  })
  await until(async () => {
    const answer = await fetch(`${stack.apiUrl}/readyz`)
    return answer.ok || undefined
  }, 'the stack is not ready')
  const secret = await readJwtSecret(data)
  return { stack, browser, secret, shop, exampleId: example!.customerId }
}
