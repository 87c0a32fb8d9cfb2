/**
 * The whole of it in one process: PostgreSQL, both databases migrated, the API with the staff app, the
 * projector.
 * Started in this order, and stopped in the opposite one.
 */
import { join } from 'node:path'
import postgres from 'postgres'
import type { ProjectorOptions, RunningProjector } from '../../projector/index.ts'
import type { ProjectorMetrics } from '../../projector/metrics.ts'
import type { HttpOptions } from '../../src/http/deps.ts'
import { CliError } from '../command.ts'
import { environmentCache, environmentConnections, environmentHttp } from '../connections.ts'
import { unreachable } from '../database-errors.ts'
import { migrateDatabase } from '../migrate/migrate-database.ts'
import { ensureJwtSecret, ensureSecretFile, tokenSettings } from '../token/secret.ts'
import { ensureApiLogin, warnUnlessBound } from './api-login.ts'
import { Cluster } from './cluster.ts'
import type { DataDirectory } from './data-directory.ts'
import { ensureDemoData } from './demo-data.ts'
import { demoSignIn, isLoopback } from './demo-sign-in.ts'
import { type FileLog, rotate } from './file-log.ts'
import { keepRunning } from './keep-running.ts'
import { portError } from './port.ts'
import { openStaffApp } from './staff-app.ts'

/** For a machine of two cores with some other work to do. */
const SETTINGS = {
  wal_level: 'logical',
  max_connections: 100,
  max_replication_slots: 10,
  max_wal_senders: 10,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
}

/** A part that does not stop in this time is left behind, and the next one is stopped. */
const STOP_WITHIN_MS = 15_000

export interface StackOptions {
  data: DataDirectory
  host: string
  port: number
  /** Make demo data if the source is empty and the databases are our own. */
  demo: boolean
  log: FileLog
  /** Told what happens, one line a step, for the user to read. */
  say(line: string): void
  /** Gives up starting. */
  signal: AbortSignal
}

export class Stack {
  readonly #stops: { name: string; stop: () => unknown }[] = []
  readonly #stopping = new AbortController()
  #metrics: ProjectorMetrics | undefined
  apiUrl = ''
  sourceUrl = ''
  readUrl = ''
  /** Whether the API's address also has the staff app, and there a sign-in without a password. */
  servesStaffApp = false
  servesDemoSignIn = false
  /** What the projector does at this moment. */
  projectorState: () => string = () => 'starting'
  /** Rejects with the reason when a part gives up; never resolves. */
  failed: Promise<never> = new Promise(() => {})

  /**
   * Resolves when the API listens; the projector may still be catching up.
   * @throws CliError for what the user can mend; what was started is stopped again
   */
  static async start(options: StackOptions): Promise<Stack> {
    const stack = new Stack()
    try {
      await stack.#start(options)
      return stack
    } catch (error) {
      await stack.stop()
      throw error
    }
  }

