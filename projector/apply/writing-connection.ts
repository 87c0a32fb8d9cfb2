/**
 * The one connection that writes. All that is done on it ends when it is lost, whatever the driver
 * does: postgres.js never answers a statement that a reserved connection had queued, or gets, when it
 * dies, and throws one that comes later where nobody can catch it.
 */
import postgres, { type ReservedSql, type Sql } from 'postgres'
import { StreamLostError } from '../errors.ts'
import { APPLICATION_NAME } from '../source/slot.ts'

export interface ReadStoreConnection {
  max?: number
  /** Default: the tables as the API sees them. */
  searchPath?: string
  onclose?(): void
}

/** A connection pool to the read store whose texts are UTC and whose plans are kept. */
export function connectReadStore(url: string, options: ReadStoreConnection = {}): Sql {
  const { max = 2, searchPath, onclose } = options
  return postgres(url, {
    max,
    fetch_types: false,
    ...(onclose && { onclose }),
    onnotice() {},
    connection: {
      application_name: APPLICATION_NAME,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      ...(searchPath && { search_path: searchPath }),
    },
  })
}

export class WritingConnection {
  /** Of the server's process behind it. */
  readonly pid: number
  /**
   * Holds this connection and no other. Were the pool ever used for something else, it would connect
   * again after a loss, and the rest of a batch would run outside of its transaction.
   */
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

  static async open(url: string): Promise<WritingConnection> {
    const loss = new AbortController()
    const lost = new StreamLostError('the connection to the read store was lost')
    const pool = connectReadStore(url, { max: 1, onclose: () => loss.abort(lost) })
    try {
      // `reserve` waits for ever on a pool that has not connected yet.
      // The server, too, must notice a dead connection: it holds the lead. And what is committed must be
      // durable, whatever the database's habit: the source is told to forget it.
      const [backend] = await pool<{ pid: number }[]>`
        select pg_backend_pid() as pid, set_config('tcp_keepalives_idle', '15', false),
          set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false),
          set_config('synchronous_commit', case s when 'off' then 'on' else s end, false)
        from current_setting('synchronous_commit') s`
      return new WritingConnection(pool, await pool.reserve(), loss.signal, backend!.pid)
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

/**
 * Runs work in one transaction of a connection of its own, and commits it. When the work or the
 * connection fails nothing has happened. Not `sql.begin`: when its connection dies, postgres.js 3.4.9
 * writes a rollback to a socket that is gone, and throws where nobody can catch it.
 */
export async function transaction<T>(
  url: string,
  work: (sql: ReservedSql) => Promise<T>,
): Promise<T> {
  const connection = await WritingConnection.open(url)
  try {
    return await connection.run(async () => {
      await connection.sql`begin`
      const result = await work(connection.sql)
      await connection.sql`commit`
      return result
    })
  } finally {
    // What was not committed goes with the connection.
    await connection.close()
  }
}
