/**
 * Generations: what one source is projected to lives in a schema of its own, `generation_7`, in tables
 * named as the API's. Attached to these as the source's partition it is *serving*. Until then it can be
 * built, and dropped, beside the one that serves, and nobody sees it.
 *
 * Statements that write name no schema: the writing connection's `search_path` says which generation
 * they mean.
 */
import type { ReservedSql } from 'postgres'
import { formatLsn, LSN_ZERO, type Lsn, maxLsn } from '../../src/domain/lsn.ts'
import { FatalProjectorError, FencedError, sqlState } from '../errors.ts'
import { type Checkpoint, insertCheckpoint, readCheckpoints } from './checkpoint.ts'
import { rebuildMetrics } from './metrics.ts'
import { transaction } from './writing-connection.ts'

/** The partitioned tables, in the order in which the API's queries lock them. */
const TABLES = [
  'customer_card',
  'customer_metrics',
  'purchase_timeline',
  'location_card',
  'employee_card',
] as const
/** The same in the order in which the projector writes them. */
const WRITTEN = [
  'purchase_timeline',
  'customer_metrics',
  'customer_card',
  'location_card',
  'employee_card',
] as const

/** A switch that has to wait for readers or for the projector's commit lets them go first. */
const LOCK_WAIT_MS = 200
/** A pause before the next try in which whoever has waited gets on. */
export const SWITCH_AGAIN_MS = 500
const LOCK_NOT_AVAILABLE = '55P03'
const DEADLOCK = '40P01'
const UNIQUE_VIOLATION = '23505'

function schemaOf(generation: number): string {
  return `generation_${generation}`
}

/** For a connection's `search_path`: that generation's tables, and whatever else there is. */
export function searchPath(generation: number): string {
  return `${schemaOf(generation)}, public`
}

/**
 * Makes an empty generation with its checkpoint, in one transaction. Rejects with a FatalProjectorError
 * when the source has one already that does not serve.
 * @param begin its checkpoint, for the number that it gets
 */
export async function createGeneration(
  readUrl: string,
  begin: (generation: number) => Checkpoint,
): Promise<Checkpoint> {
  try {
    return await transaction(readUrl, async (tx) => {
      const [next] = await tx<{ number: number }[]>`
        select nextval('projection_generation')::int as number`
      const checkpoint = begin(next!.number)
      await insertCheckpoint(tx, checkpoint)
      const schema = schemaOf(checkpoint.generation)
      const source = literal(checkpoint.sourceId)
      await tx.unsafe(`create schema ${schema}`)
      for (const table of TABLES) {
        const indexes = table === 'purchase_timeline' ? await timelineKey(tx) : 'including indexes'
        await tx.unsafe(
          `create table ${schema}.${table} (like public.${table} including defaults ${indexes},
             check (source_id = ${source}));
           alter table ${schema}.${table} alter source_id set default ${source}`,
        )
      }
      return checkpoint
    })
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    throw new FencedError('another projector has just begun to copy this source')
  }
}

/**
 * What a copy leaves for its end, in the current transaction of a connection whose search path is the
 * generation's: metrics from the timeline, the indexes of the API's queries, the planner's statistics.
 */
export async function completeTables(sql: ReservedSql, generation: number): Promise<void> {
  await rebuildMetrics(sql)
  const schema = schemaOf(generation)
  // A copy that was begun before there were generations has them already.
  for (const { definition } of await lateIndexes(sql))
    await sql.unsafe(
      definition
        .replace('CREATE INDEX ', 'CREATE INDEX IF NOT EXISTS ')
        .replace(' ON ONLY public.', ` ON ${schema}.`),
    )
  await sql.unsafe(`analyze ${TABLES.join(', ')}`)
}

/**
 * Indexes of the timeline beside its key: cheaper to make once a copy is there, and of columns that
 * any row of the table fits into. (Those of the customers' cards may refuse a row: it must not come to
 * light only then.)
 */
function lateIndexes(sql: ReservedSql) {
  return sql<{ definition: string }[]>`
    select pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid = 'public.purchase_timeline'::regclass and not indisprimary`
}

async function timelineKey(tx: ReservedSql): Promise<string> {
  const [row] = await tx<{ definition: string }[]>`
    select pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = 'public.purchase_timeline'::regclass and contype = 'p'`
  return `, ${row!.definition}`
}

/** Who is replaced by whom: the serving generation, if there is one, by a whole one. */
interface Switch {
  from: Checkpoint | null
  to: Checkpoint
}

/**
 * Makes a whole generation the one that the API reads, and drops the one before, in one transaction:
 * every query sees either the one or the other. All cache floors rise with it, so no answer of the old
 * one passes for fresh.
 *
 * Null, and nothing has changed, when it is not the moment: a reader or the projector is at work for
 * longer than a fifth of a second, or the new generation is behind the old one. Try again then.
 *
 * @param passed up to where the new generation lacks nothing, if that is beyond its checkpoint: where a
 *   source rests, the checkpoints of the two may have come to rest at different positions
 */
