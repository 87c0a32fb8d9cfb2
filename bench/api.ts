/**
 * The API as its clients have it: a process over HTTP, on Bun and on workerd. Answers from the cache beside a
 * bare route that makes the same round trip to the same Redis; answers without cache beside the original
 * system's live queries, on the same runtime. Slices of ours and the peer's in turn.
 */
import { type RuntimeProcess, startRuntime } from '../dev/runtimes.ts'
import { apiSettings, ownersHeaders } from './support/api.ts'
import { described, drive, type Load, type Slice } from './support/drive.ts'
import { FEW, type History, MANY, makeHistory } from './support/history.ts'
import { type OpenRedis, openRedis } from './support/redis.ts'
import { type Figure, figure, median } from './support/report.ts'
import { customerId } from './support/workload.ts'

const PEER = 'bench/support/peer.ts'
const ON = ['bun', 'workerd'] as const
const SLICES = Number(process.env.BENCH_SLICES ?? 5)
/** Of the pairs only those whose name has this. */
const ONLY = process.env.BENCH_ONLY ?? ''
const SLICE_MS = Number(process.env.BENCH_SLICE_MS ?? 2_000)
/** A busy machine's Redis misses its time limit now and then, which is a miss of the cache: 5 %. */
const MOST_UNEXPECTED = 20
const TRIES = 5
/** Asked about in turn, so that no one key is hot. */
const ASKED = Array.from({ length: 200 }, (_, n) => customerId(2 + n * 37))

interface Pair {
  name: string
  ours: Load
  peer: Load
  target: number
}

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const history = await makeHistory(say)
  try {
    const redis = await openRedis()
    try {
      const figures: Figure[] = []
      for (const runtime of ON) figures.push(...(await onRuntime(runtime, history, redis, say)))
      return figures
    } finally {
      await redis.stop()
    }
  } finally {
    await history.stop()
  }
}

async function onRuntime(
  runtime: (typeof ON)[number],
  { sourceUrl, readUrl }: History,
  redis: OpenRedis,
  say: (line: string) => void,
): Promise<Figure[]> {
  const database = await apiSettings(readUrl)
  const peerEnv = { SOURCE_DATABASE_URL: sourceUrl, ...redis.env }
  const processes = await Promise.all([
    startRuntime(runtime, { env: { ...database, ...redis.env } }),
    startRuntime(runtime, { env: database }),
    startRuntime(runtime, { env: peerEnv, entry: PEER }),
  ])
  const [cached, uncached, peer] = processes
  try {
    const headers = await ownersHeaders()
    const list = await fetch(`${uncached.url}/customers/${MANY}/purchases`, { headers })
    const { data } = (await list.json()) as { data: { id: string }[] }
    const pairs = [
      ...cachedPairs(cached, peer, redis, headers),
      ...uncachedPairs(uncached, peer, headers, data[0]!.id),
    ].filter(({ name }) => name.includes(ONLY))
    const figures: Figure[] = []
    for (const { name, ours, peer, target } of pairs) {
      const slices = await inTurn(ours, peer)
      say(`${runtime}, ${name}: ${described(slices.ours)}; peer ${described(slices.peer)}`)
      const [rate, peers] = [slices.ours, slices.peer].map((all) =>
        median(all.map(({ perSecond }) => perSecond)),
      ) as [number, number]
      figures.push(figure(`${name}, ${runtime}`, rate, peers, 'requests/s', target))
    }
    return figures
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
  }
}

/** Every entry is there before, and stays fresh for longer than all slices of its pair take. */
function cachedPairs(
  api: RuntimeProcess,
  peer: RuntimeProcess,
  redis: OpenRedis,
  headers: Record<string, string>,
): Pair[] {
  const pairs: Pair[] = []
  for (const name of ['purchase-summary', 'purchases']) {
    const path = (id: string) => `${api.url}/customers/${id}/${name}`
    pairs.push({
      name: `${name === 'purchases' ? 'list' : 'summary'} from the cache`,
      ours: {
        pid: api.pid,
        request: (n) => ({ url: path(ASKED[n % ASKED.length]!), headers }),
        expects: isHit,
        before: () => warm(ASKED.map(path), headers),
      },
      peer: {
        pid: peer.pid,
        request: (n) => ({
          url: `${peer.url}/bare/bare:${name}:${ASKED[n % ASKED.length]!}`,
          headers,
        }),
        expects: isOk,
        async before() {
          for (const id of ASKED) {
            const body = await (await fetch(path(id), { headers })).text()
            await redis.client.set(`bare:${name}:${id}`, body)
          }
        },
      },
      target: 0.9,
    })
  }
  return pairs
}

function uncachedPairs(
  api: RuntimeProcess,
  peer: RuntimeProcess,
  headers: Record<string, string>,
  receipt: string,
): Pair[] {
  const paths = {
    'summary, 13,000 purchases': `/customers/${MANY}/purchase-summary`,
    'list, 13,000 purchases': `/customers/${MANY}/purchases`,
    'summary, about 10 purchases': `/customers/${FEW}/purchase-summary`,
    'list, about 10 purchases': `/customers/${FEW}/purchases`,
    receipt: `/customers/${MANY}/purchases/${receipt}`,
  }
  return Object.entries(paths).map(([name, path]) => ({
    name: `${name}, without cache`,
    ours: { pid: api.pid, request: () => ({ url: api.url + path, headers }), expects: isOk },
    peer: { pid: peer.pid, request: () => ({ url: peer.url + path }), expects: isOk },
    target: 5,
  }))
}

const isOk = (response: Response) => response.ok
const isHit = (response: Response) =>
  response.headers.get('Cache-Status')?.endsWith('; hit') === true

/** Asks until the cache has all of them. */
async function warm(urls: readonly string[], headers: Record<string, string>): Promise<void> {
  for (const url of urls) {
    for (;;) {
      const response = await fetch(url, { headers })
      await response.arrayBuffer()
      if (isHit(response)) break
    }
  }
}

/** Slices of both in turn, so that a noisy moment hits both; the first of each is not counted. */
async function inTurn(ours: Load, peer: Load): Promise<{ ours: Slice[]; peer: Slice[] }> {
  const slices = { ours: [] as Slice[], peer: [] as Slice[] }
  for (let turn = 0; turn <= SLICES; turn++) {
    for (const [who, load] of Object.entries({ ours, peer }) as ['ours' | 'peer', Load][]) {
      const slice = await trySlice(load, turn === 0 ? SLICE_MS / 2 : SLICE_MS)
      if (turn > 0) slices[who].push(slice)
    }
  }
  return slices
}

/** A slice of what the load is about; one that is not is taken again. */
async function trySlice(load: Load, ms: number): Promise<Slice> {
  for (let left = TRIES; ; left--) {
    await load.before?.()
    const slice = await drive(load, ms)
    if (slice.unexpected <= slice.times.length / MOST_UNEXPECTED) return slice
    if (left === 0)
      throw new Error(`${slice.unexpected} of ${slice.times.length} answers are other ones`)
  }
}
