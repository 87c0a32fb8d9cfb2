/**
 * Writes folded batches to the read store. One writer has one connection; rows, metrics,
 * dead letters, the outbox of cache floors and the checkpoint commit in one transaction.
 */
import type { ReservedSql, Sql } from 'postgres'
import type { HeldConnection } from '../../src/postgres/held-connection.ts'
import { invariant } from '../errors.ts'
import type { Batch, BatchResult, DeadLetter, PurchaseWrite } from '../project/batch.ts'
import { CARD_TABLES, CARDS, type Directory } from '../project/directory.ts'
import type { Effects } from '../project/effects.ts'
import type { Purchase } from '../project/purchase.ts'
import type { Values } from '../source/change.ts'
import { TABLES, type TableName } from '../source/tables.ts'
import { type Checkpoint, moveCheckpoint } from './checkpoint.ts'
import { completeTables, lockPosition, searchPath } from './generation.ts'
import {
  copyLine,
  headerRow,
  jsonObject,
  PURCHASE_TEXTS,
  type PurchaseTexts,
  purchaseOfRow,
  purchaseRow,
} from './rows.ts'
import * as statements from './statements.ts'
import { truncateTables } from './truncate.ts'
import { connectReadStore, openWritingConnection } from './writing-connection.ts'

/** Whose cache floors must rise with a commit. */
export type Touched = ReadonlySet<string> | 'all'

/** Whether changes that can't be projected become dead letters, or are only returned. */
export type LetterHandling = 'keep' | 'return'

/** From this many new purchases on, COPY is cheaper than one JSON document. */
const COPY_FROM = 100

export class ReadStoreWriter {
  readonly url: string
  /** For reading, and for statements outside of a batch. */
  readonly sql: Sql
  readonly #connection: HeldConnection
  #checkpoint: Checkpoint | null = null
  #open = false

  private constructor(url: string, sql: Sql, connection: HeldConnection) {
    this.url = url
    this.sql = sql
    this.#connection = connection
  }

  static async connect(url: string): Promise<ReadStoreWriter> {
    const connection = await openWritingConnection(url)
    return new ReadStoreWriter(url, connectReadStore(url), connection)
  }

