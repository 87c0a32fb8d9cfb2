/**
 * One real PostgreSQL server in a directory of ours: made with initdb when it is not there yet, on a
 * loopback port, with a password. `pt up` and the tests boot theirs here.
 *
 * The server is started inside its data directory and told to find it at `/proc/self/cwd`: this name
 * needs no way through the directories above, which may be closed to the server's user (`mktemp -d`
 * of root, /root). It is in a session of its own, so that a Ctrl-C reaches us and not the server.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { chown, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { CliError } from '../command.ts'
import { type Binaries, binariesIn, findBinaries } from './binaries.ts'
import { freePort } from './port.ts'
import { livePostmaster, sendSignal, stopPostmaster } from './postmaster.ts'
import { type ServerUser, serverUser } from './server-user.ts'

const SUPERUSER = 'postgres'
/** A start after a crash replays WAL first: as much as max_wal_size, on a slow disk. */
const READY_WITHIN_MS = 300_000
/** Another process can take the free port between our look and the server's bind. */
const START_ATTEMPTS = 5

interface ClusterOptions {
  /** The server's data: becomes PGDATA. Its parent must exist. */
  directory: string
  /** Gets the server's log, appended. */
  logFile: string
  /** Of the superuser; kept by the caller: it is set when the data is made. */
  password: string
  /** Server settings, given on its command line. */
  settings: Record<string, string | number>
  /** Skip the fsyncs: data that may be lost. */
  volatile?: boolean
  /** Directory of the server's programs. Default: those from npm. */
  programs?: string
}

export class Cluster {
  readonly #options: ClusterOptions
  #child: ChildProcess | undefined
  #port = 0

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  /** Of the running server, on 127.0.0.1; the same at every start of this object. */
  get port(): number {
    return this.#port
  }

  /** The URL of a database of this server, with the password. */
  url(database: string): string {
    const { password } = this.#options
    return `postgres://${SUPERUSER}:${password}@127.0.0.1:${this.#port}/${encodeURIComponent(database)}`
  }

  /**
   * Starts the server; resolves when it accepts connections. A server that still runs on this
   * directory, left over from a killed process, is stopped first.
   * @throws CliError with the server's own reason
   */
  async start(): Promise<void> {
    const { directory, programs } = this.#options
    const user = await serverUser(directory)
    const binaries = await (programs ? binariesIn(programs) : findBinaries(user))
    await stopPostmaster(directory)
    await this.#initialize(user, binaries)
    for (let attempt = 1; ; attempt++) {
      const port = this.#port || (await freePort())
      const failure = await this.#boot(user, binaries, port)
      if (failure === undefined) {
        this.#port = port
        return
      }
      // The shared memory of a killed server goes when its last backend has noticed the death.
      const passing = /Address already in use|pre-existing shared memory block/.test(failure)
      if (!passing || attempt === START_ATTEMPTS) throw serverError('start', failure)
      await Bun.sleep(100 * attempt)
    }
  }

