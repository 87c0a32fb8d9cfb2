/**
 * A batch: any number of source transactions (or a part of one that is too large) folded into what
 * must be written to the read store. No I/O of its own: what it has to know of the read store it asks
 * of a `load` function, so that a replay in memory and the tail run the same code.
 */
import { formatLsn } from '../../src/domain/lsn.ts'
import type { Tuple } from '../../src/domain/receipt.ts'
import { type Changes, describeChange, type RowChange, type Values } from '../source/change.ts'
import { Directory, isCardTable } from './directory.ts'
import { type Contribution, contributionOf, Effects } from './effects.ts'
import {
  flawOf,
  foldHeader,
  foldPart,
  type PartTable,
  ProjectionError,
  PURCHASE_TABLES,
  type Purchase,
  type PurchaseTable,
  purchaseIdOf,
  UnsentValueError,
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
  /** Purchases that it has, and whose lines and payments are as it has them. */
  headers: PurchaseWrite[]
  /** Ids of purchases that are gone. */
  deletes: string[]
  relations: Relations
  effects: Effects
  directory: Directory
  deadLetters: DeadLetter[]
}

/**
 * Whose receipts may show what this batch has changed. A receipt shows its purchase's parent and what was
 * brought back of it, for an order what settles it, and of a sale's order the guests.
 */
interface Relations {
  /** Purchases that changed: they are the parents of others. */
  changed: string[]
  /** What the changed ones point at, or did before: their parents, the sales that settle them. */
  pointedAt: Set<string>
}

/** The states of those of these purchases that the read store has. */
type LoadPurchases = (ids: string[]) => Promise<Map<string, Purchase>>

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
  /** Of a row that moves to another purchase and is not sent whole: what the former one held of it. */
  parcel?: Parcel | undefined
}

interface Parcel {
  tuple?: Tuple | undefined
  header?: Purchase | null
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
  /** What it pointed at in the read store, see `Relations`. */
  pointedAtBefore: readonly string[]
  /** Known not to be in the read store. */
  fresh: boolean
  /** Whether its lines or payments may differ from the read store's. */
  partsChanged: boolean
  /** Whether `state` is the current one; if not, its tasks wait. */
  ready: boolean
  settlements: Settlement[]
  /** Tasks of lines and payments that came while there is no header. */
  orphans: Task[] | null
  /** Index of the last transaction that touched it. */
  at: number
}

export class Batch {
  readonly options: BatchOptions
  readonly #entries = new Map<string, Entry>()
  readonly #directory = new Directory()
  readonly #deadLetters: DeadLetter[] = []
  /** Tasks of entries that are not ready, in the order of the stream. */
  #waiting: [Entry, Task][] = []
  readonly #orphaned: Entry[] = []
  readonly #commitLsns: string[] = []
  #at = -1
  #ordinal = 0
  #size = 0

  constructor(options: BatchOptions) {
    this.options = options
  }

  /** How many changes it holds. */
  get size(): number {
    return this.#size
  }

  /** Changes come in the order of the stream. */
  addAll({ commitLsn, ordinal, changes }: Changes): void {
    this.#at = this.#commitLsns.push(formatLsn(commitLsn)) - 1
    this.#ordinal = ordinal
    this.#size += changes.length
    for (const change of changes) this.#add(change)
  }