  /** Whether this writer may do this work: at most one can, for as long as it is connected. */
  tryLead(work: string): Promise<boolean> {
    return this.#connection.run(async () => {
      const [row] = await this.#connection.sql<{ led: boolean }[]>`
        select pg_try_advisory_lock(hashtextextended(${`purchase-timeline projector ${work}`}, 0)) as led`
      return row?.led ?? false
    })
  }

  /** Writes into the checkpoint's generation from now on. To be called before anything is written. */
  async use(checkpoint: Checkpoint): Promise<void> {
    await this.#connection.run(
      () =>
        this.#connection
          .sql`select set_config('search_path', ${searchPath(checkpoint.generation)}, false)`,
    )
    this.#checkpoint = checkpoint
  }

  /** How far the generation is that is written, as of the last commit. */
  get checkpoint(): Checkpoint {
    invariant(this.#checkpoint !== null, 'nothing is written before it is known where')
    return this.#checkpoint
  }

  /**
   * Writes a batch into the current transaction, and begins one if none is open. Nothing is durable
   * before `commit`.
   */
  write(batch: Batch, letters: LetterHandling = 'keep'): Promise<BatchResult> {
    return this.#inTransaction(() => this.#write(batch, letters))
  }

  async #write(batch: Batch, letters: LetterHandling): Promise<BatchResult> {
    await batch.resolve((ids) => this.#load(ids))
    const result = batch.result()
    await this.#writePurchases(result)
    // A copy sums up when it is complete: see `completeTables`.
    const sums = this.checkpoint.phase !== 'copying'
    await Promise.all([
      ...(sums ? this.#writeEffects(result.effects) : []),
      ...this.#writeDirectory(result),
      this.#touchShown(result),
      ...(letters === 'keep' ? result.deadLetters : []).map((letter) =>
        this.writeDeadLetter(letter),
      ),
    ])
    // Last: letters of this very batch may be about somebody who is erased in it.
    await Promise.all(this.#forget(result.directory))
    return result
  }

  /** Runs other statements in the current transaction, and begins one if none is open. */
  run<T>(work: (sql: ReservedSql) => Promise<T>): Promise<T> {
    return this.#inTransaction(() => work(this.#connection.sql))
  }

  /** Empties what was projected from these tables, in the current transaction. */
  truncate(tables: readonly TableName[]): Promise<void> {
    return this.#inTransaction(() => truncateTables(this.#connection.sql, tables))
  }

  /** Keeps a change that can't be projected, in the current transaction. */
  async writeDeadLetter({ commitLsn, ordinal, reason, change }: DeadLetter): Promise<void> {
    await this.#inTransaction(() =>
      this.#run(
        `insert into dead_letter (source_id, generation, commit_lsn, ordinal, reason, change)
         values ($1, $2::int, $3::pg_lsn, $4::int, $5, $6::text::json) on conflict do nothing`,
        [
          this.checkpoint.sourceId,
          String(this.checkpoint.generation),
          commitLsn,
          String(ordinal),
          reason,
          JSON.stringify(change),
        ],
      ),
    )
  }

  /** Makes what a copy leaves for its end, in the current transaction. */
  completeCopy(): Promise<void> {
    return this.#inTransaction(() =>
      completeTables(this.#connection.sql, this.checkpoint.generation),
    )
  }

  /**
   * Moves the checkpoint and commits: when it resolves, all that was written is durable.
   * @param touched noted with it: their cache floors are to be raised to the position that this makes
   */
  commit(to: Checkpoint, touched?: Touched): Promise<void> {
    return this.#inTransaction(async () => {
      const { sql } = this.#connection
      // Sent in one go: with them the position is locked for no longer than it must be.
      await Promise.all([
        lockPosition(sql),
        moveCheckpoint(sql, this.checkpoint, to),
        touched && this.#noteFloors(touched),
      ])
      await sql`commit`
      this.#open = false
      this.#checkpoint = to
    })
  }

  #noteFloors(touched: Touched): Promise<unknown> {
    return this.#run(
      `insert into cache_outbox (position, customer_ids)
       select position, $1::uuid[] from read_model`,
      [touched === 'all' ? null : statements.uuidArray(touched)],
    )
  }

  /** Whether something was written since the last commit. */
  get inTransaction(): boolean {
    return this.#open
  }

  /** Marks where `rollbackToSavepoint` goes back to. */
  async savepoint(): Promise<void> {
    await this.#connection.run(() => this.#connection.sql`savepoint piece`)
  }

  async rollbackToSavepoint(): Promise<void> {
    await this.#connection.run(() => this.#connection.sql`rollback to savepoint piece`)
  }

  /** Drops what was written since the last commit. */
  async rollback(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#connection.run(() => this.#connection.sql`rollback`)
  }

  /** Since when the work at hand goes on, as `performance.now()` tells time; null: none is at hand. */
  get workingSince(): number | null {
    return this.#connection.workingSince
  }

  /** Whether the server is at work on a statement of the writing connection. */
  async isServed(): Promise<boolean> {
    const [row] = await this.sql`
      select 1 from pg_stat_activity
      where pid = ${this.#connection.pid} and state = 'active'
        and wait_event_type is distinct from 'Client'`
    return row !== undefined
  }

  async close(): Promise<void> {
    await Promise.all([this.#connection.close(), this.sql.end({ timeout: 1 })])
  }

  #inTransaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.run(async () => {
      if (!this.#open) {
        await this.#connection.sql`begin`
        this.#open = true
      }
      return work()
    })
  }

  async #load(ids: string[]): Promise<Map<string, Purchase>> {
    const rows = await this.#connection.sql.unsafe<PurchaseTexts[]>(
      `select ${PURCHASE_TEXTS} from purchase_timeline where purchase_id = any($1::uuid[])`,
      [statements.uuidArray(ids)],
      { prepare: true },
    )
    return new Map(rows.map((row) => [row.purchase_id!, purchaseOfRow(row)]))
  }

  async #writePurchases({ inserts, upserts, headers, deletes }: BatchResult) {
    if (deletes.length > 0)
      await this.#run(statements.DELETE_PURCHASES, [statements.uuidArray(deletes)])
    if (headers.length > 0) {
      const rows = headers.map(({ purchase, lsn }) => jsonObject(headerRow(purchase, lsn)))
      await this.#run(statements.UPDATE_HEADERS, [`[${rows.join(',')}]`])
    }
    let changed = upserts
    if (inserts.length >= COPY_FROM) await this.#copy(inserts)
    else changed = [...upserts, ...inserts]
    if (changed.length === 0) return
    const rows = changed.map(({ purchase, lsn }) => jsonObject(purchaseRow(purchase, lsn)))
    await this.#run(statements.UPSERT_PURCHASES, [`[${rows.join(',')}]`])
  }

  async #copy(writes: PurchaseWrite[]) {
    const copy = this.#connection.sql.unsafe(statements.COPY_PURCHASES)
    const answered = copy.writable()
    // In one piece: a wait a chunk would leave the server idle while this thread decodes. The size of a
    // batch bounds it.
    let text = ''
    for (const { purchase, lsn } of writes) text += copyLine(purchaseRow(purchase, lsn))
    const stream = await answered
    const ended = new Promise<void>((resolve, reject) => {
      stream.once('error', reject)
      stream.once('finish', resolve)
      // What fails behind the last row, the driver tells the query alone, which has its answer by then:
      // without this one would wait for ever.
      const query = copy as unknown as { reject(error: unknown): void }
      query.reject = reject
    })
    stream.end(text)
    await ended
  }

  #writeEffects(effects: Effects): Promise<unknown>[] {
    const metrics = effects.metrics()
    const work: Promise<unknown>[] = []
    if (metrics.length > 0)
      work.push(this.#run(statements.ADD_METRICS, statements.metricsArrays(metrics)))
    const metricsTaken = metrics.filter((delta) => delta.taken)
    if (metricsTaken.length > 0) {
      const keys = statements.metricsKeys(metricsTaken)
      // What goes needs no bounds: to look for them would pass every row that has just left.
      work.push(this.#run(statements.DROP_EMPTY_METRICS, keys))
      work.push(this.#run(statements.REFIND_METRICS_BOUNDS, keys))
    }
    return work
  }

  /** Adds whose receipts show what has changed. What does not serve yet is raised as a whole when it does. */
  async #touchShown({ relations, effects }: BatchResult) {
    if (!this.checkpoint.serving || relations.changed.length === 0) return
    const { changed, pointedAt } = relations
    const shown = await this.#connection.sql.unsafe<{ id: string }[]>(
      statements.CUSTOMERS_SHOWN,
      [statements.uuidArray(changed), statements.uuidArray(pointedAt)],
      { prepare: true },
    )
    for (const { id } of shown) effects.customers.add(id)
  }

  #writeDirectory({ directory }: BatchResult): Promise<unknown>[] {
    return CARD_TABLES.flatMap((name) => {
      const { table, columns } = CARDS[name]
      const [key] = columns
      const gone: string[] = []
      const objects: Record<string, string | null>[] = []
      const partial: Values[] = []
      for (const [id, values] of directory.rows[name]) {
        if (values === null) gone.push(id)
        else if (values.includes(undefined)) partial.push(values)
        else objects.push(Object.fromEntries(columns.map((column, at) => [column, values[at]!])))
      }
      const work: Promise<unknown>[] = []
      if (gone.length > 0)
        work.push(
          this.#run(`delete from ${table} where ${key} = any($1::uuid[])`, [
            statements.uuidArray(gone),
          ]),
        )
      if (objects.length > 0) {
        const assignments = columns.slice(1).map((column) => `${column} = excluded.${column}`)
        work.push(
          this.#run(
            `insert into ${table} (${columns.join(', ')})
             select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1::text::json)
             on conflict (${key}, source_id) do update set ${assignments.join(', ')}`,
            [JSON.stringify(objects)],
          ),
        )
      }
      for (const values of partial) {
        // A value beyond 2 kB that did not change is not sent: all other columns are set.
        const sent = columns.flatMap((column, at) =>
          values[at] === undefined ? [] : [{ column, at }],
        )
        const sets = sent.slice(1).map(({ column }, i) => `${column} = $${i + 2}`)
        work.push(
          this.#run(
            `update ${table} set ${sets.join(', ')} where ${key} = $1`,
            sent.map(({ at }) => values[at] ?? null),
          ),
        )
      }
      return work
    })
  }

  /** Of people who are erased, or deleted, nothing is kept aside: neither their names nor what was theirs. */
  #forget({ rows, deletedCustomers }: Directory): Promise<unknown>[] {
    const ids = [...deletedCustomers]
    for (const [id, values] of rows.customer)
      if (values?.[TABLES.customer.at.status] === 'erased') ids.push(id)
    if (ids.length === 0) return []
    const whom = [this.checkpoint.sourceId, statements.uuidArray(ids)]
    return [this.#run(statements.FORGET_LETTERS, whom), this.#run(statements.DETACH_LETTERS, whom)]
  }

  #run(statement: string, parameters: (string | null)[]): Promise<unknown> {
    return this.#connection.sql.unsafe(statement, parameters, { prepare: true })
  }
}
