/**
 * The API on Cloudflare workerd. The app, and in it the verifier of tokens, lives as long as its
 * isolate; a client of the read store as long as its request.
 */
import type { ExecutionContext } from 'hono'
import { createApp } from '../http/app.ts'
import type { AppContext } from '../http/deps.ts'
import { Problem } from '../http/problem.ts'
import { jsonLog } from '../log.ts'
import type { RequestScope } from '../read/store.ts'
import { assemble, openStore } from './assemble.ts'
import { clientPerRequest } from './read-clients.ts'
import { readSettings, SettingsError } from './settings.ts'

/** Bindings, vars and secrets: see wrangler.toml. */
interface WorkerEnv {
  READ?: Hyperdrive
  /** For commands; without it the API only reads. */
  SOURCE?: Hyperdrive
  /** The staff app's files. */
  ASSETS?: { fetch(address: URL): Promise<Response> }
  [name: string]: unknown
}

interface Hyperdrive {
  connectionString: string
}

const log = jsonLog('api')
let app: ReturnType<typeof makeApp> | undefined

export default {
  async fetch(request: Request, env: WorkerEnv, context: ExecutionContext): Promise<Response> {
    try {
      app ??= makeApp(env)
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      log.error('the Worker is not set up', { reason: error.message })
      return new Problem('not-set-up').toResponse()
    }
    return app.fetch(request, env, context)
  },
}

function makeApp(env: WorkerEnv) {
  readUrl(env)
  const settings = readSettings(env)
  const parts = {
    withDb: clientPerRequest(readUrl),
    sourceUrl: ({ env }: RequestScope) => (env as WorkerEnv).SOURCE?.connectionString ?? null,
    store: openStore(settings.cache),
    log,
    clientAddress,
    page: async (c: AppContext) =>
      (c.env as WorkerEnv).ASSETS?.fetch(new URL('/index.html', c.req.url)),
    singleFlight: false,
  }
  return createApp(assemble(settings, parts))
}

/** Cloudflare sets the header, whatever the client sent; without its `cf` nobody has. */
function clientAddress(c: AppContext): string | null {
  return 'cf' in c.req.raw && c.req.raw.cf ? (c.req.header('CF-Connecting-IP') ?? null) : null
}

function readUrl(env: unknown): string {
  const { READ: hyperdrive } = env as WorkerEnv
  if (hyperdrive) return hyperdrive.connectionString
  throw new SettingsError('the Hyperdrive binding READ is missing')
}
