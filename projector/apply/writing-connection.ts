/** How the projector connects to its read store, and the one connection that writes. */
import postgres, { type ReservedSql, type Sql } from 'postgres'
import { HeldConnection } from '../../src/postgres/held-connection.ts'
import { StreamLostError } from '../errors.ts'
import { APPLICATION_NAME } from '../source/slot.ts'

interface ReadStoreConnection {
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

/** Opens the connection that writes. Work on it rejects with a StreamLostError when it is lost. */
export async function openWritingConnection(url: string): Promise<HeldConnection> {
  const connection = await HeldConnection.open({
    connect: (onclose) => connectReadStore(url, { max: 1, onclose }),
    lost: new StreamLostError('the connection to the read store was lost'),
  })
  try {
    // The server, too, must notice a dead connection: it holds the lead. And what is committed must be
    // durable, whatever the database's habit: the source is told to forget it.
    await connection.run(
      () => connection.sql`
        select set_config('tcp_keepalives_idle', '15', false),
          set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false),
          set_config('synchronous_commit', case s when 'off' then 'on' else s end, false)
        from current_setting('synchronous_commit') s`,
    )
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

/**
 * Runs work in one transaction of a connection of its own, and commits it. When the work or the
 * connection fails nothing has happened.
 */
export async function transaction<T>(
  url: string,
  work: (sql: ReservedSql) => Promise<T>,
): Promise<T> {
  const connection = await openWritingConnection(url)
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
