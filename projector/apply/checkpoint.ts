/**
 * The checkpoint of a source: how far it is projected, and which generation of its slot that speaks of.
 * It changes only in the transaction that writes the rows it speaks of, and only by compare-and-set.
 */
import type { ReservedSql, Sql } from 'postgres'
import { formatLsn, type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import type { ProjectionPhase } from '../../src/schema/read.ts'
import { FatalProjectorError, FencedError, ReplacedError } from '../errors.ts'

/** Bump when the fold changes what it makes of the same input: the read model must be built anew. */
export const PROJECTION_VERSION = 3

export interface Checkpoint {
  sourceId: string
  /** Whose rows it speaks of: see `generation.ts`. */
  generation: number
  /** Whether the API reads them. */
  serving: boolean
  /** The source cluster, its slot, and where that slot began: what the LSNs belong to. */
  systemIdentifier: string
  slotName: string
  consistentPoint: Lsn | null
  projectionVersion: number
  phase: ProjectionPhase
  copyTable: string | null
  copyKey: string | null
  copiedRows: number
  barrierLsn: Lsn | null
  appliedLsn: Lsn
  /** Commit time of the last applied transaction, as Postgres prints it in UTC. */
  committedAt: string | null
}

type Row = Record<
  | 'source_id'
  | 'generation'
  | 'serving'
  | 'system_identifier'
  | 'slot_name'
  | 'consistent_point'
  | 'projection_version'
  | 'phase'
  | 'copy_table'
  | 'copy_key'
  | 'copied_rows'
  | 'barrier_lsn'
  | 'applied_lsn'
  | 'committed_at',
  string | null
>

/** All checkpoints of a source, the serving one first: at most one serves, at most one does not. */
export async function readCheckpoints(
  sql: Sql | ReservedSql,
  sourceId: string,
): Promise<Checkpoint[]> {
  const rows = await sql<Row[]>`
    select source_id, generation::text, serving::text, system_identifier, slot_name,
      consistent_point::text, projection_version::text, phase, copy_table, copy_key::text,
      copied_rows::text, barrier_lsn::text, applied_lsn::text, committed_at::text
    from projection_checkpoint where source_id = ${sourceId} order by projection_checkpoint.serving desc`
  return rows.map(checkpointOfRow)
}

/** Which of a source's generations is meant: the one that serves, or the one that is being built. */
export type Which = 'serving' | 'building'

/**
 * The checkpoint of a source's generation, or null when there is none. Before a first copy is complete
 * nothing serves: then `serving` is the one on its way there.
 */
export async function readCheckpoint(
  sql: Sql | ReservedSql,
  sourceId: string,
  which: Which = 'serving',
): Promise<Checkpoint | null> {
  const found = await readCheckpoints(sql, sourceId)
  if (which === 'serving') return found[0] ?? null
  return found.find(({ serving }) => !serving) ?? null
}

/** The checkpoint of the generation that the API reads. Rejects with a FatalProjectorError for none. */
export async function requireServing(sql: Sql, sourceId: string): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(sql, sourceId)
  if (checkpoint?.serving) return checkpoint
  throw new FatalProjectorError(
    `there is no whole read model of source ${sourceId} to build again: run \`pt projector run\``,
  )
}

function checkpointOfRow(row: Row): Checkpoint {
  return {
    sourceId: row.source_id!,
    generation: Number(row.generation),
    serving: row.serving === 'true',
    systemIdentifier: row.system_identifier!,
    slotName: row.slot_name!,
    consistentPoint: row.consistent_point ? parseLsn(row.consistent_point) : null,
    projectionVersion: Number(row.projection_version),
    phase: row.phase as ProjectionPhase,
    copyTable: row.copy_table,
    copyKey: row.copy_key,
    copiedRows: Number(row.copied_rows),
    barrierLsn: row.barrier_lsn ? parseLsn(row.barrier_lsn) : null,
    appliedLsn: parseLsn(row.applied_lsn!),
    committedAt: row.committed_at,
  }
}

/** Writes the first checkpoint of a generation. */
export async function insertCheckpoint(sql: ReservedSql, checkpoint: Checkpoint): Promise<void> {
  await sql`
    insert into projection_checkpoint (source_id, generation, serving, system_identifier, slot_name,
      projection_version, phase, applied_lsn)
    values (${checkpoint.sourceId}, ${checkpoint.generation}, ${checkpoint.serving},
      ${checkpoint.systemIdentifier}, ${checkpoint.slotName}, ${checkpoint.projectionVersion},
      ${checkpoint.phase}, ${formatLsn(checkpoint.appliedLsn)})`
}

/**
 * Moves the checkpoint from `from` to `to` in the current transaction. Rejects with a FencedError when
 * the stored one is no longer `from`, somebody else has moved it, and with a ReplacedError when its
 * generation is gone, or serves by now: who built it raises no cache floors. The transaction must then
 * not be committed.
 */
export async function moveCheckpoint(
  sql: Sql | ReservedSql,
  from: Checkpoint,
  to: Checkpoint,
): Promise<void> {
  const lsn = (value: Lsn | null) => (value === null ? null : formatLsn(value))
  const moved = await sql`
    update projection_checkpoint set
      slot_name = ${to.slotName}, consistent_point = ${lsn(to.consistentPoint)}, phase = ${to.phase},
      copy_table = ${to.copyTable}, copy_key = ${to.copyKey}, copied_rows = ${to.copiedRows},
      barrier_lsn = ${lsn(to.barrierLsn)}, applied_lsn = ${formatLsn(to.appliedLsn)},
      committed_at = ${to.committedAt}::text::timestamptz
    where source_id = ${from.sourceId} and generation = ${from.generation}
      and serving = ${from.serving} and system_identifier = ${from.systemIdentifier}
      and slot_name = ${from.slotName} and consistent_point is not distinct from ${lsn(from.consistentPoint)}
      and phase = ${from.phase} and copy_table is not distinct from ${from.copyTable}
      and copy_key is not distinct from ${from.copyKey}
      and applied_lsn = ${formatLsn(from.appliedLsn)}
    returning 1`
  if (moved.length > 0) return
  const stored = await readCheckpoints(sql, from.sourceId)
  const current = stored.find(({ generation }) => generation === from.generation)
  if (current?.serving !== from.serving)
    throw new ReplacedError(
      `generation ${from.generation} of source ${from.sourceId} ${current ? 'serves' : 'is gone'} by now`,
    )
  throw new FencedError(
    `the checkpoint of source ${from.sourceId} is no longer at ${formatLsn(from.appliedLsn)}: another projector has moved it`,
  )
}

/** Microseconds since 1970 → the text of a timestamptz in UTC. */
export function timestampOfMicros(micros: bigint): string {
  const date = new Date(Number(micros / 1000n)).toISOString()
  return `${date.slice(0, -1)}${(micros % 1000n).toString().padStart(3, '0')}Z`
}
