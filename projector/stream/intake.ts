/**
 * Between the stream and the writer: groups whole source transactions into batches, cuts a transaction
 * that is too large into chunks, and says when to stop reading. Folding happens here, while the writer
 * waits for the read store.
 */
import type { Lsn } from '../../src/domain/lsn.ts'
import { Batch, type BatchOptions } from '../project/batch.ts'
import type { Change, RowChange, Transaction, TransactionSink } from '../source/change.ts'
import type { TableName } from '../source/tables.ts'

export interface IntakeLimits {
  /** A batch takes no further transaction beyond this many changes. */
  batch: number
  /** A transaction is cut into chunks of this many changes. */
  chunk: number
  /** Reading stops when this many changes wait, and goes on at half of it. */
  pending: number
}

export const DEFAULT_LIMITS: IntakeLimits = { batch: 20_000, chunk: 10_000, pending: 30_000 }

/** Where the source stands once a piece of work is applied. */
export interface Position {
  endLsn: Lsn
  /** Microseconds since 1970. */
  committedAt: bigint
}

export type Work =
  | {
      kind: 'batch'
      batch: Batch
      /** The whole transactions that it was folded from; none for a chunk. */
      transactions: Transaction[]
      /** How many transactions end in it. */
      ended: number
      /** null: the transaction goes on in the next piece. */
      end: Position | null
    }
  | { kind: 'truncate'; tables: readonly TableName[]; end: null }

export interface IntakeOptions {
  /** Transactions that commit below this LSN are applied already. */
  from: Lsn
  limits: IntakeLimits
  fold: BatchOptions
  onReceived(): void
  /** A transaction that was applied before has passed by. */
  onSkipped(): void
  onPressure(high: boolean): void
}

export class Intake implements TransactionSink {
  readonly #options: IntakeOptions
  readonly #queue: Work[] = []
  #fold: BatchOptions
  #open: { commitLsn: Lsn; changes: RowChange[]; ordinal: number; cut: boolean } | null = null
  #skipping = false
  #pending = 0
  #high = false
  #wake: (() => void) | null = null

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#fold = options.fold
  }

  /** How the transactions that come from now on are folded. */
  set fold(options: BatchOptions) {
    this.#fold = options
  }

  begin(commitLsn: Lsn): void {
    this.#options.onReceived()
    // `<`, not `<=`: a commit record may start exactly where the last applied one ended.
    this.#skipping = commitLsn < this.#options.from
    this.#open = { commitLsn, changes: [], ordinal: 0, cut: false }
  }

  change(change: Change): void {
    if (this.#skipping || !this.#open) return
    if (change.op === 'truncate') {
      this.#cut(null)
      this.#open.ordinal++
      this.#queue.push({ kind: 'truncate', tables: change.tables, end: null })
      return
    }
    this.#open.changes.push(change)
    this.#weigh(1)
    if (this.#open.changes.length >= this.#options.limits.chunk) this.#cut(null)
  }

  commit(commitLsn: Lsn, endLsn: Lsn, committedAt: bigint): void {
    const open = this.#open
    if (!open) return
    if (this.#skipping) this.#options.onSkipped()
    else if (open.cut) this.#cut({ endLsn, committedAt })
    else this.#append({ commitLsn, endLsn, committedAt, changes: open.changes })
    this.#open = null
    this.#notify()
  }

  /** Whether the last batch takes no further transaction: for a caller that feeds and takes in turn. */
  get full(): boolean {
    return this.#pending >= this.#options.limits.batch
  }

  /** The next piece of work, or null when there is none (see `wait`). */
  take(): Work | null {
    const work = this.#queue.shift() ?? null
    if (work?.kind === 'batch') this.#weigh(-work.batch.size)
    return work
  }

  /** Resolves when there may be work, or at `wake`. */
  async wait(): Promise<void> {
    if (this.#queue.length > 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** Ends a `wait`. */
  wake(): void {
    this.#wake?.()
    this.#wake = null
  }

  /** Only a batch that ends with a commit can be written; chunks are, too, for they hold no later one. */
  #notify() {
    if (this.#queue.length > 0) this.wake()
  }

  #append(transaction: Transaction) {
    const { changes, endLsn, committedAt } = transaction
    let last = this.#queue.at(-1)
    const fits =
      last?.kind === 'batch' &&
      last.transactions.length > 0 &&
      last.batch.size + changes.length <= this.#options.limits.batch
    if (!fits || last?.kind !== 'batch') {
      last = { kind: 'batch', batch: new Batch(this.#fold), transactions: [], ended: 0, end: null }
      this.#queue.push(last)
    }
    foldInto(last.batch, transaction)
    last.transactions.push(transaction)
    last.ended++
    last.end = { endLsn, committedAt }
  }

  /** Hands on what there is of the open transaction as a chunk. */
  #cut(end: Position | null) {
    const open = this.#open!
    const batch = new Batch(this.#fold)
    batch.transaction(open.commitLsn, open.ordinal)
    for (const change of open.changes) batch.add(change)
    open.ordinal += open.changes.length
    open.changes = []
    open.cut = true
    this.#queue.push({ kind: 'batch', batch, transactions: [], ended: end ? 1 : 0, end })
    this.#notify()
  }

  #weigh(changes: number) {
    this.#pending += changes
    const { pending } = this.#options.limits
    const high = this.#pending >= (this.#high ? pending / 2 : pending)
    if (high === this.#high) return
    this.#high = high
    this.#options.onPressure(high)
  }
}

/** Folds a whole transaction into a batch. */
export function foldInto(batch: Batch, { commitLsn, changes }: Transaction): void {
  batch.transaction(commitLsn)
  for (const change of changes) if (change.op !== 'truncate') batch.add(change)
}
