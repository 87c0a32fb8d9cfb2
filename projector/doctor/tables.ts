/** The source's tables, the role's rights on them, and the publication. */
import type { Sql } from 'postgres'
import {
  CUSTOMER_STATUSES,
  LOCATION_KINDS,
  ORDER_STATUSES,
  ORDER_TYPES,
  SALE_STATUSES,
  SALE_TYPES,
} from '../../src/domain/purchase.ts'
import {
  type Complaint,
  type FoundSource,
  identityComplaints,
  quoted,
  readSource,
  shapeComplaints,
} from '../source/contract.ts'
import {
  type FoundPublication,
  publicationSql,
  publishedIdentities,
  readPublication,
} from '../source/publication.ts'
import { TABLES } from '../source/tables.ts'
import { attempt, type Finding, fail, ok, warn } from './finding.ts'
import type { Provider } from './provider.ts'

/** Whether the role may replicate, and read what it must read. */
export function checkRole(sql: Sql, provider: Provider): Promise<Finding[]> {
  return attempt('role', async () => {
    const [role] = await sql<{ name: string; replicates: boolean; bypasses: boolean }[]>`
      select r.rolname as name, r.rolsuper or r.rolbypassrls as bypasses,
        r.rolsuper or r.rolreplication or exists (
          select from pg_roles m where m.rolname = 'rds_replication' and pg_has_role(r.oid, m.oid, 'member')
        ) as replicates
      from pg_roles r where r.rolname = current_user`
    const { name, replicates } = role!
    const { schema, tables } = await readSource(sql)
    const denied: Finding[] = []
    for (const table of Object.values(TABLES)) {
      const found = tables.get(table.name)
      if (!found?.isTable) continue
      const columns = table.columns.filter((column) => found.columns.has(column))
      const relation = `${quoted(schema)}.${quoted(table.name)}`
      const [may] = await sql<{ read: boolean; row_security: boolean }[]>`
        select bool_and(has_column_privilege(${relation}, c, 'select')) as read,
          row_security_active(${relation}) as row_security
        from unnest(${`{${columns.map(quoted).join(',')}}`}::text::text[]) c`
      if (!may!.read) {
        const grant = `GRANT SELECT (${table.columns.map(quoted).join(', ')}) ON ${relation} TO ${quoted(name)}`
        denied.push(fail('rights', `${name} may not read ${table.name}`, grant))
      }
      if (may!.row_security)
        denied.push(
          fail(
            'rights',
            `row security hides rows of ${table.name} from ${name} in the first copy, and not in the stream`,
            `ALTER ROLE ${quoted(name)} BYPASSRLS`,
          ),
        )
    }
    return [
      replicates
        ? ok('replication', `${name} may replicate`)
        : fail('replication', `${name} may not replicate`, provider.replication(quoted(name))),
      ...(denied.length > 0 ? denied : [ok('rights', `${name} may read what is projected`)]),
    ]
  })
}

export function checkTables(sql: Sql, publication: string): Promise<Finding[]> {
  return attempt('tables', async () => {
    const source = await readSource(sql)
    const shape = shapeComplaints(source)
    if (shape.length > 0) return shape.map(({ problem, remedy }) => fail('tables', problem, remedy))
    const found = await readPublication(sql, publication, source)
    return [
      ok('tables', `all tables and columns are in schema ${source.schema}`),
      ...(await judgePublication(sql, publication, source, found)),
      ...judgeIdentities(source, found),
      ...(await checkIndexes(sql, source)),
      ...(await checkWords(sql, source)),
    ]
  })
}

