/**
 * The server process of a data directory, as `postmaster.pid` tells it: also one that is not our
 * child, because the process that started it was killed.
 */
import { readFile, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../command.ts'

interface Postmaster {
  pid: number
  port: number
  /** Accepts connections. */
  ready: boolean
}

/** What `postmaster.pid` says, if the process it names is alive and serves this very directory. */
export async function livePostmaster(directory: string): Promise<Postmaster | undefined> {
  // Lines: pid, data directory, start time, port, socket directory, listen address, shmem, status.
  const lines = await readFile(join(directory, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (!(pid > 1) || !(await serves(pid, directory))) return undefined
  return {
    pid,
    port: Number.parseInt(lines[3] ?? '', 10),
    ready: lines[7]?.trim() === 'ready',
  }
}

/** A pid may have been given to another program since; and a zombie serves nothing. */
async function serves(pid: number, directory: string): Promise<boolean> {
  if (process.platform === 'linux') {
    // The server's working directory is its data directory, by whatever name it was told it.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
    return cwd !== undefined && cwd === (await realpath(directory))
  }
  const ps = Bun.spawnSync(['ps', '-o', 'command=', '-p', `${pid}`])
  return ps.stdout.toString().includes('postgres')
}

/** How long each way of asking is given before the next, ruder one. */
const STOP_STEPS = [
  { signal: 'SIGINT', ms: 20_000 }, // fast: rolls back what is open, writes a checkpoint
  { signal: 'SIGQUIT', ms: 5_000 }, // immediate: the next start recovers from the WAL
  { signal: 'SIGKILL', ms: 5_000 },
] as const

/**
 * Stops the server of a directory; resolves when its process is gone. Nothing to do is no error.
 * @param how `fast` first, or `immediate` at once
 */
export async function stopPostmaster(
  directory: string,
  how: 'fast' | 'immediate' = 'fast',
): Promise<void> {
  for (const { signal, ms } of how === 'fast' ? STOP_STEPS : STOP_STEPS.slice(1)) {
    const server = await livePostmaster(directory)
    if (!server) return
    sendSignal(server.pid, signal)
    for (const end = Date.now() + ms; Date.now() < end; await Bun.sleep(10)) {
      if (!(await serves(server.pid, directory))) return
    }
  }
  throw new CliError(`The PostgreSQL server of ${directory} can't be stopped`)
}

/** Sends a signal to a process that may be gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
