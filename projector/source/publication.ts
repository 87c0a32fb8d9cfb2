/**
 * The publication: what of the source leaves it. Made by us it holds exactly the projected columns; one
 * that somebody else looks after (a role of ours that may not make any, a managed Postgres) is taken as
 * it is as long as it holds at least those. What it holds beyond them is dropped by the decoder.
 */
import type { Sql } from 'postgres'
import { FatalProjectorError, isPassing, messageOf } from '../errors.ts'
import {
  type Complaint,
  type FoundSource,
  identityComplaints,
  quoted,
  readSource,
  shapeComplaints,
} from './contract.ts'
import { TABLES } from './tables.ts'

export const DEFAULT_PUBLICATION = 'purchase_timeline'

export interface FoundPublication {
  exists: boolean
  /** Whether this role is its owner. */
  owned: boolean
  /** What of the projected tables it does not publish. */
  lacks: string[]
  /** What it publishes beside them. */
  surplus: string[]
  /** Tables of other schemas, which may be another source's. */
  foreign: string[]
  /** Published columns by table. */
  columns: Map<string, Set<string>>
}

export async function readPublication(
  sql: Sql,
  name: string,
  { schema }: FoundSource,
): Promise<FoundPublication> {
  const [exists] = await sql<{ owned: boolean; operations: string[] }[]>`
    select pg_has_role(pubowner, 'usage') as owned, to_json(array_remove(array[case when not pubinsert then 'inserts' end,
      case when not pubupdate then 'updates' end, case when not pubdelete then 'deletes' end,
      case when not pubtruncate then 'truncates' end], null)) as operations
    from pg_publication where pubname = ${name}`
  const published = await sql<
    { schema: string; name: string; columns: string[]; filtered: boolean }[]
  >`
    select schemaname as schema, tablename as name, to_json(attnames) as columns,
      rowfilter is not null as filtered
    from pg_publication_tables where pubname = ${name} order by 1, 2`
  const found: FoundPublication = {
    exists: exists !== undefined,
    owned: exists?.owned ?? false,
    lacks: [...(exists?.operations ?? [])],
    surplus: [],
    foreign: [],
    columns: new Map(),
  }
  for (const { schema: of, name: table, columns } of published) {
    if (of !== schema) found.foreign.push(`${of}.${table}`)
    else if (Object.hasOwn(TABLES, table)) found.columns.set(table, new Set(columns))
    else found.surplus.push(table)
  }
  for (const { name: table, columns } of Object.values(TABLES)) {
    const has = found.columns.get(table)
    if (!has) found.lacks.push(table)
    for (const column of has ? columns : [])
      if (!has!.has(column)) found.lacks.push(`${table}.${column}`)
    for (const column of has ?? [])
      if (!columns.includes(column)) found.surplus.push(`${table}.${column}`)
  }
  for (const { schema: of, name: table, filtered } of published)
    if (filtered && of === schema && Object.hasOwn(TABLES, table))
      found.lacks.push(`some rows of ${table}`)
  return found
}

/** The statement that makes the publication as it should be, for whoever may run it. */
export function publicationSql(
  name: string,
  schema: string,
  state: 'none' | 'wrong' = 'none',
): string[] {
  const list = Object.values(TABLES)
    .map(
      ({ name: table, columns }) =>
        `${quoted(schema)}.${quoted(table)} (${columns.map(quoted).join(', ')})`,
    )
    .join(', ')
  // Of a partitioned table the changes come under its own name, not under its partitions'.
  const options = `publish = 'insert, update, delete, truncate', publish_via_partition_root = true`
  if (state === 'none')
    return [`CREATE PUBLICATION ${quoted(name)} FOR TABLE ${list} WITH (${options})`]
  return [
    `ALTER PUBLICATION ${quoted(name)} SET (${options})`,
    `ALTER PUBLICATION ${quoted(name)} SET TABLE ${list}`,
  ]
}

/**
 * Makes sure that everything that is projected will be published. A publication comes before its slot:
 * decoding looks it up as of the transaction that it decodes. Only the one of the default name is ever
 * changed, and only when it holds tables of this schema alone: any other is somebody else's.
 *
 * Throws a FatalProjectorError that lists all that is wrong with the source, with the SQL that mends it.
 */
export async function ensurePublication(sql: Sql, name = DEFAULT_PUBLICATION): Promise<void> {
  const source = await readSource(sql)
  refuse(shapeComplaints(source))
  const found = await readPublication(sql, name, source)
  const ours = name === DEFAULT_PUBLICATION && found.owned && found.foreign.length === 0
  const right = found.exists && found.lacks.length === 0
  if (right && (!ours || found.surplus.length === 0)) {
    refuse(publishedIdentities(source, found))
    return
  }
  refuse(identityComplaints(source, (table) => new Set(table.columns)))
  const statements = publicationSql(name, source.schema, found.exists ? 'wrong' : 'none')
  if (found.exists && !ours) throw new FatalProjectorError(unusable(name, found, statements))
  try {
    // Sent as one, they are one transaction.
    await sql.unsafe(statements.join(';'))
  } catch (error) {
    if (isPassing(error)) throw error
    // More than is needed, and not ours to change: it is taken as it is.
    if (right) {
      refuse(publishedIdentities(source, found))
      return
    }
    throw new FatalProjectorError(
      `the publication ${name} could not be made (${messageOf(error)}); somebody who may must run: ${statements.join('; ')}`,
      { cause: error },
    )
  }
}

/**
 * Throws a FatalProjectorError when the source or the publication no longer has what is projected:
 * changes may be missing.
 */
export async function checkPublication(sql: Sql, name = DEFAULT_PUBLICATION): Promise<void> {
  const source = await readSource(sql)
  refuse(shapeComplaints(source))
  const found = await readPublication(sql, name, source)
  const lacks = found.exists ? `, and lacks ${found.lacks.join(', ')}` : ''
  if (!found.exists || found.lacks.length > 0)
    throw new FatalProjectorError(
      `the publication ${name} was ${found.exists ? 'changed' : 'dropped'} since the first copy${lacks}, so that changes may be missing; run \`pt projector reset\` and start again: it copies the source anew`,
    )
  refuse(publishedIdentities(source, found))
}

/** Complaints about replica identities, given what the publication publishes. */
export function publishedIdentities(source: FoundSource, found: FoundPublication): Complaint[] {
  return identityComplaints(source, ({ name }) => found.columns.get(name) ?? null)
}

/** Why a publication that somebody else looks after can't be used, and what makes it usable. */
function unusable(name: string, found: FoundPublication, statements: string[]): string {
  if (found.foreign.length > 0 && found.columns.size === 0)
    return `the publication ${name} publishes tables of another schema (${found.foreign[0]}): name another one (--publication NAME)`
  return `the publication ${name} lacks ${found.lacks.join(', ')}; it is not ours to change: let its owner run ${statements.join('; ')}`
}

function refuse(complaints: Complaint[]) {
  if (complaints.length === 0) return
  const list = complaints
    .map(({ problem, remedy }) => (remedy ? `${problem} (run: ${remedy})` : problem))
    .join('; ')
  throw new FatalProjectorError(`the source can't be projected: ${list}. See docs/SOURCE.md`)
}
