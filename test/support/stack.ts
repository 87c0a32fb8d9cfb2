/** A stack of `pt up` in a temporary directory, for the tests of the command line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StackFile } from '../../cli/connections.ts'
import { freePort } from '../../cli/stack/port.ts'
import { type Finished, type PtProcess, stackOf, startPt, until } from './pt.ts'

export interface RunningStack extends StackFile {
  process: PtProcess
  port: number
}

/** Starts `pt up --no-demo` and waits until /readyz answers 200. */
export async function startStack(data: string, args: string[] = []): Promise<RunningStack> {
  const port = await freePort()
  const process = startPt(['up', '--no-demo', '--data', data, '--port', `${port}`, ...args])
  let ended: Finished | undefined
  process.finished.then((finished) => {
    ended = finished
  })
  await until(async () => {
    if (ended) throw new Error(`pt up ended with ${ended.code}: ${ended.stderr}`)
    return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok || undefined
  }, 'no 200 from /readyz')
  const stack = await until(() => stackOf(data), 'no stack.json')
  return { ...stack, process, port }
}

/** The pid of the PostgreSQL server of a data directory; undefined when none is noted. */
export function postmasterPid(data: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

/** Whether a process runs. A zombie does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return process.platform !== 'linux'
  }
}
