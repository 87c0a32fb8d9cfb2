/** Staff who ask the API without pause, on pooled connections that keep their prepared statements. */
import postgres from 'postgres'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import type { CacheStore } from '../../../src/cache/store.ts'
import { READ_CLIENT_OPTIONS, type ReadSql } from '../../../src/read/store.ts'
import { type Body, bodyOf, type TestApi, testApi, tokenFor } from '../../http/support/api.ts'
import { asApi } from '../../support/postgres.ts'
import { BUSINESS } from './till.ts'

/** Walks and summaries that were asked for, and how many of them were of one moment. */
export interface Seen {
  walks: number
  compared: number
}

export class Readers {
  readonly api: TestApi
  readonly #sql: ReadSql
  readonly #token: string
  readonly #asking: Promise<void>[] = []
  #stopped = false
  readonly seen: Seen = { walks: 0, compared: 0 }

  private constructor(sql: ReadSql, token: string, store: CacheStore) {
    this.#sql = sql
    this.#token = token
    this.api = testApi(sql, { store })
  }

  /** @param store default: one that answers nothing, as its floors are never raised */
  static async open(readUrl: string, store: CacheStore = new MemoryStore()): Promise<Readers> {
    const sql = postgres(asApi(readUrl), {
      ...READ_CLIENT_OPTIONS,
      max: 6,
      onnotice() {},
      connection: { plan_cache_mode: 'force_generic_plan' },
    })
    return new Readers(sql, await tokenFor({ business: BUSINESS }), store)
  }

  /** The answer's body; rejects for any status but 200. */
  async get(path: string): Promise<Body> {
    return bodyOf(await this.api.get(path, this.#token))
  }

  /** As `get`, and whether the cache had it. */
  async ask(path: string): Promise<{ body: Body; hit: boolean }> {
    const response = await this.api.get(path, this.#token)
    const hit = response.headers.get('Cache-Status')?.includes('hit') ?? false
    return { body: await bodyOf(response), hit }
  }

  /** All pages of a customer's list, each with the position that it is of. */
  async walk(customer: string, limit = 100): Promise<{ data: Body[]; lsns: string[] }> {
    const path = `/customers/${customer}/purchases?limit=${limit}`
    const data: Body[] = []
    const lsns: string[] = []
    let cursor: string | null = null
    do {
      const page: Body = await this.get(cursor ? `${path}&cursor=${cursor}` : path)
      data.push(...page.data)
      lsns.push(page.asOf.lsn)
      cursor = page.page.next
    } while (cursor)
    return { data, lsns }
  }

  /** Asks for these customers until `stop`: every summary is the sum of a list of the same moment. */
  start(customers: readonly string[], readers = 4): this {
    for (let n = 0; n < readers; n++) this.#asking.push(this.#read(customers))
    return this
  }

  /** Rejects with the first answer that was not as it must be. */
  async stop(): Promise<Seen> {
    this.#stopped = true
    await Promise.all(this.#asking)
    return this.seen
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 })
  }

  async #read(customers: readonly string[]) {
    while (!this.#stopped) {
      const customer = customers[Math.floor(Math.random() * customers.length)]!
      const before = await this.get(`/customers/${customer}/purchase-summary`)
      const { data, lsns } = await this.walk(customer)
      this.seen.walks++
      if (new Set(data.map(({ id }) => id)).size !== data.length)
        throw new Error('a walk gave a purchase twice')
      if (lsns.some((lsn) => lsn !== before.asOf.lsn)) continue
      this.seen.compared++
      const nets = new Map<string, number>()
      for (const { counted, total } of data)
        if (counted) nets.set(total.currency, (nets.get(total.currency) ?? 0) + total.amount)
      for (const { currency, net } of before.totals)
        if (net !== (nets.get(currency) ?? 0))
          throw new Error(`net ${net} ${currency}, and the list of ${before.asOf.lsn} has another`)
    }
  }
}
