/**
 * Memory under load: the API on Bun and on workerd, each with its connections always busy for ten minutes,
 * with hits, misses, what is never cached and what is refused. Whether its memory is flat is told by the slope
 * of its resident size, after a third of the time in which it settles.
 */
import { type RuntimeProcess, startRuntime } from '../dev/runtimes.ts'
import { apiSettings, ownersHeaders } from './support/api.ts'
import { drive } from './support/drive.ts'
import { makeHistory } from './support/history.ts'
import { megabytes } from './support/process.ts'
import { openRedis } from './support/redis.ts'
import { type Figure, limit } from './support/report.ts'
import { customerId } from './support/workload.ts'

const ON = ['bun', 'workerd'] as const
const MINUTES = Number(process.env.BENCH_MINUTES ?? 10)
const SAMPLE_MS = 1_000
/** In ten minutes: less than what a garbage collector may be late by. */
const MOST_GROWTH_MB = 10
const CUSTOMERS = 2_000

interface Sample {
  minutes: number
  megabytes: number
}

export async function run(say: (line: string) => void): Promise<Figure[]> {
  const history = await makeHistory(say)
  const redis = await openRedis()
  try {
    const env = { ...(await apiSettings(history.readUrl)), ...redis.env }
    const apis = await Promise.all(ON.map((runtime) => startRuntime(runtime, { env })))
    try {
      say(`load for ${MINUTES} minutes …`)
      const headers = await ownersHeaders()
      return await Promise.all(
        apis.map(async (api, at) => {
          const [samples, slice] = await Promise.all([sample(api), load(api, headers)])
          const { slope, from, to } = trend(samples.slice(samples.length / 3))
          say(
            `${ON[at]}: ${slice.perSecond.toFixed(0)} requests/s, ${slice.unexpected} of ${slice.times.length} without an answer; ${from.toFixed(0)} MB, then ${to.toFixed(0)} MB: ${slope * 10 <= MOST_GROWTH_MB ? 'flat' : 'it grows'}`,
          )
          const name = `memory under load, growth in 10 min, ${ON[at]}`
          return limit(name, slope * 10, 'MB', MOST_GROWTH_MB)
        }),
      )
    } finally {
      await Promise.all(apis.map((api) => api.stop()))
    }
  } finally {
    await redis.stop()
    await history.stop()
  }
}

/** Of ten requests three are hits mostly, three misses mostly; of the rest one is never cached, and one refused. */
function load(api: RuntimeProcess, headers: Record<string, string>) {
  const request = (n: number) => {
    const id = customerId(1 + ((n * 7919) % CUSTOMERS))
    const customer = `${api.url}/customers/${id}`
    if (n % 10 < 3) return { url: `${customer}/purchase-summary`, headers }
    if (n % 10 < 6) return { url: `${customer}/purchases?limit=${1 + (n % 100)}`, headers }
    if (n % 10 < 8) return { url: `${customer}/purchases?fromDate=2026-01-02&limit=5`, headers }
    if (n % 10 < 9) return { url: `${api.url}/customers?query=customer%20${n % 1000}`, headers }
    return { url: `${customer}/purchases?limit=0`, headers }
  }
  const expects = ({ status }: Response) => status === 200 || status === 400
  return drive({ request, expects, pid: api.pid }, MINUTES * 60_000)
}

async function sample({ pid }: RuntimeProcess): Promise<Sample[]> {
  const samples: Sample[] = []
  const started = performance.now()
  for (let at = 0; at < MINUTES * 60_000; at = performance.now() - started) {
    samples.push({ minutes: at / 60_000, megabytes: await megabytes(pid, 'VmRSS') })
    await Bun.sleep(SAMPLE_MS)
  }
  return samples
}

/** The line of least squares: megabytes a minute, and where it starts and ends. */
function trend(samples: readonly Sample[]): { slope: number; from: number; to: number } {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(samples.map(({ minutes }) => minutes))
  const y = mean(samples.map((one) => one.megabytes))
  const slope =
    mean(samples.map((one) => (one.minutes - x) * (one.megabytes - y))) /
    mean(samples.map((one) => (one.minutes - x) ** 2))
  const on = (minutes: number) => y + slope * (minutes - x)
  return { slope, from: on(samples[0]!.minutes), to: on(samples.at(-1)!.minutes) }
}
