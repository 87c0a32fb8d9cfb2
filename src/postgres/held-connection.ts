/**
 * One connection that is held through a piece of work, as a transaction must. The work ends when the
 * connection is lost, whatever the driver does: postgres.js 3.4.9 never answers a statement that a
 * reserved connection had queued, or gets, when it dies, and throws one that comes later where nobody
 * can catch it; `sql.begin` writes a rollback to a socket that is gone.
 */
import type { ISql, ReservedSql, Sql } from 'postgres'

/** What statements are written with, be it a transaction of the driver or a connection held here. */
export type Statements = ISql

interface HeldConnectionOptions {
  /**
   * Opens a pool of one connection, which must call `onclose` when it is lost. It serves for nothing else:
   * it would connect again after a loss, and the rest of the work would run outside of its transaction.
   */
  connect(onclose: () => void): Sql
  /** What work rejects with when the connection is lost. */
  lost: Error
}

export class HeldConnection {
  /** Of the server's process behind it. */
  readonly pid: number
  readonly #pool: Sql
  readonly #reserved: ReservedSql
  readonly #lost: AbortSignal
  #since: number | null = null

  private constructor(pool: Sql, reserved: ReservedSql, lost: AbortSignal, pid: number) {
    this.#pool = pool
    this.#reserved = reserved
    this.#lost = lost
    this.pid = pid
  }

  /** Rejects when the server can't be reached, or refuses. */
  static async open({ connect, lost }: HeldConnectionOptions): Promise<HeldConnection> {
    const loss = new AbortController()
    const pool = connect(() => loss.abort(lost))
    try {
      // `reserve` waits for ever on a pool that has not connected yet.
      const [backend] = await pool<{ pid: number }[]>`select pg_backend_pid() as pid`
      return new HeldConnection(pool, await pool.reserve(), loss.signal, backend!.pid)
    } catch (error) {
      await pool.end({ timeout: 1 })
      throw error
    }
  }

  /** For the statements of work that `run` runs. */
  get sql(): ReservedSql {
    this.#lost.throwIfAborted()
    return this.#reserved
  }

  /** Since when the work at hand goes on, as `performance.now()` tells time; null: none is at hand. */
  get workingSince(): number | null {
    return this.#since
  }

  /** Runs work, which may run more; rejects as soon as the connection is lost. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#since !== null) return work()
    const lost = Promise.withResolvers<never>()
    const lose = () => lost.reject(this.#lost.reason)
    this.#lost.throwIfAborted()
    this.#lost.addEventListener('abort', lose)
    this.#since = performance.now()
    try {
      return await Promise.race([work(), lost.promise])
    } finally {
      this.#since = null
      this.#lost.removeEventListener('abort', lose)
    }
  }

  async close(): Promise<void> {
    if (!this.#lost.aborted) this.#reserved.release()
    await this.#pool.end({ timeout: 0 })
  }
}
