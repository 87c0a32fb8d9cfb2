/**
 * First copy and hand-over to the stream. The slot comes first; then every table is paged by key, each
 * page written in one transaction with the progress; then a mark in the WAL says from where on the
 * stream has told everything that may have changed meanwhile.
 *
 *   creating ──slot──▶ copying ──last page──▶ catching_up ──stream passes the mark──▶ live
 *
 * Every step can be repeated after a kill. A page holds the rows' current state, the stream then replays
 * changes that are older: rows go back and forth and end equal, for the last change always comes last.
 */
import type { Sql } from 'postgres'
import { formatLsn, LSN_ZERO } from '../../src/domain/lsn.ts'
import type { Log } from '../../src/log.ts'
import {
  type Checkpoint,
  PROJECTION_VERSION,
  readCheckpoint,
  type Which,
} from '../apply/checkpoint.ts'
import { createGeneration, dropUnserved } from '../apply/generation.ts'
import { writeOrBury } from '../apply/isolate.ts'
import type { ReadStoreWriter } from '../apply/writer.ts'
import { FatalProjectorError } from '../errors.ts'
import type { PointListener } from '../points.ts'
import { Batch, LIVE } from '../project/batch.ts'
import type { Changes } from '../source/change.ts'
import { checkPublication, ensurePublication } from '../source/publication.ts'
import { createSlot, dropSlot, emitMark, readSlot, systemIdentifier } from '../source/slot.ts'
import { estimateRows, PAGED, type PagedTable, readSourcePage } from './source-pages.ts'

const PAGE_ROWS = 2_000

export interface CopyContext {
  source: Sql
  writer: ReadStoreWriter
  sourceId: string
  slotName: string
  publication: string
  /** Whether a slot that is made survives a failover of the source. */
  failoverSlot: boolean
  /** `building`: a generation beside the one that serves. */
  which: Which
  log: Log
  signal: AbortSignal
  onPoint?: PointListener | undefined
}

/**
 * The checkpoint of a generation whose copy is complete, after making whatever of it was missing. The
 * context's writer writes into that generation from then on.
 */
export async function ensureCopied(context: CopyContext): Promise<Checkpoint> {
  const { source, writer, publication } = context
  let checkpoint = await findGeneration(context)
  if (!checkpoint) checkpoint = await claim(context)
  // Before anything is made or copied there.
  const cluster = await systemIdentifier(source)
  if (checkpoint.systemIdentifier !== cluster)
    throw new FatalProjectorError(
      `the read model was made from another cluster (system identifier ${checkpoint.systemIdentifier}) than this source (${cluster}): point to that one, or run \`pt projector reset\` and start again`,
    )
  await writer.use(checkpoint)
  if (checkpoint.phase === 'creating') {
    await ensurePublication(source, publication)
    await begin(context)
  } else await checkPublication(source, publication)
  if (writer.checkpoint.phase !== 'copying') return writer.checkpoint
  const tell = await progressOf(context)
  while (writer.checkpoint.phase === 'copying') {
    if (context.signal.aborted) break
    await copyPage(context)
    context.onPoint?.('page-copied')
    tell(writer.checkpoint)
  }
  return writer.checkpoint
}

/** The generation to go on with, or null when there is none that this code could. */
async function findGeneration({ writer, sourceId, slotName, which }: CopyContext) {
  const checkpoint = await readCheckpoint(writer.sql, sourceId, which)
  if (!checkpoint) return null
  const { projectionVersion, serving } = checkpoint
  if (projectionVersion !== PROJECTION_VERSION) {
    if (serving)
      throw new FatalProjectorError(
        `the read model was made by version ${projectionVersion} of the projection, this is version ${PROJECTION_VERSION}: run \`pt projector rebuild\`; until then it answers as of its last change`,
      )
    await dropUnserved(writer.sql, checkpoint)
    return null
  }
  if (baseOf(checkpoint.slotName) !== slotName)
    throw new FatalProjectorError(
      `the read model follows slot ${checkpoint.slotName}, not ${slotName}`,
    )
  return checkpoint
}

