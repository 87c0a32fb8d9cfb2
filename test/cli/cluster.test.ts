import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { Cluster } from '../../cli/stack/cluster.ts'
import { temporaryDirectory } from '../support/pt.ts'
import { runs } from '../support/stack.ts'

// Servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

let parent: Awaited<ReturnType<typeof temporaryDirectory>>
let cluster: Cluster
const open = () =>
  new Cluster({
    directory: join(parent.path, 'postgres'),
    logFile: join(parent.path, 'postgres.log'),
    password: 'test',
    volatile: true,
    settings: {},
  })

beforeEach(async () => {
  parent = await temporaryDirectory()
  cluster = open()
})

afterEach(async () => {
  await cluster.stop('immediate')
  await parent.remove()
})

test('takes the directory from a server that was left running', async () => {
  await cluster.start()
  await cluster.createDatabase('kept')
  const left = await postmaster()

  const next = open()
  await next.start()

  expect(runs(left)).toBe(false)
  expect(await databases(next)).toContain('kept')
})

test('keeps its port over a restart', async () => {
  await cluster.start()
  const { port } = cluster

  await cluster.stop('immediate')
  await cluster.gone()
  await cluster.start()

  expect(cluster.port).toBe(port)
  expect(await databases(cluster)).toContain('postgres')
})

test('makes its data anew when the first attempt was cut short', async () => {
  await mkdir(join(parent.path, 'postgres.new'))
  await writeFile(join(parent.path, 'postgres.new', 'PG_VERSION'), '18\n')

  await cluster.start()

  expect(await databases(cluster)).toContain('postgres')
})

test('does not take a live process for its server because of its pid', async () => {
  await cluster.start()
  const pidFile = join(parent.path, 'postgres/postmaster.pid')
  const lines = await readFile(pidFile, 'utf8')
  await cluster.stop()
  await writeFile(pidFile, lines.replace(/^\d+/, `${process.pid}`))

  await cluster.start()

  expect(await postmaster()).not.toBe(process.pid)
})

test('gives the reason of the server when that does not start', async () => {
  cluster = new Cluster({
    directory: join(parent.path, 'postgres'),
    logFile: join(parent.path, 'postgres.log'),
    password: 'test',
    settings: { wal_level: 'imaginary' },
  })

  await expect(cluster.start()).rejects.toThrow(
    'PostgreSQL did not start: invalid value for parameter "wal_level": "imaginary"',
  )
})

test('does not write statements or their values to the log', async () => {
  await cluster.start()
  const sql = postgres(cluster.url('postgres'), { max: 1 })
  await sql`create table person (name text unique)`
  await sql`insert into person values ('Ada Lovelace')`
  await sql`insert into person values ('Ada Lovelace')`.catch(() => {})
  await sql.end()

  const log = await readFile(join(parent.path, 'postgres.log'), 'utf8')
  expect(log).toContain('duplicate key value')
  expect(log).not.toContain('Lovelace')
})

async function postmaster(): Promise<number> {
  const text = await readFile(join(parent.path, 'postgres/postmaster.pid'), 'utf8')
  return Number.parseInt(text, 10)
}

async function databases(server: Cluster): Promise<string[]> {
  const sql = postgres(server.url('postgres'), { max: 1 })
  try {
    return (await sql`select datname from pg_database`).map(({ datname }) => datname)
  } finally {
    await sql.end()
  }
}
