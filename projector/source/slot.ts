/** The connection to the source, and the slot there: made, looked at, dropped. */
import postgres, { type Sql } from 'postgres'
import { type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { FatalProjectorError, isPassing, messageOf, sqlState } from '../errors.ts'
import { quoted } from './contract.ts'

/** What all connections of a projector are called, on either server. */
export const APPLICATION_NAME = 'purchase-timeline projector'
export const DEFAULT_SLOT = 'purchase_timeline'
export const DEFAULT_SCHEMA = 'public'

/** A connection pool to the source whose texts are UTC. Names without a schema are those of `schema`. */
export function connectSource(url: string, max = 2, schema = DEFAULT_SCHEMA): Sql {
  return postgres(url, {
    max,
    fetch_types: false,
    onnotice() {},
    connection: {
      application_name: APPLICATION_NAME,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      search_path: quoted(schema),
    },
  })
}

/** How long a reader that is told to end is waited for before it is told again. */
const READER_ENDS_MS = 1_000

interface SlotState {
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

/**
 * @param failover whether standbys of the source keep a copy, so that the slot survives a failover:
 *   PostgreSQL 17 and newer
 * @returns the consistent point: the slot has every transaction that commits behind it
 */
export async function createSlot(sql: Sql, slotName: string, failover = false): Promise<Lsn> {
  try {
    const [row] = failover
      ? await sql<{ lsn: string }[]>`
          select lsn::text
          from pg_create_logical_replication_slot(${slotName}, 'pgoutput', failover => true)`
      : await sql<{ lsn: string }[]>`
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
  if (sqlState(error) === '42883')
    return 'the source is older than PostgreSQL 17, which has no failover slots: start without --failover-slot'
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
