/**
 * The data directory of a stack, owned by one process at a time.
 *
 *   lock               held by SQLite while a stack runs
 *   stack.json         where the running stack is reached
 *   secret             signs the tokens
 *   postgres/          the server's data; postgres.password opens it, postgres.log tells of it
 *   pt.log             what the projector and the API have to tell
 */
import { Database } from 'bun:sqlite'
import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../command.ts'
import type { StackFile } from '../connections.ts'
import { writeFileWhole } from '../write-file-whole.ts'

const MEGABYTE = 1_000_000
/** An empty cluster with its first WAL segments is 60 MB; the rest is for the first data. */
const ROOM_FOR_NEW_DATA = 300 * MEGABYTE
/** Below this PostgreSQL can't even recover: it writes WAL before anything else. */
const ROOM_TO_START = 64 * MEGABYTE

export class DataDirectory {
  readonly #lock: Database

  private constructor(
    readonly path: string,
    lock: Database,
  ) {
    this.#lock = lock
  }

  /**
   * Makes the directory when it is missing, and takes it.
   * @throws CliError when it can't be had: no directory, not writable, no room, in use
   */
  static async open(given: string): Promise<DataDirectory> {
    const path = resolve(given)
    try {
      await mkdir(path, { recursive: true })
      await assertRoom(path)
      const lock = await takeLock(path)
      // Left by a process that was killed: its stack is not there any more.
      await rm(join(path, 'stack.json'), { force: true })
      return new DataDirectory(path, lock)
    } catch (error) {
      throw explain(path, error)
    }
  }

  file(name: string): string {
    return join(this.path, name)
  }

  async publish(stack: StackFile): Promise<void> {
    await writeFileWhole(this.file('stack.json'), `${JSON.stringify(stack, null, 2)}\n`)
  }

  async unpublish(): Promise<void> {
    await rm(this.file('stack.json'), { force: true })
  }

  release(): void {
    this.#lock.close()
  }
}

/**
 * The operating system's own lock on a file, which SQLite takes for us: it ends with the process,
 * however that dies, so that no stale lock has to be told from a live one.
 */
async function takeLock(path: string): Promise<Database> {
  const lock = new Database(join(path, 'lock'), { create: true, readwrite: true })
  try {
    lock.run('pragma busy_timeout = 0')
    lock.run('pragma journal_mode = memory')
    lock.run('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    const holder = await readFile(join(path, 'stack.json'), 'utf8').then(
      (text) => ` (pid ${(JSON.parse(text) as StackFile).pid})`,
      () => '',
    )
    throw new CliError(`The data directory ${path} is in use by another \`pt up\`${holder}`)
  }
}

async function assertRoom(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(path)
  const data = await stat(join(path, 'postgres')).catch(() => undefined)
  const complaint = roomMissing(path, Number(bavail) * Number(bsize), data !== undefined)
  if (complaint !== undefined) throw new CliError(complaint)
}

/** What to say when `freeBytes` are too few; undefined when they are enough. */
export function roomMissing(path: string, freeBytes: number, hasData: boolean): string | undefined {
  const needed = hasData ? ROOM_TO_START : ROOM_FOR_NEW_DATA
  if (freeBytes >= needed) return undefined
  const [has, needs] = [freeBytes, needed].map((bytes) => Math.floor(bytes / MEGABYTE))
  return `No room in the data directory ${path}: ${has} MB free, ${needs} MB needed`
}

function explain(path: string, error: unknown): unknown {
  const { code } = error as { code?: string }
  const because = (reason: string) =>
    new CliError(`The data directory ${path} ${reason}`, 1, { cause: error })
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return because('is not a directory')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
      return because('is not writable')
    case 'ENOENT':
      return because(`can't be made in ${dirname(path)}`)
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return because('has no room left')
    case 'SQLITE_NOTADB':
      return because('has a file named `lock` that is not ours')
    default:
      return error
  }
}
