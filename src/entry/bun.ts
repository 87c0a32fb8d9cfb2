/** The API on Bun: one pool of connections, one server. */
import postgres from 'postgres'
import { AnswerCache } from '../cache/answer-cache.ts'
import type { FloorSink } from '../cache/floors.ts'
import { MemoryStore } from '../cache/memory-store.ts'
import { UpstashStore } from '../cache/upstash-store.ts'
import { createApp } from '../http/app.ts'
import { sharedSecretVerifier } from '../http/auth.ts'
import type { Log } from '../log.ts'
import {
  isUnavailable,
  READ_CLIENT_OPTIONS,
  type ReadSql,
  StoreUnavailable,
  type WithDb,
} from '../read/store.ts'

export interface ServeOptions {
  readUrl: string
  /** For commands; without it the API only reads. */
  sourceUrl?: string
  jwtSecret: string
  /** 0 takes a free one. */
  port: number
  host: string
  log: Log
  /** An Upstash-REST Redis; without it the cache is inside this process. */
  cache?: { url: string; token: string }
}

export interface BunServer {
  url: string
  /** Where the projector tells what changed. For an in-process cache there is no other way. */
  floors: FloorSink
  /** Resolves when running requests are answered and all connections closed. */
  stop(): Promise<void>
}

const POOL_SIZE = 10
const CONNECT_TIMEOUT_S = 3
/** The server ends a query that takes longer, and this client stops waiting a little later. */
const STATEMENT_TIMEOUT_MS = 8_000
const DEADLINE_MS = 10_000
/** No request here has a body; later ones are small. */
const MAX_BODY_BYTES = 1024 * 1024

/** Starts the API. The read store need not be there yet. Rejects when the port is taken. */
export async function serveBun(options: ServeOptions): Promise<BunServer> {
  const { readUrl, sourceUrl, jwtSecret, port, host, log } = options
  const store = options.cache ? new UpstashStore(options.cache) : new MemoryStore()
  const pool = openPool(readUrl)
  const app = createApp({
    withDb: pooled(pool),
    cache: new AnswerCache({ store, log, isUnavailable }),
    verifyToken: sharedSecretVerifier(jwtSecret, Date.now),
    cursorSecret: jwtSecret,
    ...(sourceUrl && { sourceUrl: () => sourceUrl }),
    log,
  })
  const server = Bun.serve({
    port,
    hostname: host,
    fetch: (request) => app.fetch(request),
    maxRequestBodySize: MAX_BODY_BYTES,
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    floors: store,
    async stop() {
      await server.stop()
      // All requests are answered, so nothing is cut off. The driver would wait for ever for a
      // connection that was once lost during a query.
      await pool.end({ timeout: 1 })
    },
  }
}

function openPool(url: string): ReadSql {
  return postgres(url, {
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
}

/** A server that accepts and never answers is caught here: it can't time out its own statements. */
function pooled(pool: ReadSql): WithDb {
  return async function withPool(_request, work) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new StoreUnavailable('no answer in time')), DEADLINE_MS)
    })
    try {
      return await Promise.race([work(pool), deadline])
    } finally {
      clearTimeout(timer)
    }
  }
}
