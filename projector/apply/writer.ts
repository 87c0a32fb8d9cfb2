/**
 * Writes folded batches to the read store. One writer has one connection; rows, metrics,
 * dead letters, the outbox of cache floors and the checkpoint commit in one transaction.
 */
import postgres, { type ReservedSql, type Sql } from 'postgres'
import { formatLsn, type Lsn } from '../../src/domain/lsn.ts'
import { StreamLostError } from '../errors.ts'
import type { Batch, BatchResult, DeadLetter, PurchaseWrite } from '../project/batch.ts'
import { CARD_TABLES, CARDS } from '../project/directory.ts'
import type { Effects } from '../project/effects.ts'
import type { Purchase } from '../project/purchase.ts'
import type { Values } from '../source/change.ts'
import type { TableName } from '../source/tables.ts'
import { type Checkpoint, moveCheckpoint } from './checkpoint.ts'
import {
  copyLine,
  jsonObject,
  PURCHASE_TEXTS,
  type PurchaseTexts,
  purchaseOfRow,
  purchaseRow,
} from './rows.ts'
import * as statements from './statements.ts'
import { truncateTables } from './truncate.ts'

/** From this many new purchases on, COPY is cheaper than one JSON document. */
const COPY_FROM = 100

/** A connection pool to the read store whose texts are UTC and whose plans are kept. */
export function connectReadStore(url: string, max = 2, onclose = () => {}): Sql {
  return postgres(url, {
    max,
    fetch_types: false,
    onclose,
    onnotice() {},
    connection: {
      application_name: 'purchase-timeline projector',
      TimeZone: 'UTC',
      DateStyle: 'ISO',
    },
  })
}

export class ReadStoreWriter {
  /** For reading, and for statements outside of a batch. */
  readonly sql: Sql
  /**
   * Holds the writing connection and no other. Were the pool ever used for something else, it would
   * connect again after a loss, and the rest of a batch would run outside of its transaction.
   */
  readonly #pool: Sql
  readonly #reserved: ReservedSql
  readonly #loss: { happened: boolean }
  readonly #sourceId: string
  /** Of the writing connection. */
  readonly #pid: number
  #open = false
  #workingSince: number | null = null

  private constructor(
    sql: Sql,
    pool: Sql,
    reserved: ReservedSql,
    loss: { happened: boolean },
    sourceId: string,
    pid: number,
  ) {
    this.#pid = pid
    this.sql = sql
    this.#pool = pool
    this.#reserved = reserved
    this.#loss = loss
    this.#sourceId = sourceId
  }

  static async connect(url: string, sourceId: string): Promise<ReadStoreWriter> {
    const loss = { happened: false }
    const pool = connectReadStore(url, 1, () => {
      loss.happened = true
    })
    try {
      // `reserve` waits for ever on a pool that has not connected yet.
      // The server, too, must notice a dead connection: it holds the lead.
      const [backend] = await pool<{ pid: number }[]>`
        select pg_backend_pid() as pid, set_config('tcp_keepalives_idle', '15', false),
          set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)`
      const reserved = await pool.reserve()
      return new ReadStoreWriter(
        connectReadStore(url),
        pool,
        reserved,
        loss,
        sourceId,
        backend!.pid,
      )
    } catch (error) {
      await pool.end({ timeout: 1 })
      throw error
    }
  }

  /** Whether this writer may write for its source: at most one can, for as long as it is connected. */
  async tryLead(): Promise<boolean> {
    const [row] = await this.#connection<{ led: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${`purchase-timeline projector ${this.#sourceId}`}, 0)) as led`
    return row?.led ?? false
  }

  /**
   * Writes a batch into the current transaction, and begins one if none is open. Nothing is durable
   * before `commit`.
   */
  write(batch: Batch): Promise<BatchResult> {
    return this.#working(() => this.#write(batch))
  }

  async #write(batch: Batch): Promise<BatchResult> {
    await this.#begin()
    await batch.resolve((ids) => this.#load(ids))
    const result = batch.result()
    await this.#writePurchases(result)
    await Promise.all([
      ...this.#writeEffects(result.effects),
      ...this.#writeDirectory(result),
      ...result.deadLetters.map((letter) => this.writeDeadLetter(letter)),
    ])
    return result
  }