/** A rebuild reads from a slot of its own, named after the first one's. */
export function baseOf(slotName: string): string {
  return slotName.replace(/_g\d+$/, '')
}

/** Says after a page how many rows are copied, how fast, and about how long it will still take. */
async function progressOf({ source, writer, log }: CopyContext) {
  const estimates = await Promise.all(PAGED.map((name) => estimateRows(source, name)))
  const about = estimates.reduce((sum, rows) => sum + rows, 0)
  const started = performance.now()
  const before = writer.checkpoint.copiedRows
  let told = before
  return ({ copyTable, copiedRows }: Checkpoint) => {
    if (copiedRows === told) return
    told = copiedRows
    const rowsPerSecond = Math.round((copiedRows - before) / ((performance.now() - started) / 1000))
    const secondsLeft = Math.max(0, Math.ceil((about - copiedRows) / rowsPerSecond))
    log.info('copied', { table: copyTable, rows: copiedRows, about, rowsPerSecond, secondsLeft })
  }
}

/** Says in the read store that a slot is about to be made, so that a kill right after leaves a trace. */
async function claim(context: CopyContext): Promise<Checkpoint> {
  const { source, writer, sourceId, slotName, which } = context
  if (which === 'serving' && (await readSlot(source, slotName)))
    throw new FatalProjectorError(
      `the source has a slot ${slotName} that this read store knows nothing of; if no other read store uses it, run \`pt projector reset\``,
    )
  const cluster = await systemIdentifier(source)
  return createGeneration(writer.sql, (generation) => ({
    sourceId,
    generation,
    serving: false,
    systemIdentifier: cluster,
    slotName: which === 'serving' ? slotName : `${slotName}_g${generation}`,
    consistentPoint: null,
    projectionVersion: PROJECTION_VERSION,
    phase: 'creating',
    copyTable: null,
    copyKey: null,
    copiedRows: 0,
    barrierLsn: null,
    appliedLsn: LSN_ZERO,
    committedAt: null,
  }))
}

async function begin({ source, writer, failoverSlot, log }: CopyContext): Promise<void> {
  const { slotName } = writer.checkpoint
  // A slot of ours from a start that was killed here: nothing was copied under it.
  await dropSlot(source, slotName)
  const consistentPoint = await createSlot(source, slotName, failoverSlot)
  await writer.commit({
    ...writer.checkpoint,
    phase: 'copying',
    consistentPoint,
    appliedLsn: consistentPoint,
    copyTable: PAGED[0],
  })
  log.info('slot made, copying the source', { slot: slotName })
}

async function copyPage({ source, writer }: CopyContext): Promise<void> {
  const { checkpoint } = writer
  const name = checkpoint.copyTable as PagedTable
  const page = await readSourcePage(source, name, checkpoint.copyKey, PAGE_ROWS)
  const copied: Changes = {
    commitLsn: checkpoint.consistentPoint!,
    ordinal: await deadLetterOrdinal(writer.sql, checkpoint),
    changes: page.changes,
  }
  const batch = new Batch(LIVE)
  batch.addAll(copied)
  const next: Checkpoint = {
    ...checkpoint,
    copyKey: page.next,
    copiedRows: checkpoint.copiedRows + page.rows,
  }
  await writeOrBury(writer, batch, [copied])
  if (page.next === null) {
    const following = PAGED[PAGED.indexOf(name) + 1]
    next.copyTable = following ?? null
    if (!following) {
      await writer.completeCopy()
      next.phase = 'catching_up'
      next.barrierLsn = await emitMark(source)
    }
  }
  await writer.commit(next)
}

/** All pages count as one transaction: the dead letters of each are numbered behind those before. */
async function deadLetterOrdinal(sql: Sql, checkpoint: Checkpoint): Promise<number> {
  const [row] = await sql<{ next: number }[]>`
    select coalesce(max(ordinal) + 1, 0) as next from dead_letter
    where source_id = ${checkpoint.sourceId} and generation = ${checkpoint.generation}
      and commit_lsn = ${formatLsn(checkpoint.consistentPoint!)}::pg_lsn`
  return row!.next
}
