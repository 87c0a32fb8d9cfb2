/**
 * A region's read store: a copy of the read store that a projector keeps, kept by Postgres's own logical
 * replication. It is read by the API of that region, and only as old as it says: rows, checkpoint and
 * position arrive in the transactions that the projector wrote.
 *
 *   projector ─▶ read store ──publication, slot──▶ subscription ─▶ region's read store ◀─ API of the region
 *
 * What is followed are generations. A rebuild attaches another one, which is no change of rows: the region's
 * checkpoints go in that moment, its API says that the read model is being built, and it has to follow
 * anew. It never answers from rows of two generations.
 */
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import type { ReservedSql, Sql } from 'postgres'
import { HeldConnection } from '../../src/postgres/held-connection.ts'
import { connectReadStore, transaction } from '../apply/writing-connection.ts'
import { FatalProjectorError } from '../errors.ts'
import { clientConfig } from '../source/client-config.ts'
import { dropSlot, endReaderOf, readSlot } from '../source/slot.ts'

interface RegionOptions {
  /** The read store that a projector keeps. Its role may create publications and slots. */
  readUrl: string
  /** The region's, migrated; empty, or following already. Its role may create subscriptions. */
  regionUrl: string
  /** Of the publication, the slot and the subscription: `region_NAME`. */
  name: string
}

interface FollowOptions extends RegionOptions {
  /** How the region's server reaches the read store, if not by `readUrl`; a libpq connection string. */
  connection?: string
  /** Told when a table is copied. */
  onCopied?(table: string): void
}

export interface RegionStatus {
  /**
   * `following`; `waiting` while the subscription is not connected; `outdated` after a rebuild, and
   * `none` before the first: then follow (again).
   */
  state: 'following' | 'waiting' | 'outdated' | 'none'
  /** The read model's positions; null where there is none. */
  position: string
  regionPosition: string | null
  /** WAL that the read store keeps for the region. */
  lagBytes: number
}

/** Partitioned by source. */
const ROWS = [
  'purchase_timeline',
  'customer_metrics',
  'customer_card',
  'location_card',
  'employee_card',
] as const
/** What belongs to no generation: part of the position, and the tokens that were taken back. */
const KEYLESS = ['position_base', 'token_revocation'] as const
const STATE = [...KEYLESS, 'projection_checkpoint'] as const

/**
 * Fills the region's read store from one snapshot, in one transaction, and lets it follow from there; until
 * the commit its API answers as before. Begins again from nothing what was begun and not finished, or is
 * outdated. Throws a FatalProjectorError that says what to do.
 */
export async function followRegion(options: FollowOptions): Promise<void> {
  const { readUrl, regionUrl, connection = readUrl, onCopied } = options
  const name = nameOf(options)
  const read = connectReadStore(readUrl)
  const region = connectReadStore(regionUrl)
  try {
    const generations = await servingGenerations(read)
    await assertOnlyFollows(region)
    await unsubscribe(read, region, name)
    await publish(read, name, generations)
    await withSnapshot(readUrl, name, (snapshot) =>
      fill({ readUrl, regionUrl, snapshot, generations, ...(onCopied && { onCopied }) }),
    )
    await region.unsafe(`create subscription ${name} connection ${literal(connection)}
      publication ${name} with (create_slot = false, slot_name = ${name}, copy_data = false)`)
  } finally {
    await Promise.allSettled([read.end({ timeout: 1 }), region.end({ timeout: 1 })])
  }
}

/**
 * Ends the following. The region's rows stay as they are; its API says that the read model is not there.
 * Throws a FatalProjectorError for a store that is no copy: it would lose its own checkpoint.
 */
export async function leaveRegion(options: RegionOptions): Promise<void> {
  const read = connectReadStore(options.readUrl)
  const region = connectReadStore(options.regionUrl)
  try {
    const name = nameOf(options)
    await assertOnlyFollows(region)
    await unsubscribe(read, region, name)
    await read.unsafe(`drop publication if exists ${name}`)
    await region`delete from projection_checkpoint`
  } finally {
    await Promise.allSettled([read.end({ timeout: 1 }), region.end({ timeout: 1 })])
  }
}

/** How far the region is. */
export async function regionStatus(options: RegionOptions): Promise<RegionStatus> {
  const read = connectReadStore(options.readUrl, { max: 1 })
  const region = connectReadStore(options.regionUrl, { max: 1 })
  try {
    const name = nameOf(options)
    const [there] = await region<{ phase: string | null; position: string; subscribed: boolean }[]>`
      select phase, position::text,
        exists (select from pg_subscription where subname = ${name}) as subscribed
      from read_model`
    const [here] = await read<{ position: string; lag: number | null; active: boolean | null }[]>`
      select position::text, active, (pg_current_wal_flush_lsn() - confirmed_flush_lsn)::float8 as lag
      from read_model left join pg_replication_slots on slot_name = ${name}`
    const { phase, position, subscribed } = there!
    const live = phase === 'live'
    return {
      state: !subscribed ? 'none' : !live ? 'outdated' : here!.active ? 'following' : 'waiting',
      position: here!.position,
      regionPosition: live ? position : null,
      lagBytes: here!.lag ?? 0,
    }
  } finally {
    await Promise.allSettled([read.end({ timeout: 1 }), region.end({ timeout: 1 })])
  }
}