  /** Resolves when the server has stopped and its process is gone. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await stopPostmaster(this.#options.directory, how)
  }

  /** Asks the server to stop, without waiting: for the exit handler of a process. */
  stopSoon(): void {
    if (this.#child?.pid !== undefined && this.#child.exitCode === null) {
      sendSignal(this.#child.pid, 'SIGINT')
    }
  }

  /** Resolves when no server runs on the directory: also one that `pg_ctl restart` put in place. */
  async gone(): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('exit', resolve))
    }
    while (await livePostmaster(this.#options.directory)) await Bun.sleep(250)
  }

  /** Makes a database unless it is there. `template`: an existing database to copy. */
  async createDatabase(name: string, template = 'template0'): Promise<void> {
    const sql = postgres(this.url('postgres'), { max: 1, onnotice() {} })
    try {
      await sql`create database ${sql(name)} template ${sql(template)}`
    } catch (error) {
      if ((error as { code?: string }).code !== '42P04') throw error // duplicate_database
    } finally {
      await sql.end()
    }
  }

  async #initialize(user: ServerUser, binaries: Binaries): Promise<void> {
    const { directory, password, volatile } = this.#options
    const version = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined)
    if (version !== undefined) {
      if (version.trim() === `${binaries.majorVersion}`) return
      throw new CliError(
        `${directory} holds data of PostgreSQL ${version.trim()}, and this is ${binaries.majorVersion}`,
      )
    }
    // Made aside and renamed when whole: a kill in the middle leaves nothing that looks like data.
    const fresh = `${directory}.new`
    await rm(fresh, { recursive: true, force: true })
    await mkdir(fresh, { mode: 0o700 })
    if (user.switched) await chown(fresh, user.uid, user.gid)
    const passwordFile = await unnamedFile(`${password}\n`, user)
    try {
      const child = spawnIn(
        fresh,
        user,
        [
          binaries.initdb,
          `--username=${SUPERUSER}`,
          '--auth=scram-sha-256',
          '--pwfile=/dev/fd/3',
          '--encoding=UTF8',
          // The same order and case mapping on every machine, whatever locales it has.
          ...(binaries.majorVersion >= 17
            ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
            : ['--locale=C.UTF-8']),
          '--no-instructions',
          ...(volatile ? ['--no-sync'] : []),
        ],
        ['ignore', 'ignore', 'pipe', passwordFile.fd],
      )
      let complaint = ''
      child.stderr?.on('data', (chunk) => {
        complaint += chunk
      })
      const code = await new Promise((resolve, reject) => {
        child.once('close', resolve)
        child.once('error', reject)
      })
      if (code !== 0) throw serverError('initialize', complaint)
      await rename(fresh, directory).catch((cause) => {
        // Nobody's data: not an empty directory, and no PG_VERSION in it.
        throw new CliError(`${directory} is in the way of PostgreSQL's data`, 1, { cause })
      })
    } finally {
      await passwordFile.close()
      await rm(fresh, { recursive: true, force: true })
    }
  }

  /** Undefined when the server is ready; else what its log says of the failure. */
  async #boot(user: ServerUser, binaries: Binaries, port: number): Promise<string | undefined> {
    const { directory, logFile, settings, volatile } = this.#options
    const flags = Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      // The log must not hold personal data: no statements, no values of a violated key.
      log_min_error_statement: 'panic',
      log_error_verbosity: 'terse',
      ...(volatile ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
      ...settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const log = await open(logFile, 'a', 0o600)
    const before = (await log.stat()).size
    try {
      const argv = [binaries.postgres, '-p', `${port}`, ...flags]
      const child = spawnIn(directory, user, argv, ['ignore', log.fd, log.fd])
      this.#child = child
      let ended: string | undefined
      child.once('error', (error) => {
        ended = error.message
      })
      child.once('exit', () => {
        ended ??= ''
      })
      for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await Bun.sleep(10)) {
        if (ended !== undefined) return ended + (await readFile(logFile, 'utf8')).slice(before)
        const server = await livePostmaster(directory)
        if (server?.ready && server.pid === child.pid) return undefined
      }
      await stopPostmaster(directory, 'immediate')
      return `FATAL: not ready within ${READY_WITHIN_MS / 1000} s`
    } finally {
      await log.close()
    }
  }
}

function spawnIn(
  directory: string,
  user: ServerUser,
  argv: string[],
  stdio: ('ignore' | 'pipe' | number)[],
): ChildProcess {
  const [program, ...args] = user.command(argv)
  // PGDATA instead of -D: a `pg_ctl -D … restart` repeats the arguments after its own.
  const PGDATA = process.platform === 'linux' ? '/proc/self/cwd' : directory
  const env = { PATH: process.env.PATH ?? '', PGDATA, LC_ALL: 'C', TZ: 'UTC' }
  return spawn(program!, args, { cwd: directory, env, stdio, detached: true })
}

/** An open file without a name, for the server's user to read as /dev/fd/N. */
async function unnamedFile(content: string, user: ServerUser) {
  const directory = await mkdtemp(join(tmpdir(), 'pt-'))
  try {
    const path = join(directory, 'content')
    await writeFile(path, content, { mode: 0o600 })
    const file = await open(path, 'r')
    if (user.switched) await file.chown(user.uid, user.gid)
    return file
  } finally {
    await rm(directory, { recursive: true })
  }
}

function serverError(verb: 'start' | 'initialize', output: string): CliError {
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return new CliError(`No room left on the device for PostgreSQL's data`)
  }
  const lines = output.trim().split('\n')
  const line = lines.findLast((text) => /FATAL|PANIC|error:/.test(text)) ?? lines.at(-1)
  return new CliError(`PostgreSQL did not ${verb}: ${line?.replace(/^.*?(FATAL|PANIC):\s*/, '')}`)
}