  /** Resolves when all of it has ended. What was committed before is durable. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const { name, stop } of this.#stops.splice(0).reverse()) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(resolve, STOP_WITHIN_MS, `${name} does not stop; leaving it behind`)
      })
      const complaint = await Promise.race([stop(), late])
      clearTimeout(timer)
      if (typeof complaint === 'string') console.error(complaint)
    }
  }

  async #start({ data, host, port, demo, log, say, signal }: StackOptions): Promise<void> {
    const given = environmentConnections()
    const cache = environmentCache() ?? 'in-process'
    const { sourceUrl, readUrl } = given ?? (await this.#startCluster(data, log, say))
    Object.assign(this, { sourceUrl, readUrl })
    signal.throwIfAborted()
    for (const [model, url] of [
      ['source', sourceUrl],
      ['read', readUrl],
    ] as const) {
      const { applied, current } = await migrateDatabase(url, model)
      if (applied.length > 0) say(`Migrated the ${model} database to ${current}`)
    }
    signal.throwIfAborted()
    if (demo && !given) await ensureDemoData(sourceUrl, say, signal)
    signal.throwIfAborted()

    const apiReadUrl = given
      ? process.env.READ_API_DATABASE_URL || readUrl
      : await ensureApiLogin(readUrl, await ensureSecretFile(data.file('api.password')))
    if (given) await warnUnlessBound(apiReadUrl, log.for('api'))
    const { serveBun } = await import('../../src/entry/bun.ts')
    const tokens = await tokenSettings(() => ensureJwtSecret(data.path))
    const staffApp = await openStaffApp(say).catch((error: Error) => {
      say(`The staff app is not served, the API is: ${error.message}`)
    })
    // Where others may come from, or other databases may be, nobody chooses who she is.
    const { PT_JWT_SECRET: jwtSecret } = tokens
    const canChoose = !given && isLoopback(host) && jwtSecret
    const signIn = canChoose ? demoSignIn({ sourceUrl, jwtSecret }) : undefined
    this.servesStaffApp = staffApp !== undefined
    this.servesDemoSignIn = signIn !== undefined
    const api = await serveBun({
      readUrl: apiReadUrl,
      sourceUrl,
      tokens,
      before: (request) => signIn?.(request) ?? staffApp?.answer(request),
      ...(staffApp && { page: staffApp.page }),
      cache,
      port,
      host,
      log: log.for('api'),
      http: this.#httpOptions(host),
    }).catch((error) => {
      throw portError(host, port, error)
    })
    this.#stops.push({ name: 'The API', stop: () => api.stop() })
    this.apiUrl = api.url
    await this.#startProjector({ sourceUrl, readUrl, floors: api.floors }, log, say)
    await data.publish({ apiUrl: api.url, sourceUrl, readUrl, apiReadUrl, pid: process.pid })
    this.#stops.push({ name: 'stack.json', stop: () => data.unpublish() })
  }

  /** Whoever has this machine may read the metrics, unless they were given a token. */
  #httpOptions(host: string): HttpOptions {
    const isLoopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)
    return {
      ...(isLoopback && { metrics: 'open' }),
      ...environmentHttp(),
      moreMetrics: async () => (await this.#metrics?.text()) ?? '',
    }
  }

  /** What an older version of the projection has made answers on, until it is built anew. */
  async #startProjector(options: ProjectorOptions, files: FileLog, say: (line: string) => void) {
    const { startProjector } = await import('../../projector/index.ts')
    const { isOutdated, rebuild } = await import('../../projector/rebuild.ts')
    const log = files.for('projector')
    const { signal } = this.#stopping
    let projector: RunningProjector | undefined
    const follow = async () => {
      projector = startProjector({ ...options, log })
      const { ProjectorMetrics } = await import('../../projector/metrics.ts')
      this.#metrics = new ProjectorMetrics({ projector, ...options })
      await projector.finished
    }
    const renew = async () => {
      say(
        'The projection has changed since: the read model is built anew, and answers as of its last change',
      )
      const { sourceUrl, readUrl } = options
      const { switched } = await rebuild({ sourceUrl, readUrl, log, signal })
      if (!switched) throw new Error('the read model built anew does not equal the source')
      say('The read model is built anew')
    }
    this.projectorState = () => projector?.status().state ?? 'rebuilding'
    const running = ((await isOutdated(options.readUrl)) ? renew().then(follow) : follow()).catch(
      (error) => {
        if (!signal.aborted) throw error
      },
    )
    this.#stops.push({
      name: 'The projector',
      stop: async () => {
        await projector?.stop()
        await running.catch(() => {})
        await this.#metrics?.close()
      },
    })
    this.#watch('The projector gave up', running)
  }

  async #startCluster(data: DataDirectory, log: FileLog, say: (line: string) => void) {
    const logFile = data.file('postgres.log')
    rotate(logFile)
    const cluster = new Cluster({
      directory: join(data.path, 'postgres'),
      logFile,
      password: await ensureSecretFile(data.file('postgres.password')),
      settings: SETTINGS,
    })
    const stopSoon = () => cluster.stopSoon()
    process.once('exit', stopSoon)
    this.#stops.push({ name: 'PostgreSQL', stop: () => cluster.stop() })
    await cluster.start()
    const running = keepRunning(cluster, log.for('postgres'), this.#stopping.signal)
    this.#watch('PostgreSQL gave up', running)
    this.#stops.push({
      name: 'PostgreSQL',
      async stop() {
        await cluster.stop()
        // It may have died a moment ago, and be starting again: stop that one as well, below.
        await running.catch(() => {})
      },
    })
    await cluster.createDatabase('source')
    await cluster.createDatabase('read')
    say(`PostgreSQL 18 runs in ${data.file('postgres')}, on 127.0.0.1:${cluster.port}`)
    return { sourceUrl: cluster.url('source'), readUrl: cluster.url('read') }
  }

  #watch(what: string, end: Promise<unknown>): void {
    const failure = new Promise<never>((_, reject) => {
      end.catch((cause: Error) => reject(new CliError(`${what}: ${cause.message}`, 1, { cause })))
    })
    const earlier = this.failed
    this.failed = Promise.race([earlier, failure])
    // Whoever waits for `failed` is told; before anybody does, it is no unhandled rejection.
    this.failed.catch(() => {})
  }
}

/** The names of the businesses in the source. */
export async function businessNames(sourceUrl: string): Promise<string[]> {
  const sql = postgres(sourceUrl, { max: 1, onnotice() {} })
  try {
    const rows = await sql<{ name: string }[]>`select name from business order by name`
    return rows.map(({ name }) => name)
  } catch (error) {
    throw unreachable(sourceUrl, error)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
