/**
 * What a source must have so that it can be projected (docs/SOURCE.md), held against what it has. A real
 * POS has more tables, more columns and another order of them: only what is missing or can't be read as
 * meant is a complaint, and all complaints are told at once.
 */
import type { Sql } from 'postgres'
import { FatalProjectorError } from '../errors.ts'
import { kindOf, type SourceTable, TABLES, type ValueKind } from './tables.ts'

export interface Complaint {
  /** What is wrong, as the end of a sentence. */
  problem: string
  /** SQL that mends it, where one statement does. */
  remedy: string | null
}

interface FoundColumn {
  /** As `pg_type` names it; of a domain, what it stands for. */
  type: string
  /** As SQL names it. */
  declared: string
  isEnum: boolean
  scale: number | null
  /** `s`: generated and stored, `v`: generated when it is read; empty: neither. */
  generated: string
}

interface FoundTable {
  /** An ordinary or a partitioned table: what can be published. */
  isTable: boolean
  columns: Map<string, FoundColumn>
  /** The columns that name a row in its updates and deletes; for each partition. */
  identities: { relation: string; columns: string[] }[]
}

export interface FoundSource {
  schema: string
  version: number
  tables: Map<string, FoundTable>
}

/** `"name"`, also of a name with quotes in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * What the connection's schema holds of the projected tables.
 * Throws a FatalProjectorError when there is no such schema, or the role may not look into it.
 */
export async function readSource(sql: Sql): Promise<FoundSource> {
  const [server] = await sql<{ schema: string | null; wanted: string; version: string }[]>`
    select current_schema() as schema, current_setting('search_path') as wanted,
      current_setting('server_version_num') as version`
  const { schema, wanted, version } = server!
  if (schema === null)
    throw new FatalProjectorError(
      `the source has no schema ${wanted}, or its role may not use it: GRANT USAGE ON SCHEMA ${wanted} TO …`,
    )
  const names = `{${Object.keys(TABLES).map(quoted).join(',')}}`
  const columns = await sql<
    {
      table: string
      kind: string
      column: string | null
      type: string
      declared: string
      is_enum: boolean
      modifier: number
      generated: string
    }[]
  >`
    select c.relname as table, c.relkind::text as kind, a.attname as column, t.typname as type,
      format_type(a.atttypid, a.atttypmod) as declared, t.typtype = 'e' as is_enum,
      case when d.typtype = 'd' then d.typtypmod else a.atttypmod end as modifier,
      a.attgenerated::text as generated
    from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_type d on d.oid = a.atttypid
      left join pg_type t on t.oid = case when d.typtype = 'd' then d.typbasetype else d.oid end
    where c.relnamespace = (select oid from pg_namespace where nspname = ${schema})
      and c.relname = any(${names}::text::name[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')`
  const tables = new Map<string, FoundTable>()
  for (const { table, kind, column, type, declared, modifier, generated, ...is } of columns) {
    let found = tables.get(table)
    if (!found) {
      found = { isTable: kind === 'r' || kind === 'p', columns: new Map(), identities: [] }
      tables.set(table, found)
    }
    if (column === null) continue
    const scale = type === 'numeric' && modifier >= 4 ? (modifier - 4) & 0x7ff : null
    found.columns.set(column, {
      type,
      declared,
      scale,
      isEnum: is.is_enum,
      generated,
    })
  }
  const identities = await sql<{ table: string; relation: string; columns: string[] }[]>`
    select c.relname as table, format('%I.%I', n.nspname, r.relname) as relation,
      to_json(array(
        select a.attname from pg_attribute a
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
          and case r.relreplident when 'f' then true when 'n' then false else a.attnum = any(
            select unnest(i.indkey) from pg_index i where i.indrelid = r.oid
              and case r.relreplident when 'd' then i.indisprimary else i.indisreplident end) end
      )) as columns
    from pg_class c
      left join lateral (select relid from pg_partition_tree(c.oid) where isleaf) p on true
      join pg_class r on r.oid = coalesce(p.relid, c.oid)
      join pg_namespace n on n.oid = r.relnamespace
    where c.relnamespace = (select oid from pg_namespace where nspname = ${schema})
      and c.relname = any(${names}::text::name[]) and c.relkind in ('r', 'p')
    order by relation`
  for (const { table, relation, columns } of identities)
    tables.get(table)!.identities.push({ relation, columns })
  return { schema, version: Math.floor(Number(version) / 10_000), tables }
}

