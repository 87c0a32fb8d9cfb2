/** A source of a test's own with a chain in it, and the commands said in a word. */
import type { Sql } from 'postgres'
import {
  type AttributionInput,
  attributePurchase,
} from '../../../src/command/attribute-purchase.ts'
import { commit } from '../../../src/command/commit.ts'
import { eraseCustomer } from '../../../src/command/erase-customer.ts'
import { mergeCustomers } from '../../../src/command/merge-customers.ts'
import { unmergeCustomers } from '../../../src/command/unmerge-customers.ts'
import { scopeOf } from '../../../src/domain/scope.ts'
import { connect } from '../../projector/support/projection.ts'
import { BUSINESS, KIM, openShop, put } from '../../projector/support/till.ts'
import { createTestDatabases } from '../../support/postgres.ts'

/** All of the chain. */
export const CHAIN = await scopeOf(BUSINESS, '*')

export class Shop {
  readonly sql: Sql
  readonly url: string
  readonly #drop: () => Promise<void>

  constructor(sql: Sql, url: string, drop = async () => {}) {
    this.sql = sql
    this.url = url
    this.#drop = drop
  }

  static async open(): Promise<Shop> {
    const { sourceUrl, drop } = await createTestDatabases()
    const shop = new Shop(connect(sourceUrl, 8), sourceUrl, drop)
    await openShop(shop.sql)
    return shop
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: 1 })
    await this.#drop()
  }

  person(name = 'Ann'): Promise<string> {
    return put(this.sql, 'customer', { name, phone: '+49 30 1', email: 'ann@example.com' })
  }

  sale(customer: string | null, row = {}): Promise<string> {
    return put(this.sql, 'sale', { customer_id: customer, ...row })
  }

  order(customer: string | null, row = {}): Promise<string> {
    return put(this.sql, 'order', { customer_id: customer, ...row })
  }

  async merge(from: string, into: string, reason: string | null = null) {
    const { result } = await commit(this.url, (tx) =>
      mergeCustomers(tx, {
        scope: CHAIN,
        fromCustomerId: from,
        intoCustomerId: into,
        mergedBy: KIM,
        reason,
      }),
    )
    return result.mergeId
  }

  async unmerge(mergeId: string) {
    const [merge] = await this
      .sql`select from_customer_id from customer_merge where id = ${mergeId}`
    const customerId: string = merge?.from_customer_id ?? crypto.randomUUID()
    const { result } = await commit(this.url, (tx) =>
      unmergeCustomers(tx, { scope: CHAIN, mergeId, customerId }),
    )
    return result
  }

  async attribute(
    purchaseId: string,
    customerId: string | null,
    more: Partial<AttributionInput> = {},
  ) {
    const { result } = await commit(this.url, (tx) =>
      attributePurchase(tx, {
        ...{ scope: CHAIN, purchaseId, customerId, evidence: 'confirmed', note: null },
        ...{ attributedBy: KIM, mayMove: true, overrule: false },
        ...more,
      }),
    )
    return result
  }

  async erase(customerId: string) {
    const { result } = await commit(this.url, (tx) =>
      eraseCustomer(tx, { scope: CHAIN, customerId, requestedBy: KIM }),
    )
    return result
  }

  /** Whose a sale or an order is. */
  async owner(id: string): Promise<string | null> {
    const [row] = await this.sql<{ customer_id: string | null }[]>`
      select customer_id from sale where id = ${id}
      union all select customer_id from "order" where id = ${id}`
    return row!.customer_id
  }

  async owners(...ids: string[]): Promise<(string | null)[]> {
    return Promise.all(ids.map((id) => this.owner(id)))
  }

  async customer(id: string) {
    const [row] = await this.sql`
      select status, merged_into_id, name, phone, email, external_ref from customer where id = ${id}`
    return row
  }
}
