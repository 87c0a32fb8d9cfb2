/**
 * What devices poll: the same few pages for all devices of a chain. A page is kept for some seconds, as text,
 * so that a thousand tills are one look at the source; and for longer where the source can't be asked, since
 * who was erased stays so.
 */
import { onSource, SourceUnavailable } from '../command/source.ts'
import { readErasures } from '../privacy/erasures.ts'

interface PurgePage {
  body: string
  etag: string
}

interface Kept extends PurgePage {
  madeAt: number
}

interface PurgeFeedOptions {
  now: () => number
}

/** Customers on a page. */
const PAGE = 500
const FRESH_MS = 10_000
const KEPT_MS = 10 * 60_000
const MAX_KEPT = 500

export class PurgeFeed {
  readonly #now: () => number
  readonly #pages = new Map<string, Kept>()

  constructor({ now }: PurgeFeedOptions) {
    this.#now = now
  }

  /** The page behind the cursor. Rejects with SourceUnavailable when nobody has asked for it lately. */
  async page(sourceUrl: string, businessId: string, after: bigint): Promise<PurgePage> {
    const name = `${businessId} ${after}`
    const kept = this.#pages.get(name)
    const ageMs = kept ? this.#now() - kept.madeAt : KEPT_MS
    if (kept && ageMs < FRESH_MS) return kept
    try {
      return this.#keep(name, await makePage(sourceUrl, businessId, after))
    } catch (error) {
      if (kept && ageMs < KEPT_MS && error instanceof SourceUnavailable) return kept
      throw error
    }
  }

  #keep(name: string, page: PurgePage): PurgePage {
    this.#pages.delete(name)
    this.#pages.set(name, { ...page, madeAt: this.#now() })
    if (this.#pages.size > MAX_KEPT) this.#pages.delete(this.#pages.keys().next().value!)
    return page
  }
}

async function makePage(sourceUrl: string, businessId: string, after: bigint): Promise<PurgePage> {
  const found = await onSource(sourceUrl, (sql) => readErasures(sql, businessId, after, PAGE + 1))
  const shown = found.slice(0, PAGE)
  const next = shown.at(-1)?.number ?? String(after)
  const body = JSON.stringify({
    data: shown.map(({ customerId, erasedAt }) => ({ customerId, erasedAt })),
    next,
    more: found.length > PAGE,
  })
  // Erasures only ever come: where a page begins and ends says all that is on it.
  return { body, etag: `"${after}-${next}"` }
}
