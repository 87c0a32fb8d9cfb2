/**
 * A batch: any number of source transactions (or a part of one that is too large) folded into what
 * must be written to the read store. No I/O of its own: what it has to know of the read store it asks
 * of a `load` function, so that a replay in memory and the tail run the same code.
 */
import { formatLsn, type Lsn } from '../../src/domain/lsn.ts'
import { describeChange, type RowChange, type Values } from '../source/change.ts'
import type { SourceTable } from '../source/tables.ts'
import { Directory, isCardTable } from './directory.ts'
import { type Contribution, contributionOf, Effects } from './effects.ts'
import {
  foldHeader,
  foldPart,
  ProjectionError,
  PURCHASE_TABLES,
  type Purchase,
  type PurchaseTable,
  purchaseIdOf,
} from './purchase.ts'

export interface DeadLetter {
  commitLsn: string
  /** Position of the change in its transaction. */
  ordinal: number
  reason: string
  change: Record<string, unknown>
}

/** A purchase as it must be written. */
export interface PurchaseWrite {
  purchase: Purchase
  /** Commit LSN of the last transaction that touched it. */
  lsn: string
}

export interface BatchResult {
  /** Purchases that the read store does not have. */
  inserts: PurchaseWrite[]
  /** Purchases that it may have, whole. */
  upserts: PurchaseWrite[]
  /** Ids of purchases that are gone. */
  deletes: string[]
  effects: Effects
  directory: Directory
  deadLetters: DeadLetter[]
}

/** The states of those of these purchases that the read store has. */
export type LoadPurchases = (ids: string[]) => Promise<Map<string, Purchase>>

export interface BatchOptions {
  /**
   * Whether the read store can't have an inserted row yet. False while the stream catches up with a
   * first copy, which already holds later states: then everything is looked up.
   */
  insertsAreNew: boolean
  /**
   * Whether a line whose purchase is not there is a dead letter. False while the stream catches up: the
   * copy came after that purchase was deleted, and the stream will tell so.
   */
  refuseOrphans: boolean
}

/** How a live stream is folded. */
export const LIVE: BatchOptions = { insertsAreNew: true, refuseOrphans: true }
/** How a stream is folded that may repeat what the read store already holds. */
export const CATCHING_UP: BatchOptions = { insertsAreNew: false, refuseOrphans: false }

interface Task {
  change: RowChange
  table: PurchaseTable
  /** Index of its transaction in the batch. */
  at: number
  ordinal: number
}

interface Settlement {
  saleId: string
  settles: boolean
  at: number
}

interface Entry {
  readonly id: string
  state: Purchase | null
  before: Contribution | null
  customerBefore: string | null
  /** Known not to be in the read store. */
  fresh: boolean
  /** Whether `state` is the current one; if not, tasks wait until it is loaded. */
  ready: boolean
  tasks: Task[]
  settlements: Settlement[]
  /** Index of the last transaction that touched it. */
  at: number
}

export class Batch {
  readonly #options: BatchOptions
  readonly #entries = new Map<string, Entry>()
  readonly #directory = new Directory()
  readonly #deadLetters: DeadLetter[] = []
  readonly #commitLsns: string[] = []
  #at = -1
  #ordinal = 0
  #size = 0

  constructor(options: BatchOptions) {
    this.#options = options
  }

  /** How many changes it holds. */
  get size(): number {
    return this.#size
  }

  /** The changes that follow belong to the transaction with this commit LSN, from this ordinal on. */
  transaction(commitLsn: Lsn, ordinal = 0): void {
    this.#at = this.#commitLsns.push(formatLsn(commitLsn)) - 1
    this.#ordinal = ordinal
  }

  add(change: RowChange): void {
    this.#size++
    const ordinal = this.#ordinal++
    const { name } = change.table
    try {
      if (isCardTable(name)) this.#directory.add(name, change)
      else this.#addPart(name, change, ordinal)
    } catch (error) {
      this.#refuse(error, change, this.#at, ordinal)
    }
  }

  /** Folds what waits for the read store's state. Call once, after the last `add`. */
  async resolve(load: LoadPurchases): Promise<void> {
    await this.#resolveWaiting(load)
    // Sales that had to be loaded may settle orders that nothing else has touched.
    await this.#resolveWaiting(load)
  }

