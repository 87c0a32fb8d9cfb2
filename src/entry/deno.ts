/** The API on Deno: a pool of connections in one process. `deno run -NE -R=. src/entry/deno.ts` */
import { createApp } from '../http/app.ts'
import type { AppContext } from '../http/deps.ts'
import { jsonLog } from '../log.ts'
import { assemble, openStore } from './assemble.ts'
import { openPool } from './read-clients.ts'
import { readDatabaseUrl, readPort, readSettings, SettingsError } from './settings.ts'

/** What comes with a request, and is its `env` here. */
interface Connection {
  remoteAddr: { hostname?: string }
}

/** The part of Deno that is used here; its own types would clash with Bun's. */
interface DenoRuntime {
  env: { toObject(): Record<string, string> }
  exit(code: number): never
  addSignalListener(signal: 'SIGINT' | 'SIGTERM', listener: () => void): void
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request, info: Connection) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> }
}
const { Deno } = globalThis as unknown as { Deno: DenoRuntime }

const DEFAULT_PORT = 8788
const log = jsonLog('api')

function start(env: Record<string, string>) {
  const pool = openPool(readDatabaseUrl(env, 'READ_DATABASE_URL'))
  const settings = readSettings(env)
  const store = openStore(settings.cache)
  const source = env.SOURCE_DATABASE_URL ? readDatabaseUrl(env, 'SOURCE_DATABASE_URL') : null
  const parts = {
    withDb: pool.withDb,
    sourceUrl: () => source,
    store,
    log,
    clientAddress: (c: AppContext) => (c.env as Connection).remoteAddr.hostname ?? null,
  }
  const deps = assemble(settings, parts)
  const app = createApp(deps)
  const hostname = env.PT_HOST || '127.0.0.1'
  const listen = {
    port: readPort(env, 'PT_PORT', DEFAULT_PORT),
    hostname,
    onListen: ({ port }: { port: number }) => log.info('listening', { hostname, port }),
  }
  const server = Deno.serve(listen, (request, info) => app.fetch(request, info))
  const stop = async () => {
    deps.changes?.close()
    await server.shutdown()
    await deps.audit.close()
    await pool.end()
    Deno.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) Deno.addSignalListener(signal, stop)
}

try {
  start(Deno.env.toObject())
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  log.error('the API is not set up', { reason: error.message })
  Deno.exit(1)
}
