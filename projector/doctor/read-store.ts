/** The read store, and that it is not the source. */
import type { Sql } from 'postgres'
import { quoted } from '../source/contract.ts'
import { attempt, type Finding, fail, ok, warn } from './finding.ts'

/** The statements that a projector makes its tables with are its own: see `pt migrate`. */
export function checkReadStore(
  read: Sql,
  pendingMigrations: readonly string[],
): Promise<Finding[]> {
  return attempt('read store', async () => {
    const [server] = await read<
      { version: string; commit: string; fsync: string; recovery: boolean }[]
    >`
      select current_setting('server_version') as version, current_setting('synchronous_commit') as commit,
        current_setting('fsync') as fsync, pg_is_in_recovery() as recovery`
    const { version, commit, fsync, recovery } = server!
    const [may] = await read<{ create: boolean; own: boolean; role: string }[]>`
      select has_database_privilege(current_database(), 'create') as create, current_user as role,
        coalesce((select pg_has_role(relowner, 'usage') from pg_class
          where oid = to_regclass('public.purchase_timeline')), true) as own`
    return [
      recovery
        ? fail('read store', 'it is a standby: nothing can be written there')
        : ok('read store', `PostgreSQL ${version}`),
      pendingMigrations.length === 0
        ? ok('read schema', 'up to date')
        : fail('read schema', `it lacks ${pendingMigrations.join(', ')}`, 'pt migrate --read-only'),
      may!.create && may!.own
        ? ok('read rights', `${may!.role} may make and switch generations`)
        : fail(
            'read rights',
            `${may!.role} may not ${may!.create ? 'change the tables: it does not own them' : 'make schemas, and every generation is one'}`,
            may!.create
              ? 'run `pt migrate --read-only` as the role of the projector, on an empty database'
              : `GRANT CREATE ON DATABASE … TO ${quoted(may!.role)}`,
          ),
      fsync === 'on'
        ? ok(
            'durability',
            commit === 'off'
              ? 'synchronous_commit is off there; the projector turns it on for its own writes'
              : `synchronous_commit = ${commit}`,
          )
        : warn(
            'durability',
            'fsync is off: after a crash the read model may be behind what the source was told to forget',
            'ALTER SYSTEM SET fsync = on',
          ),
    ]
  })
}

/** A read model in the source's database would be published to its own slot, checkpoint by checkpoint. */
export function checkApart(source: Sql, read: Sql): Promise<Finding[]> {
  return attempt('two databases', async () => {
    const identity = async (sql: Sql) => {
      const [row] = await sql<{ id: string; database: string }[]>`
        select system_identifier::text || '/' || (select oid from pg_database where datname = current_database()) as id,
          current_database() as database
        from pg_control_system()`
      return row!
    }
    const [one, other] = await Promise.all([identity(source), identity(read)])
    return one.id === other.id
      ? fail(
          'two databases',
          `source and read store are one database (${one.database})`,
          'CREATE DATABASE … for the read model, and name it in READ_DATABASE_URL',
        )
      : ok('two databases', 'source and read store are two')
  })
}