async function judgePublication(
  sql: Sql,
  name: string,
  source: FoundSource,
  found: FoundPublication,
): Promise<Finding[]> {
  const check = 'publication'
  if (found.exists && found.lacks.length === 0) {
    const what = `${name} publishes what is projected`
    if (found.surplus.length === 0) return [ok(check, what)]
    const shown = found.surplus.slice(0, 5).join(', ')
    const more = found.surplus.length > 5 ? ` and ${found.surplus.length - 5} more` : ''
    return [
      warn(
        check,
        `${what}, and also ${shown}${more}: the projector drops that, but it leaves the source`,
        publicationSql(name, source.schema, 'wrong').join('; '),
      ),
    ]
  }
  const statements = publicationSql(name, source.schema, found.exists ? 'wrong' : 'none')
  if (found.exists)
    return [fail(check, `${name} lacks ${found.lacks.join(', ')}`, statements.join('; '))]
  const [may] = await sql<{ create: boolean }[]>`
    select has_database_privilege(current_database(), 'create') and coalesce((
      select bool_and(pg_has_role(relowner, 'usage')) from pg_class
      where relnamespace = (select oid from pg_namespace where nspname = ${source.schema})
        and relname = any(${`{${Object.keys(TABLES).map(quoted).join(',')}}`}::text::name[])), false) as create`
  return [
    may!.create
      ? ok(check, `${name} is not there yet: the projector makes it`)
      : fail(
          check,
          `${name} is not there, and this role may not make it: let the owner of the tables run`,
          statements.join('; '),
        ),
  ]
}

function judgeIdentities(source: FoundSource, found: FoundPublication): Finding[] {
  const complaints: Complaint[] = found.exists
    ? publishedIdentities(source, found)
    : identityComplaints(source, ({ columns }) => new Set(columns))
  if (complaints.length === 0)
    return [ok('replica identity', 'updates and deletes name their rows and purchases')]
  return complaints.map(({ problem, remedy }) => fail('replica identity', problem, remedy))
}

/** The first copy pages by id, and fetches lines and payments by their purchase. */
async function checkIndexes(sql: Sql, { schema }: FoundSource): Promise<Finding[]> {
  const rows = await sql<{ name: string; column: string }[]>`
    select c.relname as name, a.attname as column
    from pg_class c join pg_index i on i.indrelid = c.oid and i.indisvalid and i.indpred is null
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = (select oid from pg_namespace where nspname = ${schema})`
  const indexed = new Set(rows.map(({ name, column }) => `${name}.${column}`))
  const missing = Object.values(TABLES).filter(({ name, key }) => !indexed.has(`${name}.${key[0]}`))
  if (missing.length === 0) return [ok('indexes', 'the first copy finds its pages by index')]
  return missing.map(({ name, key }) =>
    warn(
      'indexes',
      `no index of ${name} begins with ${key[0]}: each page of the first copy reads the whole table`,
      `CREATE INDEX CONCURRENTLY ON ${quoted(schema)}.${quoted(name)} (${key.map(quoted).join(', ')})`,
    ),
  )
}

const WORDS: [table: string, column: string, known: readonly string[]][] = [
  ['sale', 'type', SALE_TYPES],
  ['sale', 'status', SALE_STATUSES],
  ['order', 'type', ORDER_TYPES],
  ['order', 'status', ORDER_STATUSES],
  ['customer', 'status', CUSTOMER_STATUSES],
  ['location', 'kind', LOCATION_KINDS],
]
const SHOWN_WORDS = 5

/** By the planner's statistics: a look at the rows themselves could take minutes. */
async function checkWords(sql: Sql, { schema }: FoundSource): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [table, column, known] of WORDS) {
    const [row] = await sql<{ words: string[] | null }[]>`
      select to_json(most_common_vals::text::text[]) as words from pg_stats
      where schemaname = ${schema} and tablename = ${table} and attname = ${column} and not inherited`
    const unknown = (row?.words ?? []).filter((word) => !known.includes(word))
    if (unknown.length === 0) continue
    const shown = unknown.slice(0, SHOWN_WORDS).map((word) => JSON.stringify(word.slice(0, 40)))
    findings.push(
      warn(
        'values',
        `${table}.${column} holds ${shown.join(', ')}, which is none of ${known.join(', ')}: such rows become dead letters`,
      ),
    )
  }
  return findings.length > 0 ? findings : [ok('values', 'types and statuses are known ones')]
}
