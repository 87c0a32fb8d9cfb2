/** Load as HTTP clients make it: so many connections, each asking again once it is answered. */
import { processorTime } from './process.ts'
import { percentile } from './report.ts'

export interface Load {
  /** The nth request. */
  request(n: number): { url: string; headers?: Record<string, string> }
  /** Whether a response is one that this load is about. */
  expects(response: Response): boolean
  /** The server's process. */
  pid: number
  /** What must be so before each slice. */
  before?(): Promise<void>
}

export interface Slice {
  perSecond: number
  /** Milliseconds of each request, ascending. */
  times: number[]
  /** Processor time of the server's process a request; null where the system does not tell. */
  cpuMicros: number | null
  /** Responses that the load is not about: other statuses, or from elsewhere. */
  unexpected: number
}

const CONNECTIONS = 8

/** Keeps all connections busy for so long. */
export async function drive({ request, expects, pid }: Load, ms: number): Promise<Slice> {
  const times: number[] = []
  let unexpected = 0
  let n = 0
  const cpuBefore = await processorTime(pid)
  const started = performance.now()
  const end = started + ms
  const connection = async () => {
    while (performance.now() < end) {
      const { url, headers } = request(n++)
      const asked = performance.now()
      const response = await fetch(url, headers ? { headers } : {})
      await response.arrayBuffer()
      times.push(performance.now() - asked)
      if (!expects(response)) unexpected += 1
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const perSecond = (times.length * 1000) / (performance.now() - started)
  const cpuAfter = await processorTime(pid)
  const cpuMicros =
    cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / times.length
  return { perSecond, times: times.sort((a, b) => a - b), cpuMicros, unexpected }
}

/** `p50 0.41 ms, p99 1.2 ms, 78 µs of processor` of several slices. */
export function described(slices: readonly Slice[]): string {
  const times = slices.flatMap((slice) => slice.times).sort((a, b) => a - b)
  const cpu = slices.map(({ cpuMicros }) => cpuMicros).filter((micros) => micros !== null)
  const mean = cpu.reduce((sum, micros) => sum + micros, 0) / cpu.length
  const [p50, p99] = [percentile(times, 50), percentile(times, 99)].map((ms) => ms.toFixed(2))
  return `p50 ${p50} ms, p99 ${p99} ms${cpu.length ? `, ${mean.toFixed(0)} µs of processor` : ''}`
}
