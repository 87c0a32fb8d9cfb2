/** Whose server a source is: a managed Postgres has other ways to a setting or a right than SQL. */
import type { Sql } from 'postgres'

export interface Provider {
  /** How its wal_level becomes logical. */
  walLevel: string
  /** How any other setting is changed; `restart`: it only counts once the server has restarted. */
  setting(name: string, value: string, restart?: boolean): string
  /** How a role gets the right to replicate. */
  replication(role: string): string
}

const OWN: Provider = {
  walLevel: "ALTER SYSTEM SET wal_level = 'logical'; then restart the server",
  setting: (name, value, restart) =>
    `ALTER SYSTEM SET ${name} = '${value}'; ${restart ? 'then restart the server' : 'SELECT pg_reload_conf()'}`,
  replication: (role) => `ALTER ROLE ${role} REPLICATION`,
}

/** A setting that only this provider has, and what is different there. */
const MANAGED: Record<string, Partial<Provider>> = {
  'rds.logical_replication': {
    walLevel: 'set rds.logical_replication = 1 in the parameter group, and reboot the instance',
    setting: (name, value, restart) =>
      `set ${name} = ${value} in the parameter group${restart ? ', and reboot the instance' : ''}`,
    replication: (role) => `GRANT rds_replication TO ${role}`,
  },
  'cloudsql.logical_decoding': {
    walLevel: 'set the flag cloudsql.logical_decoding = on; the instance restarts',
    setting: (name, value) => `set the flag ${name} = ${value}`,
  },
  'azure.extensions': {
    walLevel: 'set the server parameter wal_level = logical, and restart the server',
    setting: (name, value, restart) =>
      `set the server parameter ${name} = ${value}${restart ? ', and restart the server' : ''}`,
  },
}

export async function readProvider(sql: Sql): Promise<Provider> {
  for (const [setting, ways] of Object.entries(MANAGED)) {
    const [row] = await sql<{ value: string | null }[]>`
      select current_setting(${setting}, true) as value`
    if (row!.value !== null) return { ...OWN, ...ways }
  }
  return OWN
}