/** Types whose texts are what the read model keeps for this kind of value. */
const TYPES: Record<ValueKind, { types: readonly string[]; wanted: string }> = {
  id: { types: ['uuid'], wanted: 'uuid' },
  time: { types: ['timestamptz'], wanted: 'timestamp with time zone' },
  money: { types: ['int2', 'int4', 'int8'], wanted: 'bigint, in minor units' },
  count: { types: ['int2', 'int4', 'int8'], wanted: 'integer' },
  quantity: {
    types: ['numeric', 'int2', 'int4', 'int8', 'float4', 'float8'],
    wanted: 'numeric',
  },
  text: {
    types: ['text', 'varchar', 'citext', 'uuid', 'int2', 'int4', 'int8', 'numeric'],
    wanted: 'text',
  },
}

/** What of the tables and columns is missing or can't be read as meant. */
export function shapeComplaints({ schema, version, tables }: FoundSource): Complaint[] {
  if (tables.size === 0) {
    const problem = `schema ${schema} has none of the projected tables: run \`pt migrate\` first, or name another schema (SOURCE_SCHEMA or --schema)`
    return [{ problem, remedy: null }]
  }
  const complaints: Complaint[] = []
  for (const table of Object.values(TABLES)) {
    const found = tables.get(table.name)
    if (!found?.isTable) {
      const is = found ? `${table.name} is no table` : `there is no table ${table.name}`
      complaints.push({ problem: `${is} in schema ${schema}`, remedy: null })
      continue
    }
    const missing = table.columns.filter((column) => !found.columns.has(column))
    if (missing.length > 0)
      complaints.push({
        problem: `table ${table.name} lacks ${missing.map((column) => `${column} (${TYPES[kindOf(column)].wanted})`).join(', ')}`,
        remedy: null,
      })
    for (const column of table.columns) {
      const is = found.columns.get(column)
      const problem = is && columnProblem(column, is, version)
      if (problem) complaints.push({ problem: `${table.name}.${column} ${problem}`, remedy: null })
    }
  }
  return complaints
}

function columnProblem(column: string, is: FoundColumn, version: number): string | null {
  if (is.generated !== '' && version < 18)
    return 'is generated: before PostgreSQL 18 it is not published'
  if (is.generated === 'v') return 'is generated when it is read: only a stored one is published'
  const kind = kindOf(column)
  const { types, wanted } = TYPES[kind]
  // Blanks fill a character(n), in the stream and not in a query: only a code that fills it is the same.
  const fits =
    types.includes(is.type) ||
    (kind === 'text' && is.isEnum) ||
    ((kind === 'money' || kind === 'count') && is.scale === 0) ||
    (is.declared === 'character(3)' && column === 'currency')
  return fits ? null : `is ${is.declared}, not ${wanted}`
}

/**
 * Tables whose updates and deletes do not name the row and its purchase, or name it by a column that is
 * not published: Postgres would then refuse the tills' updates.
 * @param published the columns that are published of a table; null: all of them
 */
export function identityComplaints(
  { tables }: FoundSource,
  published: (table: SourceTable) => ReadonlySet<string> | null,
): Complaint[] {
  const complaints: Complaint[] = []
  for (const table of Object.values(TABLES)) {
    const columns = published(table)
    for (const identity of tables.get(table.name)?.identities ?? []) {
      const named = table.key.every((column) => identity.columns.includes(column))
      const hidden = columns && identity.columns.find((column) => !columns.has(column))
      if (named && !hidden) continue
      complaints.push({
        problem: hidden
          ? `the replica identity of ${identity.relation} has ${hidden}, which is not published`
          : `the replica identity of ${identity.relation} is not (${table.key.join(', ')})`,
        remedy: identityRemedy(table, identity.relation),
      })
    }
  }
  return complaints
}

function identityRemedy(table: SourceTable, relation: string): string {
  if (table.key.length === 1) return `ALTER TABLE ${relation} REPLICA IDENTITY DEFAULT`
  const index = quoted(`${relation.replace(/^.*\./, '').replaceAll('"', '')}_identity`)
  const columns = table.key.map(quoted).join(', ')
  return `CREATE UNIQUE INDEX IF NOT EXISTS ${index} ON ${relation} (${columns}); ALTER TABLE ${relation} REPLICA IDENTITY USING INDEX ${index}`
}
