/**
 * The API as a process on each of its runtimes, from this clone: for `npm run dev:…`, for the contract
 * suite, and for benches. Deno and workerd come from npm, so nothing has to be installed.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../cli/stack/port.ts'
import { bundleOptions, WORKER } from './bundle.ts'
import { workerdConfig } from './workerd-config.ts'

const ROOT = new URL('..', import.meta.url).pathname
const BIN = join(ROOT, 'node_modules/.bin')

const STOP_WITHIN_MS = 3_000

export const RUNTIMES = ['bun', 'deno', 'workerd'] as const
export type Runtime = (typeof RUNTIMES)[number]

interface StartOptions {
  /** The API's variables, as docs/ARCHITECTURE.md lists them. Our own environment's are not passed. */
  env: Readonly<Record<string, string>>
  /** Another program than the API: a module that serves as a Worker's does. */
  entry?: string
  /** On workerd: a directory of files that are answered as wrangler.toml's `[assets]` has it. */
  assets?: string
  /** Default: a free one. */
  port?: number
  host?: string
  /** Start anew whenever a source file changes. */
  watch?: boolean
  /** Where its log goes: to us (`log`), or to our own stderr. Default: to us. */
  output?: 'collect' | 'inherit'
}

export interface RuntimeProcess {
  url: string
  pid: number
  /** What it has logged so far, when that is collected. */
  log(): string
  /** Resolves to the exit code. */
  exited: Promise<number>
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>
}

/** What runs, and what is to be tidied up behind it. */
interface Launch {
  argv: string[]
  env: Readonly<Record<string, string>>
  dispose?(): void
}

interface LaunchOptions {
  port: number
  host: string
  watch: boolean
  entry: string | undefined
  assets: string | undefined
}

/** Where the runtime's program is; null when its package is not installed for this platform. */
export function programOf(runtime: Runtime): string | null {
  return Bun.which(runtime, { PATH: BIN })
}

/**
 * Resolves when it listens, whether or not it can answer well.
 * @throws Error with what it logged, when it ends before that
 */
export async function startRuntime(
  runtime: Runtime,
  options: StartOptions,
): Promise<RuntimeProcess> {
  const { host = '127.0.0.1', watch = false, output = 'collect' } = options
  const port = options.port ?? (await freePort())
  const launch = { port, host, watch, entry: options.entry, assets: options.assets }
  const { argv, env, dispose } = await LAUNCHES[runtime](options.env, launch)
  const child = Bun.spawn(argv, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdin: 'ignore',
    stdout: output === 'inherit' ? 'inherit' : 'ignore',
    stderr: output === 'inherit' ? 'inherit' : 'pipe',
  })
  const kill = () => child.kill('SIGKILL')
  const abandon = () => {
    kill()
    dispose?.()
  }
  process.once('exit', abandon)
  let log = ''
  const collected = child.stderr ? collect(child.stderr, (text) => (log += text)) : undefined
  const exited = child.exited.then(async (code) => {
    process.off('exit', abandon)
    dispose?.()
    await collected
    return code
  })
  const started: RuntimeProcess = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    pid: child.pid,
    log: () => log,
    exited,
    async stop() {
      child.kill()
      // A watcher outlives what it watches.
      const timer = setTimeout(kill, STOP_WITHIN_MS)
      await exited
      clearTimeout(timer)
    },
  }
  await listening(started)
  return started
}

type Launcher = (env: StartOptions['env'], options: LaunchOptions) => Promise<Launch>

const LAUNCHES: Record<Runtime, Launcher> = {
  async bun(env, { port, host, watch, entry }) {
    const api = ['cli/pt.ts', 'api', '--port', String(port), '--host', host]
    const program = entry === undefined ? api : [entry]
    const argv = [programOf('bun')!, ...(watch ? ['--watch'] : []), ...program]
    return { argv, env: { ...env, PT_PORT: String(port), PT_HOST: host } }
  },

  async deno(env, { port, host, watch, entry = 'src/entry/deno.ts' }) {
    const rights = ['--no-prompt', '--allow-net', '--allow-env', `--allow-read=${ROOT}`]
    const options = [...rights, ...(watch ? ['--watch'] : [])]
    const argv = [programOf('deno')!, 'run', ...options, entry]
    const address = { PT_PORT: String(port), PT_HOST: host }
    return { argv, env: { ...env, ...address, DENO_NO_UPDATE_CHECK: '1' } }
  },

  async workerd(env, { port, host, watch, entry = WORKER.main, assets }) {
    const directory = await mkdtemp(join(tmpdir(), 'pt-worker-'))
    const { READ_DATABASE_URL: READ, SOURCE_DATABASE_URL: SOURCE, ...variables } = env
    const config = workerdConfig({
      module: 'worker.js',
      address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      databases: { ...(READ && { READ }), ...(SOURCE && { SOURCE }) },
      variables: Object.keys(variables),
      ...(assets && { assets: { door: 'door.js', directory: assets } }),
    })
    const file = join(directory, 'config.capnp')
    await writeFile(file, config, { mode: 0o600 })
    const esbuild = await import('esbuild')
    const bundle = await esbuild.context(bundleOptions(entry, join(directory, 'worker.js')))
    await bundle.rebuild()
    if (assets) await esbuild.build(bundleOptions('dev/asset-door.ts', join(directory, 'door.js')))
    // workerd watches the files of its configuration, and the bundle is one of them.
    if (watch) await bundle.watch()
    else await bundle.dispose()
    const argv = [programOf('workerd')!, 'serve', ...(watch ? ['--watch'] : []), file]
    return {
      argv,
      env: variables,
      dispose() {
        void bundle.dispose()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  },
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
  const decoder = new TextDecoder()
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }))
}

async function listening({ url, exited, log }: RuntimeProcess): Promise<void> {
  let code: number | undefined
  exited.then((given) => {
    code = given
  })
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))) {
    if (code !== undefined) throw new Error(`ended with ${code}: ${log()}`)
    await Bun.sleep(20)
  }
}