export function switchGeneration(
  readUrl: string,
  sourceId: string,
  generation: number,
  passed: Lsn = LSN_ZERO,
): Promise<Switch | null> {
  return locked(readUrl, sourceId, async (tx, found) => {
    const from = found.find(({ serving }) => serving) ?? null
    const to = found.find((one) => one.generation === generation)
    if (to?.phase !== 'live' || to.serving)
      throw new FatalProjectorError(`generation ${generation} is not one that could serve now`)
    if (from && from.appliedLsn > maxLsn(to.appliedLsn, passed)) return null
    // What an answer says of its age never goes back.
    const appliedLsn = maxLsn(to.appliedLsn, from?.appliedLsn ?? LSN_ZERO)
    await risingPosition(tx, async () => {
      if (from) await forget(tx, from)
      await tx`
        update projection_checkpoint set serving = true, applied_lsn = ${formatLsn(appliedLsn)},
          committed_at = greatest(committed_at, ${from?.committedAt ?? null}::text::timestamptz)
        where source_id = ${sourceId} and generation = ${generation}`
      for (const table of TABLES)
        await tx.unsafe(
          `alter table public.${table} attach partition ${schemaOf(generation)}.${table}
           for values in (${literal(sourceId)})`,
        )
    })
    return { from, to: { ...to, appliedLsn, serving: true } }
  })
}

/**
 * Forgets all that a source was projected to, when readers and other projectors leave it a moment. Its
 * slots are noted in `retired_slot`.
 */
export async function dropSource(readUrl: string, sourceId: string): Promise<void> {
  const dropAll = () =>
    locked(readUrl, sourceId, async (tx, found) => {
      await risingPosition(tx, async () => {
        for (const checkpoint of found) await forget(tx, checkpoint)
      })
      return true
    })
  while (!(await dropAll())) await new Promise((resolve) => setTimeout(resolve, SWITCH_AGAIN_MS))
}

/** Forgets a generation that does not serve. Its slot is noted in `retired_slot`. */
export async function dropUnserved(readUrl: string, checkpoint: Checkpoint): Promise<void> {
  await transaction(readUrl, (tx) => forget(tx, checkpoint))
}

/**
 * Runs `change` in a transaction in which nobody reads, and nobody writes what the source has. Null when
 * others are at work for too long: they, and whoever came behind, do not wait for this for longer.
 *
 * The order of the locks is that of those who hold them, so that nobody has what the other waits for: the
 * tables as the API sees them (their partitions of other sources are left alone), then the source's own
 * as its projector writes them, then the position.
 */
async function locked<T>(
  readUrl: string,
  sourceId: string,
  change: (tx: ReservedSql, found: Checkpoint[]) => Promise<T | null>,
): Promise<T | null> {
  try {
    return await transaction(readUrl, async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_WAIT_MS}`)
      await tx.unsafe(`lock table ${TABLES.map((table) => `only public.${table}`).join(', ')}`)
      for (const { generation } of await readCheckpoints(tx, sourceId)) {
        const tables = WRITTEN.map((table) => `${schemaOf(generation)}.${table}`)
        await tx.unsafe(`lock table ${tables.join(', ')}`)
      }
      await lockPosition(tx)
      return change(tx, await readCheckpoints(tx, sourceId))
    })
  } catch (error) {
    if ([LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlState(error) ?? '')) return null
    throw error
  }
}

async function forget(tx: ReservedSql, checkpoint: Checkpoint) {
  const { generation, sourceId, slotName, serving } = checkpoint
  if (serving)
    for (const table of TABLES)
      await tx.unsafe(
        `alter table public.${table} detach partition ${schemaOf(generation)}.${table}`,
      )
  await tx.unsafe(`drop schema ${schemaOf(generation)} cascade`)
  await tx`delete from dead_letter where source_id = ${sourceId} and generation = ${generation}`
  await tx`
    delete from projection_checkpoint
    where source_id = ${sourceId} and generation = ${generation}`
  await tx`
    insert into retired_slot (source_id, slot_name) values (${sourceId}, ${slotName})
    on conflict do nothing`
}

/**
 * Runs a change of what serves. The position rises by it, whatever the LSNs of what comes are (after a
 * reset they may be another cluster's), and all cache floors are noted to rise with it.
 */
async function risingPosition(tx: ReservedSql, change: () => Promise<void>) {
  const [before] = await tx<{ position: string }[]>`select position::text from read_model`
  await change()
  await tx`
    update position_base set base = base + greatest(0, 1 + (
      select ${before!.position}::text::pg_lsn - position from read_model))`
  await tx`
    insert into cache_outbox (position, customer_ids) select position, null from read_model`
}

/**
 * Lets the read model's position rise by one in the current transaction: for a change of rows that no
 * transaction of a source stands for, so that no answer from before it passes for one from after.
 */
export async function raisePosition(sql: ReservedSql): Promise<void> {
  await lockPosition(sql)
  await sql`update position_base set base = base + 1`
}

/**
 * Until the transaction ends nobody else moves the read model's position. Taken right before the
 * checkpoint moves, so positions rise in the order of commits, whichever source they come from.
 */
export async function lockPosition(sql: ReservedSql): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('purchase-timeline position', 0))`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
