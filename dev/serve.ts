/**
 * `npm run dev:worker`, `npm run dev:deno`: the API on another runtime, on the databases of the stack that
 * `npm start` runs in `.data`, or on those that the environment names. Starts anew when the code changes.
 * On workerd the staff app is there too, as it is the Worker's static assets on Cloudflare.
 */
import { parseArgs } from 'node:util'
import { CliError } from '../cli/command.ts'
import { environmentCache, resolveApiRead, resolveConnections } from '../cli/connections.ts'
import { assertPortFree, parsePort } from '../cli/stack/port.ts'
import { BUILT, openStaffApp } from '../cli/stack/staff-app.ts'
import { readJwtSecret } from '../cli/token/secret.ts'
import { programOf, type Runtime, startRuntime } from './runtimes.ts'

const HOST = '127.0.0.1'
/** Beside the stack's 8787 and `pt api`'s 8788. */
const PORTS = { worker: '8789', deno: '8790' } as const

async function serve(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { data: { type: 'string', default: '.data' }, port: { type: 'string' } },
    allowPositionals: true,
  })
  const [kind] = positionals
  if (kind !== 'worker' && kind !== 'deno')
    throw new CliError('usage: npm run dev:worker|dev:deno [-- --data DIR --port N]', 2)
  const runtime: Runtime = kind === 'worker' ? 'workerd' : 'deno'
  if (!programOf(runtime)) throw new CliError(`${runtime} is not installed here: run \`npm ci\``)
  const port = parsePort(values.port ?? PORTS[kind])
  await assertPortFree(HOST, port)
  const { sourceUrl } = await resolveConnections(values.data)
  const cache = environmentCache()
  const app = runtime === 'workerd'
  if (app) await openStaffApp(console.log)
  const api = await startRuntime(runtime, {
    env: {
      READ_DATABASE_URL: await resolveApiRead(values.data),
      SOURCE_DATABASE_URL: sourceUrl,
      PT_JWT_SECRET: await readJwtSecret(values.data),
      ...(cache && {
        UPSTASH_REDIS_REST_URL: cache.url,
        UPSTASH_REDIS_REST_TOKEN: cache.token,
      }),
    },
    host: HOST,
    port,
    watch: true,
    ...(app && { assets: BUILT }),
    output: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void api.stop())
  console.log(`\nThe API on ${runtime} listens on ${api.url}`)
  if (!cache) console.log('Nothing is cached: `npm start` keeps its cache to itself.')
  console.log('A token to sign in: npm run -s pt -- token --business NAME')
  if (app) console.log(`The staff app with it: ${api.url}/#access_token=TOKEN`)
  console.log()
  await api.exited
}

await serve(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof CliError ? error.message : error)
  process.exit(error instanceof CliError ? error.exitCode : 1)
})
process.exit(0)
