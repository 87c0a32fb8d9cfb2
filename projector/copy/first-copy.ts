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
import { emitMark } from '../../src/postgres/mark.ts'
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
import { createSlot, dropSlot, readSlot, systemIdentifier } from '../source/slot.ts'
import {
  estimateRows,
  PAGED,
  type PagedTable,
  type SourcePage,
  SourceReader,
} from './source-pages.ts'

const PAGE_ROWS = 2_000

interface CopyContext {
  sourceUrl: string
  sourceSchema: string
  /** Connections to that source. */
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
  /** Told which generation is worked on, before anything is copied into it. */
  onGeneration(generation: number): void
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
  context.onGeneration(checkpoint.generation)
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
  await copyAll(context)
  return writer.checkpoint
}

/**
 * Copies page by page. While one is written the next is read and folded, so that both servers and this
 * process are at work at once.
 */
async function copyAll(context: CopyContext): Promise<void> {
  const { sourceUrl, sourceSchema, writer, signal } = context
  const tell = await progressOf(context)
  const reader = await SourceReader.open(sourceUrl, sourceSchema)
  const read = ({ copyTable, copyKey }: Checkpoint) =>
    reader.page(copyTable as PagedTable, copyKey, PAGE_ROWS)
  let at = writer.checkpoint
  let ordinal = await deadLetterOrdinal(writer.sql, at)
  let ahead = read(at)
  let writing = Promise.resolve()
  try {
    while (at.copyTable !== null && !signal.aborted) {
      const page = await ahead
      const next = behind(at, page)
      if (next.copyTable !== null) ahead = read(next)
      const copied: Changes = {
        commitLsn: at.consistentPoint!,
        ordinal,
        changes: page.changes,
      }
      ordinal += page.changes.length
      const batch = new Batch(LIVE)
      batch.addAll(copied)
      await writing
      writing = writePage(context, batch, copied, next).then(() => tell(writer.checkpoint))
      // Whoever waits for the page before the next one is told; until then it is no unhandled one.
      writing.catch(() => {})
      at = next
    }
    await writing
  } finally {
    await reader.close()
  }
}

/** Where the copy stands behind a page; without a table it is complete. */
function behind(checkpoint: Checkpoint, page: SourcePage): Checkpoint {
  const { copyTable, copiedRows } = checkpoint
  const table = page.next === null ? PAGED[PAGED.indexOf(copyTable as PagedTable) + 1] : copyTable
  return {
    ...checkpoint,
    copyTable: table ?? null,
    copyKey: page.next,
    copiedRows: copiedRows + page.rows,
  }
}

/** The generation to go on with, or null when there is none that this code could. */
async function findGeneration({ writer, sourceId, slotName, which }: CopyContext) {
  if (baseOf(slotName) !== slotName)
    throw new FatalProjectorError(
      `${slotName} is a name that rebuilds give to their slots: choose one that does not end in _g and a number`,
    )
  const checkpoint = await readCheckpoint(writer.sql, sourceId, which)
  if (!checkpoint) return null
  const { projectionVersion, serving } = checkpoint
  if (serving && projectionVersion > PROJECTION_VERSION)
    throw new FatalProjectorError(
      `the read model was made by version ${projectionVersion} of the projection, this is version ${PROJECTION_VERSION}: start the newer program`,
    )
  if (projectionVersion !== PROJECTION_VERSION) {
    if (serving)
      throw new FatalProjectorError(
        `the read model was made by version ${projectionVersion} of the projection, this is version ${PROJECTION_VERSION}: run \`pt projector rebuild\`; until then it answers as of its last change`,
      )
    await dropUnserved(writer.url, checkpoint)
    return null
  }
  if (baseOf(checkpoint.slotName) !== slotName)
    throw new FatalProjectorError(
      `the read model follows slot ${checkpoint.slotName}, not ${slotName}`,
    )
  return checkpoint
}

/** A rebuild reads from a slot of its own, named after the first one's, which so can't end like this. */
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
  return createGeneration(writer.url, (generation) => ({
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

async function writePage(
  { source, writer, onPoint }: CopyContext,
  batch: Batch,
  copied: Changes,
  next: Checkpoint,
): Promise<void> {
  await writeOrBury(writer, batch, [copied])
  if (next.copyTable !== null) await writer.commit(next)
  else {
    await writer.completeCopy()
    await writer.commit({ ...next, phase: 'catching_up', barrierLsn: await emitMark(source) })
  }
  onPoint?.('page-copied')
}

/** All pages count as one transaction: the dead letters of each are numbered behind those before. */
async function deadLetterOrdinal(sql: Sql, checkpoint: Checkpoint): Promise<number> {
  const [row] = await sql<{ next: number }[]>`
    select coalesce(max(ordinal) + 1, 0) as next from dead_letter
    where source_id = ${checkpoint.sourceId} and generation = ${checkpoint.generation}
      and commit_lsn = ${formatLsn(checkpoint.consistentPoint!)}::pg_lsn`
  return row!.next
}
