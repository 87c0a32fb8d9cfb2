/** What Linux tells of a process, for benches that weigh one. */
import { readFile } from 'node:fs/promises'

/** What processor time is counted in. */
const TICK_MICROS = 10_000

/** A line of the process's status, in megabytes: what it has resident now, or had at most. */
export async function megabytes(pid: number, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1024
}

/** Processor time since the process began, in microseconds; null where the system does not tell. */
export async function processorTime(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  // The name before it, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}
