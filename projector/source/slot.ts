/** The publication and the slot on the source: made, looked at, dropped. */
import postgres, { type Sql } from 'postgres'
import { type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { FatalProjectorError, isPassing, messageOf, sqlState } from '../errors.ts'
import { TABLES } from './tables.ts'

export const DEFAULT_SLOT = 'purchase_timeline'
export const PUBLICATION = 'purchase_timeline'

/** A connection pool to the source whose texts are UTC. */
export function connectSource(url: string, max = 2): Sql {
  return postgres(url, {
    max,
    fetch_types: false,
    onnotice() {},
    connection: {
      application_name: 'purchase-timeline projector',
      TimeZone: 'UTC',
      DateStyle: 'ISO',
    },
  })
}

/** How long a reader that is told to end is waited for before it is told again. */
const READER_ENDS_MS = 1_000

export interface SlotState {
  /** Everything below is acknowledged: the server will not send it again. */
  confirmedFlushLsn: Lsn | null
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  walStatus: string | null
  /** Backend that streams from it now. */
  activePid: number | null
  database: string
  plugin: string
}

export async function systemIdentifier(sql: Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select system_identifier::text as id from pg_control_system()`
  return row!.id
}

export async function readSlot(sql: Sql, slotName: string): Promise<SlotState | null> {
  const [row] = await sql<
    {
      lsn: string | null
      wal_status: string | null
      active_pid: number | null
      database: string
      plugin: string
    }[]
  >`
    select confirmed_flush_lsn::text as lsn, wal_status, active_pid, database, plugin
    from pg_replication_slots where slot_name = ${slotName}`
  if (!row) return null
  return {
    confirmedFlushLsn: row.lsn ? parseLsn(row.lsn) : null,
    walStatus: row.wal_status,
    activePid: row.active_pid,
    database: row.database,
    plugin: row.plugin,
  }
}

/** @returns the consistent point: the slot has every transaction that commits behind it */
export async function createSlot(sql: Sql, slotName: string): Promise<Lsn> {
  try {
    const [row] = await sql<{ lsn: string }[]>`
      select lsn::text from pg_create_logical_replication_slot(${slotName}, 'pgoutput')`
    return parseLsn(row!.lsn)
  } catch (error) {
    if (isPassing(error)) throw error
    throw new FatalProjectorError(adviseOnSlot(error), { cause: error })
  }
}

function adviseOnSlot(error: unknown): string {
  const message = messageOf(error)
  if (/wal_level/.test(message))
    return 'the source cannot be replicated: set wal_level = logical there and restart it'
  if (/all replication slots are in use/.test(message))
    return 'the source has no free replication slot: raise max_replication_slots there, or drop one'
  if (sqlState(error) === '42501')
    return `the source's role may not create a replication slot (${message}): ALTER ROLE … REPLICATION`
  return `the replication slot could not be created: ${message}`
}

/** Ends the connection that streams from a slot, if one does, and waits until it has let go. */
export async function endReaderOf(sql: Sql, slotName: string): Promise<void> {
  for (;;) {
    const slot = await readSlot(sql, slotName)
    if (!slot?.activePid) return
    await sql`select pg_terminate_backend(${slot.activePid}, ${READER_ENDS_MS})`
  }
}

export async function dropSlot(sql: Sql, slotName: string): Promise<void> {
  await sql`
    select pg_drop_replication_slot(slot_name) from pg_replication_slots
    where slot_name = ${slotName}`
}

/**
 * Makes the publication publish exactly the projected columns. The publication comes before the slot:
 * decoding looks it up as of the transaction that it decodes.
 */
export async function ensurePublication(sql: Sql): Promise<void> {
  await checkIdentities(sql)
  const state = await readPublication(sql)
  if (state === 'right') return
  const list = Object.values(TABLES)
    .map(({ name, columns }) => `public."${name}" (${columns.map((c) => `"${c}"`).join(', ')})`)
    .join(', ')
  try {
    if (state === 'none') await sql.unsafe(`create publication ${PUBLICATION} for table ${list}`)
    else {
      await sql.unsafe(`alter publication ${PUBLICATION} set table ${list}`)
      await sql.unsafe(
        `alter publication ${PUBLICATION} set (publish = 'insert, update, delete, truncate')`,
      )
    }
  } catch (error) {
    if (isPassing(error)) throw error
    const message = messageOf(error)
    if (sqlState(error) === '42P01' || sqlState(error) === '42703')
      throw new FatalProjectorError(
        `the source lacks a table or column (${message}): run \`pt migrate\``,
      )
    throw new FatalProjectorError(`the publication ${PUBLICATION} could not be made: ${message}`)
  }
}

/** Throws a FatalProjectorError when the publication is not as it was made: changes may be missing. */
export async function checkPublication(sql: Sql): Promise<void> {
  await checkIdentities(sql)
  const state = await readPublication(sql)
  if (state !== 'right')
    throw new FatalProjectorError(
      `the publication ${PUBLICATION} was ${state === 'none' ? 'dropped' : 'changed'} since the first copy, so that changes may be missing; run \`pt projector reset\` and start again: it copies the source anew`,
    )
}

async function readPublication(sql: Sql): Promise<'none' | 'wrong' | 'right'> {
  const wanted = new Map<string, string>(
    Object.values(TABLES).map(({ name, columns }) => [name, [...columns].sort().join()]),
  )
  const published = await sql<{ name: string; columns: string }[]>`
    select tablename as name, array_to_string(array(select unnest(attnames)::text collate "C" order by 1), ',') as columns
    from pg_publication_tables
    where pubname = ${PUBLICATION} and schemaname = 'public' and rowfilter is null`
  const [exists] = await sql<{ every_operation: boolean }[]>`
    select pubinsert and pubupdate and pubdelete and pubtruncate as every_operation
    from pg_publication where pubname = ${PUBLICATION}`
  if (!exists) return 'none'
  const same =
    exists.every_operation &&
    published.length === wanted.size &&
    published.every(({ name, columns }) => wanted.get(name) === columns)
  return same ? 'right' : 'wrong'
}

/**
 * A published table must have the replica identity that the migrations give it. With FULL, which other
 * consumers of a source may have set, Postgres would refuse the tills' updates as soon as some columns
 * are published; with another key, a deleted line would not name its purchase.
 */
async function checkIdentities(sql: Sql): Promise<void> {
  const found = await sql<{ name: string; columns: string | null }[]>`
    select c.relname as name,
      (select string_agg(a.attname, ',' order by k.at)
       from pg_index i cross join unnest(i.indkey) with ordinality k (attnum, at)
       join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
       where i.indrelid = c.oid and case c.relreplident
         when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) as columns
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`
  const identities = new Map(found.map(({ name, columns }) => [name, columns]))
  for (const { name, key } of Object.values(TABLES)) {
    const identity = identities.get(name)
    if (identity !== undefined && identity !== key.join())
      throw new FatalProjectorError(
        `table ${name} of the source has another replica identity than (${key.join(', ')}): give it back the one of the migrations`,
      )
  }
}

/**
 * Writes a mark into the source's WAL and returns its end: a stream that has come this far has passed
 * every transaction that was visible before the call. The message is part of a transaction so that its
 * commit flushes it: on a source at rest, one outside of any waits for the WAL writer, for seconds.
 */
export async function emitMark(sql: Sql): Promise<Lsn> {
  const [row] = await sql<{ lsn: string }[]>`
    select set_config('synchronous_commit', 'on', true),
      pg_logical_emit_message(true, 'purchase_timeline', 'mark')::text as lsn`
  return parseLsn(row!.lsn)
}