  /** Empties what was projected from these tables, in the current transaction. */
  truncate(tables: readonly TableName[]): Promise<void> {
    return this.#working(async () => {
      await this.#begin()
      await truncateTables(this.#connection, tables)
    })
  }

  /** Keeps a change that can't be projected, in the current transaction. */
  async writeDeadLetter({ commitLsn, ordinal, reason, change }: DeadLetter): Promise<void> {
    await this.#begin()
    await this.#run(
      `insert into dead_letter (source_id, commit_lsn, ordinal, reason, change)
       values ($1, $2::pg_lsn, $3::int, $4, $5::text::json) on conflict do nothing`,
      [this.#sourceId, commitLsn, String(ordinal), reason, JSON.stringify(change)],
    )
  }

  /**
   * Notes in the current transaction that the cache floors of these customers must be raised to `lsn`.
   * @returns the id of the note, to delete it by once that is done
   */
  async noteFloors(lsn: Lsn, customers: Iterable<string>): Promise<string> {
    await this.#begin()
    const [row] = await this.#connection.unsafe<{ id: string }[]>(
      'insert into cache_outbox (lsn, customer_ids) values ($1::pg_lsn, $2::uuid[]) returning id::text',
      [formatLsn(lsn), statements.uuidArray(customers)],
      { prepare: true },
    )
    return row!.id
  }

  /** Ids of all customers, as the current transaction sees them. */
  async allCustomers(): Promise<string[]> {
    await this.#begin()
    const rows = await this.#connection<{ id: string }[]>`
      select customer_id::text as id from customer_card`
    return rows.map(({ id }) => id)
  }

  /** Moves the checkpoint and commits: when it resolves, all that was written is durable. */
  commit(from: Checkpoint, to: Checkpoint): Promise<void> {
    return this.#working(async () => {
      await this.#begin()
      await moveCheckpoint(this.#connection, from, to)
      await this.#connection`commit`
      this.#open = false
    })
  }

  /** Since when the work at hand goes on, as `performance.now()` tells time; null: none is at hand. */
  get workingSince(): number | null {
    return this.#workingSince
  }

  /** Whether the server is at work on a statement of the writing connection. */
  async isServed(): Promise<boolean> {
    const [row] = await this.sql`
      select 1 from pg_stat_activity
      where pid = ${this.#pid} and state = 'active' and wait_event_type is distinct from 'Client'`
    return row !== undefined
  }

  async #working<T>(work: () => Promise<T>): Promise<T> {
    this.#workingSince = performance.now()
    try {
      return await work()
    } finally {
      this.#workingSince = null
    }
  }

  /** Whether something was written since the last commit. */
  get inTransaction(): boolean {
    return this.#open
  }

  /** Marks where `rollbackToSavepoint` goes back to. */
  async savepoint(): Promise<void> {
    await this.#connection`savepoint piece`
  }

  async rollbackToSavepoint(): Promise<void> {
    await this.#connection`rollback to savepoint piece`
  }

  /** Drops what was written since the last commit. */
  async rollback(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    if (!this.#loss.happened) await this.#connection`rollback`
  }

  async close(): Promise<void> {
    if (!this.#loss.happened) this.#reserved.release()
    await Promise.all([this.#pool.end({ timeout: 0 }), this.sql.end({ timeout: 1 })])
  }

  /** A statement on a reserved connection that is gone would end in an exception that nobody can catch. */
  get #connection(): ReservedSql {
    if (this.#loss.happened) throw new StreamLostError('the connection to the read store was lost')
    return this.#reserved
  }

  async #begin() {
    if (this.#open) return
    await this.#connection`begin`
    this.#open = true
  }

  async #load(ids: string[]): Promise<Map<string, Purchase>> {
    const rows = await this.#connection.unsafe<PurchaseTexts[]>(
      `select ${PURCHASE_TEXTS} from purchase_timeline where purchase_id = any($1::uuid[])`,
      [statements.uuidArray(ids)],
      { prepare: true },
    )
    return new Map(rows.map((row) => [row.purchase_id!, purchaseOfRow(row)]))
  }

  async #writePurchases({ inserts, upserts, deletes }: BatchResult) {
    if (deletes.length > 0)
      await this.#run(statements.DELETE_PURCHASES, [statements.uuidArray(deletes)])
    let changed = upserts
    if (inserts.length >= COPY_FROM) await this.#copy(inserts)
    else changed = [...upserts, ...inserts]
    if (changed.length === 0) return
    const rows = changed.map(({ purchase, lsn }) => jsonObject(purchaseRow(purchase, lsn)))
    await this.#run(statements.UPSERT_PURCHASES, [`[${rows.join(',')}]`])
  }

  async #copy(writes: PurchaseWrite[]) {
    const copy = this.#connection.unsafe(statements.COPY_PURCHASES)
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
      work.push(this.#run(statements.REFIND_METRICS_BOUNDS, keys))
      work.push(this.#run(statements.DROP_EMPTY_METRICS, keys))
    }
    return work
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
             on conflict (${key}) do update set ${assignments.join(', ')}`,
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

  #run(statement: string, parameters: (string | null)[]): Promise<unknown> {
    return this.#connection.unsafe(statement, parameters, { prepare: true })
  }
}
