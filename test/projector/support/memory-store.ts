/** A read store in memory that keeps what Postgres would keep: rows as texts, metrics as sums. */
import {
  HEADER_COLUMNS,
  headerRow,
  PURCHASE_COLUMNS,
  type PurchaseTexts,
  purchaseOfRow,
  purchaseRow,
} from '../../../projector/apply/rows.ts'
import { Batch, type BatchOptions, LIVE } from '../../../projector/project/batch.ts'
import { CARD_TABLES, CARDS } from '../../../projector/project/directory.ts'
import type { MetricsDelta } from '../../../projector/project/effects.ts'
import type { Purchase } from '../../../projector/project/purchase.ts'
import type { Change, RowChange, Transaction } from '../../../projector/source/change.ts'
import type { Row } from './changes.ts'

export interface Metrics {
  orders: number
  returns: number
  exchanges: number
  net: bigint
  refunded: bigint
  first: string | null
  last: string | null
}

export class MemoryStore {
  /** Rows of purchase_timeline by id. */
  readonly purchases = new Map<string, Row>()
  /** Rows of the directory by `table/id`. */
  readonly cards = new Map<string, Row>()
  readonly metrics = new Map<string, Metrics>()
  readonly deadLetters: string[] = []
  /** Customers whose floors were to be raised. */
  readonly touched = new Set<string>()

  /** Folds these transactions as one batch and keeps what comes of it. */
  async fold(transactions: readonly Transaction[], options: BatchOptions = LIVE): Promise<void> {
    const batch = new Batch(options)
    for (const { commitLsn, changes } of transactions)
      batch.addAll({ commitLsn, ordinal: 0, changes: changes.filter(isRowChange) })
    await this.apply(batch)
  }

  async apply(batch: Batch): Promise<void> {
    await batch.resolve(async (ids) => this.#load(ids))
    const result = batch.result()
    const { inserts, upserts, headers, deletes, effects, directory, deadLetters } = result
    for (const id of deletes) this.purchases.delete(id)
    for (const { purchase, lsn } of inserts) {
      if (this.purchases.has(purchase.id)) throw new Error(`duplicate key: ${purchase.id}`)
      this.#store(purchase, lsn)
    }
    for (const { purchase, lsn } of upserts) this.#store(purchase, lsn)
    for (const { purchase, lsn } of headers) {
      const former = this.purchases.get(purchase.id)
      if (!former) throw new Error(`a header of a purchase that is not there: ${purchase.id}`)
      const row = headerRow(purchase, lsn)
      for (const [at, column] of HEADER_COLUMNS.entries()) former[column] = row[at] ?? null
    }
    for (const delta of effects.metrics()) this.#add(delta)
    for (const id of effects.customers) this.touched.add(id)
    for (const table of CARD_TABLES) {
      for (const [id, values] of directory.rows[table]) {
        const key = `${table}/${id}`
        if (values === null) this.cards.delete(key)
        else {
          const former = this.cards.get(key)
          const row = CARDS[table].columns.map((column, at) => [
            column,
            values[at] ?? former?.[column] ?? null,
          ])
          this.cards.set(key, Object.fromEntries(row))
        }
      }
    }
    for (const { reason } of deadLetters) this.deadLetters.push(reason)
  }

  #load(ids: string[]): Map<string, Purchase> {
    const found = ids.filter((id) => this.purchases.has(id))
    return new Map(found.map((id) => [id, purchaseOfRow(this.purchases.get(id) as PurchaseTexts)]))
  }

  #store(purchase: Purchase, lsn: string) {
    const row = purchaseRow(purchase, lsn)
    this.purchases.set(
      purchase.id,
      Object.fromEntries(PURCHASE_COLUMNS.map((column, at) => [column, row[at] ?? null])),
    )
  }

  #add(delta: MetricsDelta) {
    const key = `${delta.customerId}/${delta.locationId}/${delta.currency}`
    const sum = this.metrics.get(key) ?? {
      orders: 0,
      returns: 0,
      exchanges: 0,
      net: 0n,
      refunded: 0n,
      first: null,
      last: null,
    }
    sum.orders += delta.orders
    sum.returns += delta.returns
    sum.exchanges += delta.exchanges
    sum.net += delta.net
    sum.refunded += delta.refunded
    if (delta.taken) {
      const again = metricsOf(this.purchases.values()).get(key)
      sum.first = again?.first ?? null
      sum.last = again?.last ?? null
    } else {
      if (delta.first && (!sum.first || delta.first < sum.first)) sum.first = delta.first
      if (delta.last && (!sum.last || delta.last > sum.last)) sum.last = delta.last
    }
    if (sum.orders === 0 && sum.returns === 0) this.metrics.delete(key)
    else this.metrics.set(key, sum)
  }
}

/** The metrics as the counting rules say, from the timeline's rows alone. */
export function metricsOf(rows: Iterable<Row>): Map<string, Metrics> {
  const sums = new Map<string, Metrics>()
  for (const row of rows) {
    if (row.listed !== 'true' || row.counted !== 'true' || row.customer_id === null) continue
    const key = `${row.customer_id}/${row.location_id}/${row.currency}`
    const sum = sums.get(key) ?? {
      orders: 0,
      returns: 0,
      exchanges: 0,
      net: 0n,
      refunded: 0n,
      first: null,
      last: null,
    }
    sum.net += BigInt(row.total!)
    sum.refunded += BigInt(row.refunded!)
    if (row.type === 'return') sum.returns++
    else {
      sum.orders++
      if (row.type === 'exchange') sum.exchanges++
      const at = row.occurred_at!
      if (!sum.first || at < sum.first) sum.first = at
      if (!sum.last || at > sum.last) sum.last = at
    }
    sums.set(key, sum)
  }
  return sums
}

const isRowChange = (change: Change): change is RowChange => change.op !== 'truncate'
