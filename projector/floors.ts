/**
 * Raises the floors of the cache for customers whose rows have changed. What must be raised is noted in
 * the read store in the transaction that changes the rows, and the note goes only when it is done: a
 * kill or a cache that is down forgets nothing.
 */
import type { Sql } from 'postgres'
import type { FloorSink } from '../src/cache/floors.ts'
import { LSN_ZERO, type Lsn, maxLsn, parseLsn } from '../src/domain/lsn.ts'
import type { Log } from '../src/log.ts'
import { messageOf } from './errors.ts'

const RETRY_MS = 500
const STOP_MS = 3_000
/** The mark is raised again this often: a cache may have lost it. */
const REMIND_MS = 10_000
/** Notes handled at once. */
const DRAIN = 50

interface Note {
  id: string
  position: string
  /** Ids, joined by commas; null: all customers. */
  customers: string | null
  /** Those of them who are erased by now: nothing about them may be answered any more. */
  erased: string | null
}

export class FloorWorker {
  readonly #sql: Sql
  readonly #floors: FloorSink
  readonly #log: Log
  /** Everything up to this position is raised. */
  #raised = LSN_ZERO
  #work = true
  #wake: (() => void) | null = null
  #stopped = false
  readonly #done: Promise<void>

  constructor(sql: Sql, floors: FloorSink, log: Log) {
    this.#sql = sql
    this.#floors = floors
    this.#log = log
    this.#done = this.#run()
  }

  /** There are new notes. */
  notify(): void {
    this.#work = true
    this.#wake?.()
  }

  /**
   * Ends after the piece at hand, or without it when it takes its time: on a connection that dies the
   * driver may never answer. Notes that are left are raised by the next start.
   */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    await Promise.race([this.#done, Bun.sleep(STOP_MS)])
  }

  async #run() {
    while (!this.#stopped) {
      const reminds = !this.#work || this.#raised === LSN_ZERO
      this.#work = false
      try {
        // Read first: what is noted up to this position is drained next, and all else has been raised, be
        // it by the worker of another source. A cache that lost its mark must not get back a lower one.
        if (reminds) this.#raised = maxLsn(this.#raised, await this.#position())
        while (!this.#stopped && (await this.#drain())) {}
        await this.#floors.raise(this.#raised, [])
        if (!this.#work) await this.#rest(REMIND_MS)
      } catch (error) {
        this.#log.warn('cache floors could not be raised yet', { reason: messageOf(error) })
        await this.#rest(RETRY_MS)
      }
    }
  }

  async #position(): Promise<Lsn> {
    const [row] = await this.#sql<{ position: string }[]>`select position::text from read_model`
    return parseLsn(row!.position)
  }

  async #rest(ms: number) {
    if (this.#stopped) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }

  /** @returns whether there may be more */
  async #drain(): Promise<boolean> {
    const notes = await this.#sql<Note[]>`
      select id::text, position::text, array_to_string(customer_ids, ',') as customers,
        (select string_agg(customer_id::text, ',') from customer_card
         where customer_id = any(customer_ids) and status = 'erased') as erased
      from cache_outbox order by cache_outbox.id limit ${DRAIN}`
    if (notes.length === 0) return false
    const customers = new Set<string>()
    const erased = new Set<string>()
    for (const note of notes) {
      for (const id of note.erased?.split(',') ?? []) erased.add(id)
      const position = parseLsn(note.position)
      if (note.customers === null) await this.#floors.raiseAll(position)
      else for (const id of note.customers.split(',')) customers.add(id)
      this.#raised = maxLsn(this.#raised, position)
    }
    await this.#floors.raise(this.#raised, [...customers])
    if (erased.size > 0) await this.#floors.forget([...erased])
    await this.#sql`
      delete from cache_outbox where id = any(${`{${notes.map((note) => note.id).join(',')}}`}::text::bigint[])`
    return notes.length === DRAIN
  }
}