async function servingGenerations(read: Sql): Promise<number[]> {
  const rows = await read<{ generation: number }[]>`
    select generation from projection_checkpoint where serving`
  if (rows.length > 0) return rows.map(({ generation }) => generation)
  throw new FatalProjectorError(
    'the read store has no read model yet: wait until its projector is live',
  )
}

/** A store that has a projector of its own is no copy. */
async function assertOnlyFollows(region: Sql): Promise<void> {
  const [own] = await region<{ count: number }[]>`
    select count(*)::int as count from pg_namespace where nspname ~ '^generation_[0-9]+$'`
  if (own!.count === 0) return
  throw new FatalProjectorError(
    'the region’s read store is kept by a projector of its own: take an empty database, migrated by `pt migrate`',
  )
}

async function unsubscribe(read: Sql, region: Sql, name: string): Promise<void> {
  const [known] = await region`select from pg_subscription where subname = ${name}`
  if (known) {
    // Without its slot it goes even where the read store can't be reached from the region.
    await region.unsafe(`alter subscription ${name} disable`)
    await region.unsafe(`alter subscription ${name} set (slot_name = none)`)
    await region.unsafe(`drop subscription ${name}`)
  }
  if (!(await readSlot(read, name))) return
  await endReaderOf(read, name)
  await dropSlot(read, name)
}

async function publish(read: Sql, name: string, generations: number[]): Promise<void> {
  // They have no key; without an identity the next update of them would fail.
  for (const table of KEYLESS) await read.unsafe(`alter table ${table} replica identity full`)
  await read.unsafe(`drop publication if exists ${name}`)
  await read.unsafe(`create publication ${name} for table ${[...ROWS, ...KEYLESS].join(', ')},
    projection_checkpoint where (${among(generations)})
    with (publish_via_partition_root = true)`)
}

/** Makes the slot, and runs work while its snapshot can be read: the slot has all that commits behind it. */
async function withSnapshot(
  readUrl: string,
  name: string,
  work: (snapshot: string) => Promise<void>,
): Promise<void> {
  // pg's types do not know its replication mode.
  const client = new Client({ ...clientConfig(readUrl), replication: 'database' } as never)
  // A loss ends the query at hand, or the snapshot, which the copy then misses.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(
      `CREATE_REPLICATION_SLOT ${name} LOGICAL pgoutput (SNAPSHOT 'export')`,
    )
    await work(rows[0].snapshot_name)
  } finally {
    await client.end()
  }
}

interface Fill {
  readUrl: string
  regionUrl: string
  snapshot: string
  generations: number[]
  onCopied?(table: string): void
}

async function fill({ readUrl, regionUrl, snapshot, generations, onCopied }: Fill): Promise<void> {
  const from = await HeldConnection.open({
    connect: (onclose) => connectReadStore(readUrl, { max: 1, onclose }),
    lost: new FatalProjectorError('the connection to the read store was lost: follow again'),
  })
  try {
    await from.run(() =>
      transaction(regionUrl, async (tx) => {
        await from.sql.unsafe('begin isolation level repeatable read read only')
        await from.sql.unsafe(`set transaction snapshot ${literal(snapshot)}`)
        await prepare(tx)
        for (const table of [...ROWS, ...STATE]) {
          const columns = await columnsOf(tx, table)
          const followed = table === 'projection_checkpoint' ? `where ${among(generations)}` : ''
          await pipeline(
            await from.sql
              .unsafe(`copy (select ${columns} from ${table} ${followed}) to stdout`)
              .readable(),
            await tx.unsafe(`copy ${table} (${columns}) from stdin`).writable(),
          )
          onCopied?.(table)
        }
      }),
    )
  } finally {
    await from.close()
  }
}

/** Empties the region's tables, and gives them what a store that only follows needs. */
async function prepare(tx: ReservedSql): Promise<void> {
  for (const table of ROWS)
    await tx.unsafe(`create table if not exists ${table}_copy partition of ${table} default`)
  // Subscriptions do not write where rows are hidden from the owner too; the API is not the owner.
  for (const table of [...ROWS, ...STATE])
    await tx.unsafe(`alter table ${table} no force row level security`)
  await tx.unsafe(`truncate ${[...ROWS, ...STATE].join(', ')}`)
  // One generation of several is gone: what is left would be answered from as if it were whole.
  await tx.unsafe(`
    create or replace function region_is_outdated() returns trigger language plpgsql as $$
    begin
      if pg_trigger_depth() = 1 then
        delete from public.projection_checkpoint;
      end if;
      return null;
    end $$`)
  await tx.unsafe(`
    create or replace trigger region_is_outdated after delete on projection_checkpoint
    for each row execute function region_is_outdated()`)
  await tx.unsafe('alter table projection_checkpoint enable replica trigger region_is_outdated')
}

/** In the order of the table's own. */
async function columnsOf(tx: ReservedSql, table: string): Promise<string> {
  const rows = await tx<{ name: string }[]>`
    select quote_ident(attname) as name from pg_attribute
    where attrelid = ${table}::text::regclass and attnum > 0 and not attisdropped order by attnum`
  return rows.map(({ name }) => name).join(', ')
}

function among(generations: readonly number[]): string {
  return `generation in (${generations.join(', ')})`
}

function nameOf({ name }: RegionOptions): string {
  if (/^[a-z][a-z0-9_]{0,39}$/.test(name)) return `region_${name}`
  throw new FatalProjectorError(
    `a region's name has small letters, digits and _, at most 40, a letter first: not ${name}`,
  )
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
