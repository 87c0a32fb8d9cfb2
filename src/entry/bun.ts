/** The API on Bun: one pool of connections, one server. */
import type { FloorSink } from '../cache/floors.ts'
import { createApp } from '../http/app.ts'
import type { AppContext } from '../http/deps.ts'
import type { Log } from '../log.ts'
import { assemble, openStore } from './assemble.ts'
import { openPool } from './read-clients.ts'
import type { Settings } from './settings.ts'

export interface ServeOptions extends Settings {
  readUrl: string
  /** For commands; without it the API only reads. */
  sourceUrl?: string
  /** 0 takes a free one. */
  port: number
  host: string
  log: Log
  /** Answers before the API does: the staff app's files. Undefined leaves a request to the API. */
  before?: (request: Request) => Response | Promise<Response> | undefined
  /** The staff app's page, for whoever goes to an address that nobody has. */
  page?: (request: Request) => Response | undefined
}

export interface BunServer {
  url: string
  /** Where the projector tells what changed. For an in-process cache there is no other way. */
  floors: FloorSink
  /** Resolves when running requests are answered and all connections closed. */
  stop(): Promise<void>
}

/** What a request's `env` is here. */
interface Connection {
  address(): string | null
}

/** No request here has a body; later ones are small. */
const MAX_BODY_BYTES = 1024 * 1024

/** A connection on which nothing moves is closed after ten seconds; a stream has a word only every fifteen. */
const STREAM_IDLE_S = 60

function isEventStream({ headers }: Response): boolean {
  return headers.get('Content-Type') === 'text/event-stream'
}

/** Starts the API. The read store need not be there yet. Rejects when the port is taken. */
export async function serveBun(options: ServeOptions): Promise<BunServer> {
  const { readUrl, sourceUrl, port, host, log, before, page, ...settings } = options
  const store = openStore(settings.cache)
  const pool = openPool(readUrl)
  const parts = {
    withDb: pool.withDb,
    sourceUrl: () => sourceUrl ?? null,
    store,
    log,
    clientAddress: (c: AppContext) => (c.env as Connection).address(),
    ...(page && { page: async (c: AppContext) => page(c.req.raw) }),
  }
  const deps = assemble(settings, parts)
  const app = createApp(deps)
  const server = Bun.serve({
    port,
    hostname: host,
    async fetch(request, server) {
      // Only of who is refused is it asked for: it is not free.
      const address = () => server.requestIP(request)?.address ?? null
      const response = await (before?.(request) ?? app.fetch(request, { address }))
      if (isEventStream(response)) server.timeout(request, STREAM_IDLE_S)
      return response
    },
    maxRequestBodySize: MAX_BODY_BYTES,
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    floors: store,
    async stop() {
      deps.changes?.close()
      await server.stop()
      await deps.audit.close()
      await pool.end()
    },
  }
}
