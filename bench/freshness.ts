/**
 * Freshness: from the return of a sale's commit until its receipt can be read through the API, while tills
 * ring up 300 sales of 4 lines a second. Projector and API run in one process, as `npm start` has them;
 * the tills are a process of their own. Every fiftieth sale is asked for, each millisecond, until it is there:
 * more of it would measure the asking.
 */
import { startProjector } from '../projector/index.ts'
import { ownersHeaders, serveApi } from './support/api.ts'
import { createModels, startServer } from './support/cluster.ts'
import { type Figure, limit, percentile } from './support/report.ts'
import { openChain, ringUp } from './support/workload.ts'

const SALES = Number(process.env.BENCH_SALES ?? 20_000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 30)
const SALES_A_SECOND = 300
const ASKED_EVERY = 50
const TARGET_MS = 50

/** What the tills' process says of a sale that is to be asked for. */
export interface Rung {
  saleId: string
  customerId: string
  /** Milliseconds since 1970, with fractions: when its commit had returned. */
  committedAt: number
}

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const server = await startServer()
  try {
    await createModels(server, 'source', 'read')
    const source = server.connect('source')
    await openChain(source)
    say(`ringing up ${SALES} sales …`)
    await ringUp(source, 1, SALES)
    const urls = { sourceUrl: server.cluster.url('source'), readUrl: server.cluster.url('read') }
    const api = await serveApi(urls.readUrl)
    const projector = startProjector({ ...urls, floors: api.floors })
    await projector.live
    const headers = await ownersHeaders()
    const waits: Promise<number>[] = []
    const tills = Bun.spawn({
      cmd: [process.execPath, new URL('./support/tills.ts', import.meta.url).pathname],
      env: {
        ...process.env,
        TILLS_URL: urls.sourceUrl,
        TILLS_RATE: String(SALES_A_SECOND),
        TILLS_SECONDS: String(SECONDS),
        TILLS_TOLD: String(ASKED_EVERY),
      },
      stdout: 'inherit',
      stderr: 'inherit',
      ipc: (rung: Rung) => waits.push(untilReadable(api.url, headers, rung)),
    })
    if ((await tills.exited) !== 0) throw new Error('the tills failed')
    const ms = (await Promise.all(waits)).sort((a, b) => a - b)
    await projector.stop()
    await api.stop()
    say(
      `${ms.length} of ${SECONDS * SALES_A_SECOND} sales asked for: p50 ${percentile(ms, 50).toFixed(1)} ms, p95 ${percentile(ms, 95).toFixed(1)} ms, longest ${ms.at(-1)!.toFixed(1)} ms`,
    )
    return [
      limit(`freshness p99, at ${SALES_A_SECOND} sales/s`, percentile(ms, 99), 'ms', TARGET_MS),
    ]
  } finally {
    await server.stop()
  }
}

async function untilReadable(
  api: string,
  headers: Record<string, string>,
  { saleId, customerId, committedAt }: Rung,
): Promise<number> {
  for (;;) {
    const response = await fetch(`${api}/customers/${customerId}/purchases/${saleId}`, { headers })
    await response.arrayBuffer()
    if (response.ok) return performance.timeOrigin + performance.now() - committedAt
    if (response.status !== 404) throw new Error(`the API answered ${response.status}`)
    await Bun.sleep(1)
  }
}
