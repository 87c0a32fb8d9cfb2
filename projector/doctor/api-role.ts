/** Who may read the read model, and whether row security binds them. */
import type { Sql } from 'postgres'
import { attempt, type Finding, ok, warn } from './finding.ts'

const CHECK = 'row security'
const REMEDY = `CREATE ROLE … LOGIN PASSWORD '…' IN ROLE purchase_timeline_api, and let the API connect with it`

/** Looks at the logins that are members of the API's role: none may be more than that. */
export function checkApiRole(read: Sql): Promise<Finding[]> {
  return attempt(CHECK, async () => {
    const [role] = await read`select from pg_roles where rolname = 'purchase_timeline_api'`
    // Its migration is missing, which another check says.
    if (!role) return []
    const logins = await read<{ name: string; beyond: string | null }[]>`
      select login.rolname as name, ${whyUnbound(read)} as beyond
      from pg_roles login
      where rolcanlogin and not rolsuper and pg_has_role(oid, 'purchase_timeline_api', 'member')
      order by 1`
    const beyond = logins.filter((login) => login.beyond !== null)
    if (beyond.length > 0)
      return beyond.map(({ name, beyond }) => warn(CHECK, `${name} ${beyond}`, REMEDY))
    return logins.length > 0
      ? ok(CHECK, `binds ${logins.map(({ name }) => name).join(', ')}`)
      : warn(CHECK, 'no login is a member of purchase_timeline_api: nobody is bound by it', REMEDY)
  })
}

/** What makes row security say nothing to the role of a connection; null when it is bound. */
export async function unboundRole(read: Sql): Promise<string | null> {
  const [role] = await read<{ name: string; beyond: string | null }[]>`
    select login.rolname as name, ${whyUnbound(read)} as beyond
    from pg_roles login where rolname = current_user`
  return role?.beyond ? `${role.name} ${role.beyond}` : null
}

/** Of `pg_roles login`. */
function whyUnbound(read: Sql) {
  return read`case when rolsuper then 'is a superuser' when rolbypassrls then 'has BYPASSRLS'
    when (select pg_has_role(login.oid, relowner, 'member') from pg_class
      where oid = to_regclass('public.purchase_timeline')) then 'owns the tables' end`
}
