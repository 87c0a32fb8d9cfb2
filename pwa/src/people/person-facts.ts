/** What tells one person's record from another's: who it is, what it is worth, and what was bought last. */
import { Query } from '../api/query.ts'
import type { Customer, PurchasePage, Summary } from '../api/types.ts'

const NEWEST = 3

export class PersonFacts {
  readonly card: Query<Customer>
  readonly summary: Query<Summary>
  readonly newest: Query<PurchasePage>

  constructor(readonly id: string) {
    this.card = new Query(`/customers/${id}`)
    this.summary = new Query(`/customers/${id}/purchase-summary`)
    this.newest = new Query(`/customers/${id}/purchases`, { limit: NEWEST })
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    await Promise.all([this.card, this.summary, this.newest].map((query) => query.refresh()))
  }
}
