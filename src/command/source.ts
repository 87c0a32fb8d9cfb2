/** How commands reach the source. A connection is opened for each: they are few, and hold it alone. */
import postgres, { type Sql } from 'postgres'
import { HeldConnection, type Statements } from '../postgres/held-connection.ts'
import { codeOf, isUnavailable } from '../read/store.ts'

/** The source can't be asked now; it may be later. Nothing that was not answered for is known to be done. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable'
}

/** Tills or other commands held what was needed for too long. Nothing was done. */
export class SourceBusy extends Error {
  override readonly name = 'SourceBusy'
}

const CONNECT_TIMEOUT_S = 3
/** A server that accepts and never answers can't time out its own statements. */
const DEADLINE_MS = 25_000

/** Deadlock, serialization failure: nothing was done, and it will go well when it is done again. */
export const RACES = ['40P01', '40001']
/** A race that was lost, or a lock that did not come in time. */
const BUSY = [...RACES, '55P03']

/** Runs work on a connection of its own. Rejects as the work does, or with SourceUnavailable, SourceBusy. */
export async function onSource<T>(
  url: string,
  work: (sql: Statements) => Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new SourceUnavailable('no answer in time')),
    deadlineMs,
  )
  const opening = HeldConnection.open({
    connect: (onclose) => connectSource(url, onclose),
    lost: new SourceUnavailable('the connection to the source was lost'),
  })
  let connection: HeldConnection | undefined
  try {
    connection = await Promise.race([opening, late.promise])
    const { sql } = connection
    return await connection.run(() => Promise.race([work(sql), late.promise]))
  } catch (error) {
    if (BUSY.includes(String(codeOf(error)))) {
      throw new SourceBusy('what the command needs is held by others', { cause: error })
    }
    if (!isUnavailable(error)) throw error
    throw new SourceUnavailable('the source can not be asked now', { cause: error })
  } finally {
    clearTimeout(timer)
    // What was not committed goes with the connection.
    if (connection) await connection.close()
    else opening.then((late) => late.close()).catch(() => {})
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
      TimeZone: 'UTC',
      DateStyle: 'ISO',
    },
  })
}
