/** How commands reach the source. A connection is opened for each: they are few, and hold it alone. */
import postgres, { type Sql } from 'postgres'
import { HeldConnection, type Statements } from '../postgres/held-connection.ts'
import { isUnavailable } from '../read/store.ts'

/** The source can't be asked now; it may be later. Nothing that was not answered for is known to be done. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable'
}

const CONNECT_TIMEOUT_S = 3
/** The server ends a statement that takes longer, so that no till waits behind a command for ever. */
const STATEMENT_TIMEOUT_MS = 20_000

/** Runs work on a connection of its own. Rejects as the work does, or with SourceUnavailable. */
export async function onSource<T>(url: string, work: (sql: Statements) => Promise<T>): Promise<T> {
  let connection: HeldConnection | undefined
  try {
    connection = await HeldConnection.open({
      connect: (onclose) => connectSource(url, onclose),
      lost: new SourceUnavailable('the connection to the source was lost'),
    })
    const { sql } = connection
    return await connection.run(() => work(sql))
  } catch (error) {
    if (!isUnavailable(error)) throw error
    throw new SourceUnavailable('the source can not be asked now', { cause: error })
  } finally {
    // What was not committed goes with the connection.
    await connection?.close()
  }
}

function connectSource(url: string, onclose: () => void): Sql {
  return postgres(url, {
    max: 1,
    fetch_types: false,
    prepare: true,
    connect_timeout: CONNECT_TIMEOUT_S,
    onclose,
    onnotice() {},
    connection: {
      application_name: 'purchase-timeline-command',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
    },
  })
}
