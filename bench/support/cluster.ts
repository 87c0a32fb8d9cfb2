/** A real PostgreSQL 18 for one bench, with the settings of the embedded stack; gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { migrateDatabase } from '../../cli/migrate/migrate-database.ts'
import { Cluster } from '../../cli/stack/cluster.ts'

export interface BenchServer {
  cluster: Cluster
  /** A connection to a database of it; ended with the server. */
  connect(database: string): Sql
  stop(): Promise<void>
}

export async function startServer(): Promise<BenchServer> {
  const directory = await mkdtemp(join(tmpdir(), 'pt-bench-'))
  const cluster = new Cluster({
    directory: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    password: 'bench',
    settings: {
      wal_level: 'logical',
      shared_buffers: '512MB',
      max_wal_size: '8GB',
      checkpoint_timeout: '30min',
      max_replication_slots: 20,
      max_wal_senders: 20,
    },
  })
  await cluster.start()
  const connections: Sql[] = []
  return {
    cluster,
    connect(database) {
      const sql = postgres(cluster.url(database), { max: 2, onnotice() {}, fetch_types: false })
      connections.push(sql)
      return sql
    },
    async stop() {
      await Promise.all(connections.map((sql) => sql.end({ timeout: 1 })))
      await cluster.stop('immediate')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Makes and migrates a source and a read database. */
export async function createModels({ cluster }: BenchServer, source: string, read: string) {
  await cluster.createDatabase(source)
  await cluster.createDatabase(read)
  await migrateDatabase(cluster.url(source), 'source')
  await migrateDatabase(cluster.url(read), 'read')
}
