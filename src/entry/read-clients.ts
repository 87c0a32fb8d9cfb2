/** The two ways to a read store: a pool that lives as long as the process, or a client a request. */
import postgres from 'postgres'
import { READ_CLIENT_OPTIONS, type ReadSql, StoreUnavailable, type WithDb } from '../read/store.ts'

const POOL_SIZE = 10
/** What Hyperdrive asks of a client, of which a Worker may have six connections open. */
const CLIENT_SIZE = 5
const CONNECT_TIMEOUT_S = 3
/** The server ends a query that takes longer, and this client stops waiting a little later. */
const STATEMENT_TIMEOUT_MS = 8_000
const DEADLINE_MS = 10_000
const END_WITHIN_S = 1

interface Pool {
  withDb: WithDb
  /** Resolves when all connections are closed. Call it when all requests are answered. */
  end(): Promise<void>
}

/** For a process that has its sockets to itself. Nothing is connected before the first query. */
export function openPool(url: string): Pool {
  const sql = postgres(url, {
    ...READ_CLIENT_OPTIONS,
    max: POOL_SIZE,
    connect_timeout: CONNECT_TIMEOUT_S,
    // The default waits up to twenty seconds between attempts, and queries wait with it.
    backoff: () => 0.1,
    onnotice() {},
    connection: {
      application_name: 'purchase-timeline-api',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      default_transaction_read_only: true,
      // Every statement here has one good plan; planning it anew costs as much as running it.
      plan_cache_mode: 'force_generic_plan',
      jit: false,
    },
  })
  return {
    withDb: (_request, work) => inTime(work(sql)),
    // The driver would wait for ever for a connection that was once lost during a query.
    end: () => sql.end({ timeout: END_WITHIN_S }),
  }
}

/**
 * For a Worker behind Hyperdrive. A socket belongs to the request that opened it: a client that several
 * requests shared would fail in every other one ("Cannot perform I/O on behalf of a different request").
 * Hyperdrive keeps the real connections, so a new client costs no round trip to the database.
 *
 * Nothing is set at the start of a session, which a pooler would refuse or forget: statement_timeout,
 * read only and plan_cache_mode are settings of the role there.
 */
export function clientPerRequest(urlOf: (env: unknown) => string): WithDb {
  return async function withClient(request, work) {
    const sql: ReadSql = postgres(urlOf(request.env), {
      ...READ_CLIENT_OPTIONS,
      max: CLIENT_SIZE,
      connect_timeout: CONNECT_TIMEOUT_S,
      onnotice() {},
    })
    try {
      return await inTime(work(sql))
    } finally {
      request.waitUntil(sql.end({ timeout: END_WITHIN_S }))
    }
  }
}

/** A server that accepts and never answers is caught here: it can't time out its own statements. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable('no answer in time')), DEADLINE_MS)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
