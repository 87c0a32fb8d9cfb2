/** The whole of it around one source: tills, a projector, a cache and the API, and tokens for it. */
import type { Sql } from 'postgres'
import postgres from 'postgres'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import type { CacheStore } from '../../../src/cache/store.ts'
import type { Role } from '../../../src/domain/access.ts'
import { createApp } from '../../../src/http/app.ts'
import { READ_CLIENT_OPTIONS, type ReadSql, type WithDb } from '../../../src/read/store.ts'
import { Shop } from '../../command/support/shop.ts'
import {
  appDepsOf,
  type Body,
  type TestApi,
  type TestApiOptions,
  testApi,
  tokenFor,
} from '../../http/support/api.ts'
import { Projection } from '../../projector/support/projection.ts'
import { BUSINESS, KIM, openShop } from '../../projector/support/till.ts'
import { asApi } from '../../support/postgres.ts'

export class PrivacyWorld {
  readonly on: Projection
  readonly shop: Shop
  readonly api: TestApi
  readonly store: CacheStore
  readonly readSql: ReadSql

  private constructor(on: Projection, store: CacheStore, options: TestApiOptions) {
    this.on = on
    this.shop = new Shop(on.source, on.sourceUrl)
    this.store = store
    this.readSql = postgres(asApi(on.readUrl), {
      ...READ_CLIENT_OPTIONS,
      max: 4,
      onnotice() {},
    }) as ReadSql
    this.api = testApi(this.readSql, { sourceUrl: on.sourceUrl, store, ...options })
  }

  /** With a shop in it, a projector that runs and raises the floors of the API's cache. */
  static async open(options: TestApiOptions = {}): Promise<PrivacyWorld> {
    const on = await Projection.open()
    await openShop(on.source)
    const world = new PrivacyWorld(on, options.store ?? new MemoryStore(), options)
    await on.live({ floors: world.store })
    return world
  }

  /** The app itself: its answers are not read before the test reads them. */
  appOn(options: TestApiOptions) {
    const withDb: WithDb = (_request, work) => work(this.readSql)
    return createApp(appDepsOf({ withDb, sourceUrl: this.on.sourceUrl, ...options }))
  }

  get source(): Sql {
    return this.on.source
  }

  async close(): Promise<void> {
    await this.api.settled()
    await this.readSql.end({ timeout: 1 })
    await this.on.close()
  }

  token(role: Role = 'admin', employee: string | null = KIM): Promise<string> {
    return tokenFor({ business: BUSINESS, role, employee })
  }

  async get(path: string, role: Role = 'admin', headers: Record<string, string> = {}) {
    return this.api.get(path, await this.token(role), headers)
  }

  async post(path: string, body: Body, role: Role = 'admin', headers: Record<string, string> = {}) {
    return this.api.request(path, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await this.token(role)}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
        ...headers,
      },
      body: JSON.stringify(body),
    })
  }

  /** Resolves to the response of an erasure that is meant. */
  erase(customerId: string, role: Role = 'admin') {
    return this.post(`/customers/${customerId}/erasure`, { confirm: customerId }, role)
  }
}
