/** What an app has left on a device: all of it, as somebody finds it who has the disk. */
import type { BrowserContext, Page } from 'playwright-core'
import { until } from '../../support/pt.ts'

interface Remains {
  /** Records by store, of all vaults. */
  counts: Record<string, number>
  vaults: string[]
  /** Everything that can be read, in whatever encoding. */
  text: string
  /** What WebCrypto says of the keys. */
  keys: { extractable: boolean; exported: boolean }[]
}

/** Looks from a page of the app's origin. */
export function remainsOn(page: Page): Promise<Remains> {
  return page.evaluate(async () => {
    const counts: Record<string, number> = {}
    const texts: string[] = []
    const keys: CryptoKey[] = []
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    /** Null: it has been deleted since it was listed, and must not be made again by being opened. */
    const opened = (name: string) => {
      const request = indexedDB.open(name)
      request.onupgradeneeded = () => request.transaction!.abort()
      return settled(request).catch(() => null)
    }
    const latin = (bytes: ArrayBuffer) =>
      Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')
    const collect = (value: unknown): void => {
      if (value instanceof CryptoKey) keys.push(value)
      else if (value instanceof ArrayBuffer)
        texts.push(
          latin(value),
          new TextDecoder().decode(value),
          new TextDecoder('utf-16').decode(value),
        )
      else if (ArrayBuffer.isView(value)) collect(value.buffer)
      else if (typeof value === 'object' && value)
        for (const each of Object.values(value)) collect(each)
      else texts.push(String(value))
    }
    const vaults: string[] = []
    for (const { name } of await indexedDB.databases()) {
      const db = await opened(name!)
      if (!db) continue
      vaults.push(name!)
      texts.push(name!)
      for (const store of db.objectStoreNames) {
        const objects = db.transaction(store).objectStore(store)
        const records = await settled(objects.getAll())
        counts[store] = (counts[store] ?? 0) + records.length
        for (const record of records) collect(record)
      }
      db.close()
    }
    for (const storage of [localStorage, sessionStorage])
      for (const [key, value] of Object.entries(storage)) texts.push(key, value)
    const tried = keys.map(async (key) => ({
      extractable: key.extractable,
      exported: await crypto.subtle.exportKey('raw', key).then(
        () => true,
        () => false,
      ),
    }))
    return { counts, vaults, text: texts.join('\n'), keys: await Promise.all(tried) }
  })
}

/** What is kept of a customer who was opened: card, figures, chart, list. */
export const ANSWERS = 4

/** Resolves when at least so many records are on the disk, as far as they are named. */
export async function untilKept(page: Page, least: Record<string, number>): Promise<Remains> {
  return until(
    async () => {
      const remains = await remainsOn(page)
      const there = Object.entries(least).every(([store, n]) => (remains.counts[store] ?? 0) >= n)
      return there ? remains : undefined
    },
    `not kept: ${JSON.stringify(least)}`,
  )
}

/** Closes the app, and opens it again as a new page: nothing of the tab is left. */
export async function reopen(page: Page, address: string): Promise<Page> {
  const context: BrowserContext = page.context()
  await page.close()
  const next = await context.newPage()
  await next.goto(address)
  return next
}

/** The shell is on the device, so that it opens without a network. */
export async function untilInstalled(page: Page): Promise<void> {
  await until(
    () => page.evaluate(() => navigator.serviceWorker.controller !== null || undefined),
    'no service worker is in control',
  )
}