  result(): BatchResult {
    const effects = new Effects()
    const result: BatchResult = {
      inserts: [],
      upserts: [],
      deletes: [],
      effects,
      directory: this.#directory,
      deadLetters: this.#deadLetters,
    }
    for (const entry of this.#entries.values()) {
      const { state, fresh } = entry
      const lsn = this.#commitLsns[entry.at]!
      if (state) (fresh ? result.inserts : result.upserts).push({ purchase: state, lsn })
      else if (!fresh) result.deletes.push(entry.id)
      effects.record(entry.before, contributionOf(state))
      if (entry.customerBefore) effects.customers.add(entry.customerBefore)
      if (state?.customerId) effects.customers.add(state.customerId)
    }
    for (const id of this.#directory.customers()) effects.customers.add(id)
    return result
  }

  #addPart(table: PurchaseTable, change: RowChange, ordinal: number) {
    if (change.op === 'insert' && table !== 'sale' && table !== 'order') {
      // The common case, without a task: a line of a purchase that this batch has begun.
      const entry = this.#entries.get(purchaseIdOf(table, change.values))
      if (entry?.ready && entry.state) {
        entry.at = this.#at
        foldPart(entry.state, table, change)
        return
      }
    }
    const task: Task = { change, table, at: this.#at, ordinal }
    if (change.op === 'delete') {
      this.#perform(this.#entry(purchaseIdOf(table, change.old)), task)
      return
    }
    const id = purchaseIdOf(table, change.values)
    if (change.op === 'update' && change.old) {
      const formerId = purchaseIdOf(table, change.old)
      if (formerId !== id) {
        // A key change is a row that leaves one purchase and comes to another.
        const leave: RowChange = { op: 'delete', table: change.table, old: change.old }
        this.#perform(this.#entry(formerId), { ...task, change: leave })
        task.change = { op: 'insert', table: change.table, values: change.values }
      }
    }
    const isNew = this.#options.insertsAreNew && task.change.op === 'insert' && isHeader(table)
    this.#perform(this.#entry(id, isNew), task)
  }

  #entry(id: string, fresh = false): Entry {
    let entry = this.#entries.get(id)
    if (!entry) {
      entry = {
        id,
        state: null,
        before: null,
        customerBefore: null,
        fresh,
        ready: fresh,
        tasks: [],
        settlements: [],
        at: this.#at,
      }
      this.#entries.set(id, entry)
    }
    return entry
  }

  #perform(entry: Entry, task: Task) {
    if (task.at > entry.at) entry.at = task.at
    if (!entry.ready) {
      entry.tasks.push(task)
      return
    }
    try {
      this.#fold(entry, task)
    } catch (error) {
      this.#refuse(error, task.change, task.at, task.ordinal)
    }
  }

  #fold(entry: Entry, { change, table, at }: Task) {
    if (table === 'sale' || table === 'order') {
      const settled = entry.state?.orderId ?? null
      entry.state =
        change.op === 'delete'
          ? null
          : foldHeader(entry.state, PURCHASE_TABLES[table].kind, change.values)
      const settles = entry.state?.orderId ?? null
      if (settled !== settles) {
        if (settled) this.#settle(settled, { saleId: entry.id, settles: false, at })
        if (settles) this.#settle(settles, { saleId: entry.id, settles: true, at })
      }
      return
    }
    if (entry.state) foldPart(entry.state, table, change)
    else if (change.op !== 'delete' && this.#options.refuseOrphans)
      throw new ProjectionError(
        `a row of ${table} whose ${PURCHASE_TABLES[table].kind} is not projected`,
      )
  }

  #settle(orderId: string, settlement: Settlement) {
    const entry = this.#entry(orderId)
    if (settlement.at > entry.at) entry.at = settlement.at
    if (entry.ready) applySettlement(entry.state, settlement)
    else entry.settlements.push(settlement)
  }

  async #resolveWaiting(load: LoadPurchases) {
    const waiting = [...this.#entries.values()].filter((entry) => !entry.ready)
    if (waiting.length === 0) return
    const loaded = await load(waiting.map((entry) => entry.id))
    for (const entry of waiting) {
      entry.state = loaded.get(entry.id) ?? null
      entry.before = contributionOf(entry.state)
      entry.customerBefore = entry.state?.customerId ?? null
      entry.fresh = entry.state === null
      entry.ready = true
    }
    for (const entry of waiting) {
      const { tasks, settlements } = entry
      entry.tasks = []
      entry.settlements = []
      for (const task of tasks) this.#perform(entry, task)
      for (const settlement of settlements) applySettlement(entry.state, settlement)
    }
  }

  #refuse(error: unknown, change: RowChange, at: number, ordinal: number) {
    if (!(error instanceof ProjectionError)) throw error
    const reason = error.message
    const commitLsn = this.#commitLsns[at]!
    this.#deadLetters.push({ commitLsn, ordinal, reason, change: describeChange(change) })
  }
}

function isHeader(table: PurchaseTable): boolean {
  return PURCHASE_TABLES[table].part === 'header'
}

/** An order that is not there needs no settling: it has vanished since, or it waits as a dead letter. */
function applySettlement(order: Purchase | null, { saleId, settles }: Settlement) {
  if (settles) order?.settledBy.add(saleId)
  else order?.settledBy.delete(saleId)
}

/** Values of a table from a row of named texts, such as a recording or a copy has them. */
export function valuesOf(table: SourceTable, row: Record<string, string | null>): Values {
  return table.columns.map((column) => row[column])
}
