/**
 * The operating system user that PostgreSQL runs as, and how a command is run as this user.
 *
 * An ordinary user's server runs as that user. Root's runs as whoever owns the data already, else as
 * `postgres` where this user exists, else as a system user made for it, else as `nobody`.
 */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { CliError } from '../command.ts'

const run = promisify(execFile)

/** Made when root has no `postgres`. Not named so: a Debian package may want that name later. */
const OWN_USER = 'purchase-timeline'

export interface ServerUser {
  uid: number
  gid: number
  name: string
  /** Whether it is another user than ours: what the server writes must then be handed to it. */
  switched: boolean
  /**
   * The command line that runs `argv` as this user. Where the system allows it, the program gets
   * SIGINT (for Postgres: a fast shutdown) when we die, even by kill -9.
   */
  command(argv: string[]): string[]
}

/**
 * @param directory the data, whose owner is kept when it exists
 * @throws CliError when root can't become another user here
 */
export async function serverUser(directory: string): Promise<ServerUser> {
  const setpriv = process.platform === 'linux' ? Bun.which('setpriv') : null
  const uid = process.getuid?.() ?? -1
  if (uid !== 0) {
    const tied = setpriv !== null && (await works([setpriv, '--pdeathsig', 'INT', 'true']))
    return {
      uid,
      gid: process.getgid?.() ?? -1,
      name: 'this user',
      switched: false,
      command: (argv) => (tied ? [setpriv, '--pdeathsig', 'INT', ...argv] : argv),
    }
  }
  if (setpriv === null) {
    throw new CliError(
      'PostgreSQL refuses to run as root, and `setpriv` (package util-linux) is not there to change the user: start as an ordinary user',
    )
  }
  const user = await unprivilegedUser(directory)
  const identity = ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups']
  const prefix = [setpriv, ...identity, '--pdeathsig', 'INT']
  if (!(await works([...prefix, 'true']))) {
    throw new CliError(
      `PostgreSQL refuses to run as root, and this system does not let root become ${user.name} (uid ${user.uid}): start as an ordinary user`,
    )
  }
  return { ...user, switched: true, command: (argv) => [...prefix, ...argv] }
}

async function unprivilegedUser(
  directory: string,
): Promise<{ uid: number; gid: number; name: string }> {
  const owner = await stat(directory).catch(() => undefined)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `uid ${owner.uid}` }
  const existing = (await lookUp('postgres')) ?? (await lookUp(OWN_USER))
  if (existing) return existing
  const made = await works([
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir=/nonexistent',
    '--shell=/usr/sbin/nologin',
    OWN_USER,
  ])
  const fallback = (made && (await lookUp(OWN_USER))) || (await lookUp('nobody'))
  if (fallback) return fallback
  throw new CliError(
    'PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as: add one, or start as an ordinary user',
  )
}

async function lookUp(name: string): Promise<{ uid: number; gid: number; name: string } | null> {
  try {
    const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    const [uid, gid] = ids.map(({ stdout }) => Number.parseInt(stdout, 10))
    return uid && gid !== undefined ? { uid, gid, name } : null
  } catch {
    return null
  }
}

async function works([program, ...args]: string[]): Promise<boolean> {
  return run(program!, args, { cwd: '/' }).then(
    () => true,
    () => false,
  )
}