  #add(change: RowChange) {
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
    if (this.options.refuseOrphans) this.#refuseOrphans()
  }

  result(): BatchResult {
    const effects = new Effects()
    const result: BatchResult = {
      inserts: [],
      upserts: [],
      headers: [],
      deletes: [],
      relations: { changed: [...this.#entries.keys()], pointedAt: new Set() },
      effects,
      directory: this.#directory,
      deadLetters: this.#deadLetters,
    }
    const { pointedAt } = result.relations
    for (const entry of this.#entries.values()) {
      const { state, fresh, partsChanged } = entry
      for (const id of entry.pointedAtBefore) pointedAt.add(id)
      for (const id of pointedAtBy(state)) pointedAt.add(id)
      const lsn = this.#commitLsns[entry.at]!
      if (state) {
        const known = partsChanged ? result.upserts : result.headers
        const writes = fresh ? result.inserts : known
        writes.push({ purchase: state, lsn })
      } else if (!fresh) result.deletes.push(entry.id)
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
        this.#move(task, formerId, id, change.old, change.values)
        return
      }
    }
    const isNew = this.options.insertsAreNew && change.op === 'insert' && isHeader(table)
    this.#perform(this.#entry(id, isNew), task)
  }

  /** A key change is a row that leaves one purchase and comes to another. */
  #move(task: Task, formerId: string, id: string, old: Values, values: Values) {
    const { table } = task.change
    const parcel: Parcel | undefined = values.includes(undefined) ? {} : undefined
    const former = this.#entry(formerId)
    this.#perform(former, { ...task, change: { op: 'delete', table, old }, parcel })
    const entry = this.#entry(id, this.options.insertsAreNew && isHeader(task.table))
    // What was not sent is known once the former purchase is.
    if (parcel && !former.ready) entry.ready = false
    this.#perform(entry, { ...task, change: { op: 'insert', table, values }, parcel })
  }

  #entry(id: string, fresh = false): Entry {
    let entry = this.#entries.get(id)
    if (!entry) {
      entry = {
        id,
        state: null,
        before: null,
        customerBefore: null,
        pointedAtBefore: [],
        fresh,
        partsChanged: false,
        ready: fresh,
        settlements: [],
        orphans: null,
        at: this.#at,
      }
      this.#entries.set(id, entry)
    }
    return entry
  }

  #perform(entry: Entry, task: Task) {
    if (task.at > entry.at) entry.at = task.at
    if (entry.ready) this.#attempt(entry, task)
    else this.#waiting.push([entry, task])
  }

  #attempt(entry: Entry, task: Task) {
    try {
      if (task.table === 'sale' || task.table === 'order') this.#foldHeader(entry, task.table, task)
      else this.#foldPart(entry, task.table, task)
    } catch (error) {
      // The copy came after this row was deleted or had moved: the stream will tell so.
      if (error instanceof UnsentValueError && !this.options.refuseOrphans) return
      this.#refuse(error, task.change, task.at, task.ordinal)
    }
  }

  #foldHeader(entry: Entry, table: 'sale' | 'order', { change, at, parcel }: Task) {
    if (parcel && change.op === 'delete') parcel.header = entry.state
    const settled = entry.state?.orderId ?? null
    const values = change.op === 'delete' ? null : change.values
    // What comes, or comes back under its id, comes without lines.
    if (change.op !== 'update') entry.partsChanged = true
    entry.state =
      values && foldHeader(entry.state, PURCHASE_TABLES[table].kind, values, parcel?.header)
    const settles = entry.state?.orderId ?? null
    if (settled && settled !== settles)
      this.#settle(settled, { saleId: entry.id, settles: false, at })
    // A sale that was copied with its order may have come before that order: then it settles it now.
    if (settles && (settled !== settles || !this.options.insertsAreNew))
      this.#settle(settles, { saleId: entry.id, settles: true, at })
    if (entry.state && entry.orphans) {
      const { orphans } = entry
      entry.orphans = null
      for (const orphan of orphans) this.#attempt(entry, orphan)
    }
    const flaw = entry.state && values && flawOf(entry.state, values)
    if (flaw) throw new ProjectionError(flaw)
  }

  #foldPart(entry: Entry, table: PartTable, task: Task) {
    const { change, parcel } = task
    entry.partsChanged = true
    if (entry.state) {
      const taken = foldPart(entry.state, table, change, parcel?.tuple)
      if (parcel && change.op === 'delete') parcel.tuple = taken
    } else if (entry.orphans) entry.orphans.push(task)
    else if (change.op !== 'delete') {
      // One statement may write a line before its sale: the transaction's end decides.
      entry.orphans = [task]
      this.#orphaned.push(entry)
    }
  }

  #refuseOrphans() {
    for (const { orphans } of this.#orphaned) {
      for (const { change, table, at, ordinal } of orphans ?? []) {
        if (change.op === 'delete') continue
        const reason = `a row of ${table} whose ${PURCHASE_TABLES[table].kind} is not projected`
        this.#refuse(new ProjectionError(reason), change, at, ordinal)
      }
    }
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
    const unknown = waiting.filter((entry) => !entry.fresh)
    const loaded = await load(unknown.map((entry) => entry.id))
    for (const entry of unknown) {
      entry.state = loaded.get(entry.id) ?? null
      entry.before = contributionOf(entry.state)
      entry.customerBefore = entry.state?.customerId ?? null
      entry.pointedAtBefore = pointedAtBy(entry.state)
      entry.fresh = entry.state === null
    }
    const tasks = this.#waiting
    this.#waiting = []
    for (const [entry, task] of tasks) this.#attempt(entry, task)
    // Only now is it known whether an order is there.
    for (const entry of waiting) {
      entry.ready = true
      for (const settlement of entry.settlements) applySettlement(entry.state, settlement)
    }
  }

  #refuse(error: unknown, change: RowChange, at: number, ordinal: number) {
    if (!(error instanceof ProjectionError)) throw error
    const reason = error.message
    const commitLsn = this.#commitLsns[at]!
    this.#deadLetters.push({ commitLsn, ordinal, reason, change: describeChange(change) })
  }
}

function pointedAtBy(purchase: Purchase | null): readonly string[] {
  if (!purchase) return []
  const { parentPurchaseId, settledBy } = purchase
  return parentPurchaseId ? [parentPurchaseId, ...settledBy] : [...settledBy]
}

function isHeader(table: PurchaseTable): boolean {
  return PURCHASE_TABLES[table].part === 'header'
}

/** An order that is not there needs no settling: it has vanished since, or it waits as a dead letter. */
function applySettlement(order: Purchase | null, { saleId, settles }: Settlement) {
  if (settles) order?.settledBy.add(saleId)
  else order?.settledBy.delete(saleId)
}
