/** The role as which the API of a stack reads: a login of `purchase_timeline_api`, bound by row security. */
import postgres from 'postgres'
import { unboundRole } from '../../projector/doctor/api-role.ts'
import type { Log } from '../../src/log.ts'

const LOGIN = 'pt_api'

/**
 * Makes the login on the server of a migrated read database, or gives it this password.
 * @returns the read database's URL with it
 */
export async function ensureApiLogin(readUrl: string, password: string): Promise<string> {
  const sql = postgres(readUrl, { max: 1, onnotice() {} })
  try {
    const [made] = await sql<{ statement: string }[]>`
      select format(case when exists (select from pg_roles where rolname = ${LOGIN})
        then 'alter role %I login password %L' else 'create role %I login password %L' end,
        ${LOGIN}::text, ${password}::text) as statement`
    await sql.unsafe(made!.statement)
    await sql`grant purchase_timeline_api to ${sql(LOGIN)}`
  } finally {
    await sql.end({ timeout: 5 })
  }
  return withLogin(readUrl, password)
}

/** Warns when nothing but the API's own conditions keeps its tenants apart; a database that is down later tells. */
export async function warnUnlessBound(readUrl: string, log: Log): Promise<void> {
  const sql = postgres(readUrl, { max: 1, connect_timeout: 3, onnotice() {} })
  const unbound = await unboundRole(sql).catch(() => null)
  await sql.end({ timeout: 1 })
  if (unbound)
    log.warn(`row security does not bind the API: its role ${unbound} (see docs/SECURITY.md)`)
}

/** The database's URL for the API's login. */
export function withLogin(readUrl: string, password: string): string {
  const url = new URL(readUrl)
  url.username = LOGIN
  url.password = password
  return url.toString()
}
