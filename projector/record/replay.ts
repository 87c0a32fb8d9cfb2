/** Folds a recording into an empty read store: the same code as the tail, the same tables every time. */
import { LSN_ZERO } from '../../src/domain/lsn.ts'
import { PROJECTION_VERSION, timestampOfMicros } from '../apply/checkpoint.ts'
import { createGeneration, dropSource, switchGeneration } from '../apply/generation.ts'
import { writeOrBury } from '../apply/isolate.ts'
import { ReadStoreWriter } from '../apply/writer.ts'
import { FatalProjectorError } from '../errors.ts'
import { LIVE } from '../project/batch.ts'
import { DEFAULT_LIMITS, Intake, type IntakeLimits } from '../stream/intake.ts'
import type { Piece } from './recording.ts'

interface ReplayOptions {
  readUrl: string
  pieces: AsyncIterable<Piece>
  sourceId?: string
  /** Other batch sizes must give the same tables. */
  limits?: Partial<IntakeLimits>
}

interface ReplayReport {
  transactions: number
  deadLetters: number
}

/** Throws a FatalProjectorError when the read store is not empty. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { readUrl, pieces, sourceId = 'main', limits } = options
  const writer = await ReadStoreWriter.connect(readUrl)
  let begun = false
  try {
    await refuseUnlessEmpty(writer)
    const begin = await createGeneration(readUrl, (generation) => ({
      sourceId,
      generation,
      serving: false,
      systemIdentifier: 'recording',
      slotName: 'recording',
      consistentPoint: null,
      projectionVersion: PROJECTION_VERSION,
      phase: 'live',
      copyTable: null,
      copyKey: null,
      copiedRows: 0,
      barrierLsn: null,
      appliedLsn: LSN_ZERO,
      committedAt: null,
    }))
    begun = true
    await writer.use(begin)
    await writer.completeCopy()
    await writer.commit(begin)
    const intake = new Intake({
      from: LSN_ZERO,
      limits: { ...DEFAULT_LIMITS, ...limits },
      fold: LIVE,
      onReceived() {},
      onSkipped() {},
      onPressure() {},
    })
    const report: ReplayReport = { transactions: 0, deadLetters: 0 }
    const drain = async () => {
      for (let work = intake.take(); work; work = intake.take()) {
        if (work.kind === 'truncate') {
          await writer.truncate(work.tables)
          continue
        }
        const { deadLetters } = await writeOrBury(writer, work.batch, work.parts)
        report.deadLetters += deadLetters
        if (!work.end) continue
        const { endLsn, committedAt } = work.end
        await writer.commit({
          ...writer.checkpoint,
          appliedLsn: endLsn,
          committedAt: timestampOfMicros(committedAt),
        })
      }
    }
    let open = false
    for await (const { commitLsn, changes, end } of pieces) {
      if (!open) intake.begin(commitLsn)
      for (const change of changes) intake.change(change)
      open = end === null
      if (end) {
        intake.commit(commitLsn, end.endLsn, end.committedAt)
        report.transactions++
      }
      if (intake.full) await drain()
    }
    await drain()
    // What was never carried on.
    await writer.rollback()
    while (!(await switchGeneration(readUrl, sourceId, begin.generation))) {}
    return report
  } catch (error) {
    // The store was empty before: half of a recording must not look like a read model.
    await writer.rollback()
    if (begun) await dropSource(readUrl, sourceId)
    throw error
  } finally {
    await writer.close()
  }
}

async function refuseUnlessEmpty(writer: ReadStoreWriter) {
  const [row] = await writer.sql`
    select 1 where exists (select from projection_checkpoint) or exists (select from purchase_timeline)
      or exists (select from customer_card)`
  if (row)
    throw new FatalProjectorError('the read store is not empty: a replay needs one of its own')
}
