/** `pt` as a process, as a user has it: its exit code and what it prints are what is tested. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StackFile } from '../../cli/connections.ts'

const ROOT = new URL('../..', import.meta.url).pathname

interface Finished {
  code: number
  stdout: string
  stderr: string
}

export interface PtProcess {
  pid: number
  /** What it has printed so far. */
  output: { stdout: string; stderr: string }
  /** Resolves when the process has ended. */
  finished: Promise<Finished>
  signal(name: NodeJS.Signals): void
}

/** Starts `pt` without the databases that our own environment may name. */
export function startPt(args: string[], env: Record<string, string> = {}): PtProcess {
  return start(['bun', 'cli/pt.ts', ...args], env)
}

/** Runs `pt` to its end. */
export function pt(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return startPt(args, env).finished
}

/** Any command line, in the root of the repository. */
export function start(argv: string[], env: Record<string, string> = {}): PtProcess {
  const {
    SOURCE_DATABASE_URL: _source,
    READ_DATABASE_URL: _read,
    PT_JWT_SECRET: _secret,
    ...inherited
  } = process.env
  const child = Bun.spawn(argv, {
    cwd: ROOT,
    env: { ...inherited, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const output = { stdout: '', stderr: '' }
  const collect = async (name: 'stdout' | 'stderr') => {
    const decoder = new TextDecoder()
    for await (const chunk of child[name]) output[name] += decoder.decode(chunk, { stream: true })
  }
  const finished = Promise.all([child.exited, collect('stdout'), collect('stderr')]).then(
    ([code]) => ({ code, ...output }),
  )
  return { pid: child.pid, output, finished, signal: (name) => child.kill(name) }
}

/** A temporary directory (mode 0700); `remove` takes all that is in it away. */
export async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'pt-cli-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/**
 * Polls until `look` gives something; rejects with what `late` says after `ms`, which only ends what hangs: a machine
 * that does much else at once is slow.
 */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  late: string,
  ms = 90_000,
): Promise<T> {
  for (const end = performance.now() + ms; performance.now() < end; await Bun.sleep(20)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`Not within ${ms} ms: ${late}`)
}

/** What a running stack says of itself; undefined while there is none. */
export async function stackOf(data: string): Promise<StackFile | undefined> {
  const text = await readFile(join(data, 'stack.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}
