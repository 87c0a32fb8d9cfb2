/**
 * `npm run measure:reliability [-- --seconds 4 --only killed]`: what clients of the API see while a part that it stands on
 * is away, as the table of docs/RELIABILITY.md. API, gateway, projector, Redis and Postgres are processes.
 */
import { parseArgs } from 'node:util'
import { freePort } from '../../cli/stack/port.ts'
import { startRedis } from '../cache/redis-server.ts'
import { FloorServer } from '../faults/floor-server.ts'
import { ProjectorHandle } from '../faults/projector-handle.ts'
import { SECRET, tokenFor } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { TcpProxy } from '../projector/support/tcp-proxy.ts'
import { BUSINESS, openShop, put, ringUp } from '../projector/support/till.ts'
import { stopTestCluster } from '../support/postgres.ts'
import { type PtProcess, startPt, temporaryDirectory, until } from '../support/pt.ts'
import { Clients, type Seen } from './clients.ts'
import { type Parts, SCENARIOS } from './scenarios.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, only: { type: 'string', default: '' } },
})
const STRUCK_MS = Number(values.seconds) * 1_000
const CALM_MS = 3_000
const CUSTOMERS = 12
const SALES = 4

const on = await Projection.open()
await openShop(on.source)
const paths: string[] = []
const customers: string[] = []
for (let n = 0; n < CUSTOMERS; n += 1) {
  const customer_id = await put(on.source, 'customer')
  customers.push(customer_id)
  const base = `/customers/${customer_id}`
  for (let m = 0; m < SALES; m += 1)
    paths.push(`${base}/purchases/${await ringUp(on.source, { customer_id }, 2)}`)
  for (let m = 0; m < SALES; m += 1) paths.push(`${base}/purchase-summary`, `${base}/purchases`)
}
const { proxy: readProxy, url: readUrl } = await TcpProxy.before(on.readUrl)
const redis = await startRedis(await freePort())
const { proxy: redisProxy, url: redisUrl } = await TcpProxy.before(redis.url)
const data = await temporaryDirectory()
const token = 'token-of-the-measurement'
const gateway = await listening(['gateway', '--redis', redisUrl], 'url', {
  UPSTASH_REDIS_REST_TOKEN: token,
})
const cache = { url: gateway.url, token }
const floors = new FloorServer()
const { sourceUrl, slotName } = on
const projector = new ProjectorHandle({
  ...{ sourceUrl, slotName, cache },
  ...{ readUrl: on.readUrl, floorsUrl: floors.url },
})
await projector.reaches('live')
const api = await listening(['api'], 'apiUrl', {
  SOURCE_DATABASE_URL: sourceUrl,
  READ_DATABASE_URL: readUrl,
  PT_JWT_SECRET: SECRET,
  PT_RATE_LIMITS: 'off',
  UPSTASH_REDIS_REST_URL: gateway.url,
  UPSTASH_REDIS_REST_TOKEN: token,
})
await on.caughtUp()

const next = () => paths[Math.floor(Math.random() * paths.length)]!
const clients = new Clients(api.url, await tokenFor({ business: BUSINESS }), next)
let selling = true
const till = (async () => {
  for (let n = 0; selling; n += 1) {
    await ringUp(on.source, { customer_id: customers[n % CUSTOMERS]! })
    await Bun.sleep(200)
  }
})()

const parts: Parts = { redis, redisProxy, readProxy, projector }
console.log(
  '| what happens | answers | 200 | of these stale | 503 | none | p50 ms | p99 ms | longest ms | from the cache | whole again after |',
)
console.log('| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |')
for (const { name, strike, mend } of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
  await Bun.sleep(CALM_MS)
  await strike(parts)
  clients.take()
  await Bun.sleep(STRUCK_MS)
  const mended = performance.now()
  await mend(parts)
  await Bun.sleep(CALM_MS)
  console.log(row(name, clients.take(), mended))
}

selling = false
await till
await clients.stop()
for (const { process } of [api, gateway]) {
  process.signal('SIGTERM')
  await process.finished
}
await projector.kill()
await redis.stop()
for (const proxy of [readProxy, redisProxy]) proxy.close()
floors.close()
await on.close()
await data.remove()
await stopTestCluster()
process.exit()

/** A `pt` command that listens: its process, and the address that it prints. */
async function listening(
  args: string[],
  key: 'url' | 'apiUrl',
  env: Record<string, string>,
): Promise<{ process: PtProcess; url: string }> {
  const port = String(await freePort())
  const process = startPt([...args, '--port', port, '--data', data.path, '--json'], env)
  const printed = await until(() => process.output.stdout || undefined, args.join(' '))
  return { process, url: JSON.parse(printed)[key] }
}

/** Of what was asked for before it was mended; and when all that came later was whole. */
function row(name: string, seen: Seen[], mended: number): string {
  const during = seen.filter(({ at, ms }) => at - ms < mended)
  const after = seen.filter(({ at }) => at >= mended)
  const times = during.map(({ ms }) => ms).sort((a, b) => a - b)
  const quantile = (q: number) => (times[Math.floor((times.length - 1) * q)] ?? 0).toFixed(1)
  const count = (holds: (seen: Seen) => boolean) => during.filter(holds).length
  const isWhole = ({ status, stale }: Seen) => status === 200 && !stale
  const lastBroken = after.findLast((seen) => !isWhole(seen))
  const hits = after.find((seen) => seen.hit && isWhole(seen) && seen.at > (lastBroken?.at ?? 0))
  const cells = [
    name,
    during.length,
    count(({ status }) => status === 200),
    count(({ stale }) => stale),
    count(({ status }) => status === 503),
    count(({ status }) => status === 0),
    ...[quantile(0.5), quantile(0.99), quantile(1)],
    `${Math.round((100 * count(({ hit, stale }) => hit && !stale)) / Math.max(1, during.length))} %`,
    hits ? `${Math.max(0, Math.round(hits.at - mended))} ms` : 'not within 3 s',
  ]
  return `| ${cells.join(' | ')} |`
}
