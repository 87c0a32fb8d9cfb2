/**
 * The tests' PostgreSQL: one real server a test process, booted when the first test wants it, on a
 * free port and in a temporary directory; gone when the process ends, also when it crashes.
 */
import { readdirSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { migrateDatabase } from '../../cli/migrate/migrate-database.ts'
import { ensureApiLogin, withLogin } from '../../cli/stack/api-login.ts'
import { Cluster } from '../../cli/stack/cluster.ts'

export interface TestDatabases {
  /** A migrated source database of its own, empty. */
  sourceUrl: string
  /** A migrated read database of its own, empty. */
  readUrl: string
  /** Ends whatever is connected and drops both, with the replication slots of the source. */
  drop(): Promise<void>
}

/** `test/on-postgres.ts` names another server's programs than those from npm. */
const { PT_TEST_POSTGRES: PROGRAMS } = process.env
const PREFIX = 'pt-test-'
const PASSWORD = 'test'
let booted: Promise<{ cluster: Cluster; directory: string }> | undefined
let templates: Promise<void> | undefined
let serial = 0

/** A fresh pair of databases, made by copying migrated templates. */
export async function createTestDatabases(): Promise<TestDatabases> {
  const cluster = await testCluster()
  templates ??= makeTemplates(cluster)
  await templates
  const n = ++serial
  const names = { source: `source_${n}`, read: `read_${n}` }
  await Promise.all([
    cluster.createDatabase(names.source, 'source_template'),
    cluster.createDatabase(names.read, 'read_template'),
  ])
  return {
    sourceUrl: cluster.url(names.source),
    readUrl: cluster.url(names.read),
    async drop() {
      await dropDatabase(names.source)
      await dropDatabase(names.read)
    },
  }
}

/** A read database of the tests as the API reads it: bound by row security. */
export function asApi(readUrl: string): string {
  return withLogin(readUrl, PASSWORD)
}

/** The URL of a fresh database without any table. */
export async function createDatabase(name = `empty_${++serial}`): Promise<string> {
  const cluster = await testCluster()
  await cluster.createDatabase(name)
  return cluster.url(name)
}

/** The server itself, for tests that restart it: it keeps its port. */
export async function testCluster(): Promise<Cluster> {
  booted ??= boot()
  return (await booted).cluster
}

/** Called once by the preload, after the last test. */
export async function stopTestCluster(): Promise<void> {
  if (!booted) return
  const { cluster, directory } = await booted
  booted = undefined
  templates = undefined
  // Immediate: nothing in there is needed again.
  await cluster.stop('immediate')
  await rm(directory, { recursive: true, force: true })
}

async function boot() {
  sweep()
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  // Servers before 16 leave their directory for a moment, and must find the way back to it by name.
  if (PROGRAMS) await chmod(directory, 0o711)
  const cluster = new Cluster({
    directory: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    password: PASSWORD,
    volatile: true,
    ...(PROGRAMS && { programs: PROGRAMS }),
    settings: {
      wal_level: 'logical',
      max_replication_slots: 64,
      max_wal_senders: 64,
      max_connections: 300,
      shared_buffers: '128MB',
      max_wal_size: '2GB',
      autovacuum_naptime: '10min',
    },
  })
  process.once('exit', () => {
    cluster.stopSoon()
    rmSync(directory, { recursive: true, force: true })
  })
  await cluster.start()
  return { cluster, directory }
}

/** Removes what a killed test process left: its server went with it, its files did not. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function makeTemplates(cluster: Cluster): Promise<void> {
  for (const model of ['source', 'read'] as const) {
    await cluster.createDatabase(`${model}_template`)
    await migrateDatabase(cluster.url(`${model}_template`), model)
  }
  await ensureApiLogin(cluster.url('read_template'), PASSWORD)
}

async function dropDatabase(name: string): Promise<void> {
  const cluster = await testCluster()
  const sql = postgres(cluster.url('postgres'), { max: 1, onnotice() {} })
  try {
    const slots = () => sql<{ slot_name: string; active_pid: number | null }[]>`
      select slot_name, active_pid from pg_replication_slots where database = ${name}`
    for (let left = await slots(); left.length > 0; left = await slots()) {
      for (const { slot_name, active_pid } of left) {
        if (active_pid !== null) await sql`select pg_terminate_backend(${active_pid}, 5000)`
        await sql`select pg_drop_replication_slot(${slot_name})`.catch((error) => {
          // Taken again by a client that reconnects, or dropped by it: look again.
          if (!['55006', '42704'].includes(error.code)) throw error
        })
      }
    }
    await sql`drop database if exists ${sql(name)} with (force)`
  } finally {
    await sql.end()
  }
}
