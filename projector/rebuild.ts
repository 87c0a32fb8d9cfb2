/**
 * Rebuild without downtime: a second generation is copied and caught up beside the one that serves,
 * proven equal to the source, and switched with it in one transaction. Until then nothing changes for
 * anybody; a failure or a kill at any point leaves the old generation serving and its projector running.
 * A rebuild that was killed goes on where it was when it is started again.
 */
import { type Log, silentLog } from '../src/log.ts'
import { PROJECTION_VERSION, readCheckpoint, requireServing } from './apply/checkpoint.ts'
import { dropUnserved, SWITCH_AGAIN_MS, switchGeneration } from './apply/generation.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { baseOf } from './copy/first-copy.ts'
import { FatalProjectorError } from './errors.ts'
import { type RunningProjector, startBuilder } from './index.ts'
import type { PointListener } from './points.ts'
import { readPosition } from './position.ts'
import { dropRetiredSlots } from './retired-slots.ts'
import { connectSource, DEFAULT_SLOT, readSlot, systemIdentifier } from './source/slot.ts'
import type { IntakeLimits } from './stream/intake.ts'
import { type VerifyReport, verify } from './verify/verify.ts'

export interface RebuildOptions {
  sourceUrl: string
  readUrl: string
  sourceId?: string
  /** The slot that the projector was started with; the rebuild reads from one named after it. */
  slotName?: string
  /** As of the projector. */
  sourceSchema?: string
  publication?: string
  failoverSlot?: boolean
  limits?: Partial<IntakeLimits>
  log?: Log
  /** Leaves what is built for the next start to go on with. */
  signal?: AbortSignal
  onPoint?: PointListener
  /** Called before each step, which waits for it. */
  onStep?(step: RebuildStep): void | Promise<void>
}

export type RebuildStep = 'copying' | 'verifying' | 'switching'

export interface RebuildReport {
  /**
   * Whether the new generation serves. If not, it was not equal to the source, and is gone again. Rows
   * that could not be projected, with dead letters that say why, do not keep it from serving.
   */
  switched: boolean
  generation: number
  /** Milliseconds until it was whole, until it was proven, until it served; since the start. */
  wholeMs: number
  verifiedMs: number
  switchedMs: number
  verified: VerifyReport
}

/** Whether what serves was made by another version of the projection: then no projector follows it. */
export async function isOutdated(readUrl: string, sourceId = 'main'): Promise<boolean> {
  const read = connectReadStore(readUrl, { max: 1 })
  try {
    const checkpoint = await readCheckpoint(read, sourceId)
    return checkpoint?.serving === true && checkpoint.projectionVersion !== PROJECTION_VERSION
  } finally {
    await read.end({ timeout: 1 })
  }
}

/**
 * Resolves when the new generation serves, or has been refused. Rejects with a FatalProjectorError when
 * nothing serves yet, another rebuild is at work, or this is not the source of what serves; with the
 * signal's reason when it aborts.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { sourceUrl, readUrl, sourceId = 'main', log = silentLog, signal, onStep } = options
  const started = performance.now()
  const elapsed = () => Math.round(performance.now() - started)
  const source = connectSource(sourceUrl, 1)
  const read = connectReadStore(readUrl, { max: 2 })
  let builder: RunningProjector | undefined
  try {
    await refuseOtherSource()
    await onStep?.('copying')
    builder = startBuilder({ ...options, log })
    await whileBuilding(builder, signal, builder.live)
    const wholeMs = elapsed()
    const building = await readCheckpoint(read, sourceId, 'building')
    if (!building) throw new FatalProjectorError('what was being built is gone: it was reset')
    const { generation } = building

    await onStep?.('verifying')
    const verified = await whileBuilding(
      builder,
      signal,
      verify({
        sourceUrl,
        readUrl,
        sourceId,
        which: 'building',
        ...(options.sourceSchema && { sourceSchema: options.sourceSchema }),
        ...(signal && { signal }),
      }),
    )
    const verifiedMs = elapsed()
    // What neither can be projected now nor could be before is kept as dead letters, as it was.
    if (verified.tables.some(({ different, refused }) => different > refused)) {
      await builder.stop()
      await dropUnserved(readUrl, building)
      await dropRetiredSlots(source, read, sourceId)
      return { switched: false, generation, wholeMs, verifiedMs, switchedMs: elapsed(), verified }
    }

    await onStep?.('switching')
    const attempt = async () => {
      const { appliedLsn } = await readPosition(source, read, sourceId, 'building')
      return switchGeneration(readUrl, sourceId, generation, appliedLsn)
    }
    while (!(await attempt())) await whileBuilding(builder, signal, Bun.sleep(SWITCH_AGAIN_MS))
    const switchedMs = elapsed()
    log.info('the rebuilt generation serves', { generation })
    options.onPoint?.('switched')
    await builder.stop()
    // The projector of the old generation loses its stream with the slot, and goes on with the new one.
    await dropRetiredSlots(source, read, sourceId)
    return { switched: true, generation, wholeMs, verifiedMs, switchedMs, verified }
  } finally {
    await builder?.stop()
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }

  /** What it would make equals the source at hand: that must be the one of the generation that serves. */
  async function refuseOtherSource() {
    const { slotName = DEFAULT_SLOT } = options
    const serving = await requireServing(read, sourceId)
    const cluster = await systemIdentifier(source)
    if (serving.systemIdentifier !== cluster)
      throw new FatalProjectorError(
        `the read model was made from another cluster (system identifier ${serving.systemIdentifier}) than this source (${cluster})`,
      )
    if (serving.slotName !== slotName && baseOf(serving.slotName) !== slotName)
      throw new FatalProjectorError(
        `the read model follows slot ${serving.slotName}, not ${slotName}`,
      )
    const slot = await readSlot(source, serving.slotName)
    const [at] = await source<{ name: string }[]>`select current_database() as name`
    if (slot && slot.database !== at!.name)
      throw new FatalProjectorError(
        `the read model was made from database ${slot.database}, not ${at!.name}`,
      )
  }
}

/** What `work` gives; rejects when the builder gives up before, or the signal aborts. */
async function whileBuilding<T>(
  builder: RunningProjector,
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  const stopped = Promise.withResolvers<never>()
  const stop = () => stopped.reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  builder.finished.catch(stopped.reject)
  try {
    return await Promise.race([work, stopped.promise])
  } finally {
    signal?.removeEventListener('abort', stop)
    work.catch(() => {})
    stopped.promise.catch(() => {})
  }
}
