/**
 * Between the stream and the writer: groups whole source transactions into batches, cuts a transaction
 * that is too large into chunks, and says when to stop reading. Folding happens here, while the writer
 * waits for the read store.
 */
import type { Lsn } from '../../src/domain/lsn.ts'
import { Batch, type BatchOptions } from '../project/batch.ts'
import type { Change, Changes, RowChange, TransactionSink } from '../source/change.ts'
import type { TableName } from '../source/tables.ts'

export interface IntakeLimits {
  /** A batch takes no further transaction beyond this many changes. */
  batch: number
  /** A transaction is cut into chunks of this many changes. */
  chunk: number
  /** Reading stops when this many changes wait, and goes on at half of it. */
  pending: number
}

export const DEFAULT_LIMITS: IntakeLimits = { batch: 5_000, chunk: 2_500, pending: 10_000 }

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
      /** What it was folded from. */
      parts: Changes[]
      /** Whether it holds whole transactions only, and so may take another. */
      whole: boolean
      /** How many transactions end in it. */
      ended: number
      /** null: the transaction goes on in the next piece. */
      end: Position | null
    }
  | { kind: 'truncate'; tables: readonly TableName[]; end: null }

interface IntakeOptions {
  /** Transactions that commit below this LSN are applied already. */
  from: Lsn
  limits: IntakeLimits
  fold: BatchOptions
  /** A transaction has begun to arrive. */
  onReceived(): void
  /** A transaction that is to be applied has come whole. */
  onWhole?(): void
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

  /** Whether anything that waits was folded so. */
  holds(options: BatchOptions): boolean {
    return this.#queue.some((work) => work.kind === 'batch' && work.batch.options === options)
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
    else this.#append({ commitLsn, ordinal: 0, changes: open.changes }, { endLsn, committedAt })
    if (!this.#skipping) this.#options.onWhole?.()
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

  #append(transaction: Changes, end: Position) {
    let last = this.#queue.at(-1)
    const fits =
      last?.kind === 'batch' &&
      last.whole &&
      last.batch.options === this.#fold &&
      last.batch.size + transaction.changes.length <= this.#options.limits.batch
    if (!fits || last?.kind !== 'batch') {
      last = { kind: 'batch', batch: new Batch(this.#fold), parts: [], whole: true, ended: 0, end }
      this.#queue.push(last)
    }
    last.batch.addAll(transaction)
    last.parts.push(transaction)
    last.ended++
    last.end = end
  }

  /** Hands on what there is of the open transaction as a chunk. */
  #cut(end: Position | null) {
    const open = this.#open!
    const { commitLsn, ordinal, changes } = open
    const batch = new Batch(this.#fold)
    const part: Changes = { commitLsn, ordinal, changes }
    batch.addAll(part)
    this.#open = { commitLsn, ordinal: ordinal + changes.length, changes: [], cut: true }
    const ended = end ? 1 : 0
    this.#queue.push({ kind: 'batch', batch, parts: [part], whole: false, ended, end })
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
