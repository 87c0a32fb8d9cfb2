/** A stack of `pt up` in a temporary directory, for the tests of the command line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StackFile } from '../../cli/connections.ts'
import { ownPort } from './ports.ts'
import { type PtProcess, stackOf, start, until } from './pt.ts'

export interface RunningStack extends StackFile {
  process: PtProcess
  port: number
}

export interface StackOptions {
  /** What runs `pt`; default: bun, on this clone. */
  command?: string[]
  env?: Record<string, string>
}

/** Starts `pt up --no-demo` and waits until /readyz answers 200. */
export async function startStack(data: string, options: StackOptions = {}): Promise<RunningStack> {
  const { command = ['bun', 'cli/pt.ts'], env } = options
  const port = await ownPort()
  const process = start([...command, 'up', '--no-demo', '--data', data, '--port', `${port}`], env)
  let ended = false
  process.finished.then(() => {
    ended = true
  })
  const stack = await until(async () => {
    if (ended) throw new Error(`pt up has ended: ${process.output.stderr}`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    return answer?.ok ? stackOf(data) : undefined
  }, 'no 200 from /readyz').catch((error) => {
    process.signal('SIGTERM')
    throw new Error(`${error.message}\n${process.output.stdout}${logOf(data)}`)
  })
  return { ...stack, process, port }
}

function logOf(data: string): string {
  try {
    return readFileSync(join(data, 'pt.log'), 'utf8')
  } catch {
    return ''
  }
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
