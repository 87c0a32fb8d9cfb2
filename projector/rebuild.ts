/**
 * Rebuild without downtime: a second generation is copied and caught up beside the one that serves,
 * proven equal to the source, and switched with it in one transaction. Until then nothing changes for
 * anybody; a failure or a kill at any point leaves the old generation serving and its projector running.
 * A rebuild that was killed goes on where it was when it is started again.
 */
import { type Log, silentLog } from '../src/log.ts'
import { readCheckpoint } from './apply/checkpoint.ts'
import { dropUnserved, switchGeneration } from './apply/generation.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { FatalProjectorError } from './errors.ts'
import { type RunningProjector, startBuilder } from './index.ts'
import type { PointListener } from './points.ts'
import { dropRetiredSlots } from './retired-slots.ts'
import { connectSource } from './source/slot.ts'
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
  /** Called as each step begins. */
  onStep?(step: RebuildStep): void
}

export type RebuildStep = 'copying' | 'verifying' | 'switching'

export interface RebuildReport {
  /** Whether the new generation serves. If not, it was not equal to the source, and is gone again. */
  switched: boolean
  generation: number
  /** Milliseconds until it was whole, until it was proven, until it served; since the start. */
  wholeMs: number
  verifiedMs: number
  switchedMs: number
  verified: VerifyReport
}

const SWITCH_AGAIN_MS = 100

/**
 * Resolves when the new generation serves, or has been refused. Rejects with a FatalProjectorError when
 * nothing serves yet or another rebuild is at work, and with the signal's reason when it aborts.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { sourceUrl, readUrl, sourceId = 'main', log = silentLog, signal, onStep } = options
  const started = performance.now()
  const elapsed = () => Math.round(performance.now() - started)
  const source = connectSource(sourceUrl, 1)
  const read = connectReadStore(readUrl, { max: 2 })
  let builder: RunningProjector | undefined
  try {
    await refuseUnlessServing()
    onStep?.('copying')
    builder = startBuilder({ ...options, log })
    await untilWhole(builder, signal)
    const wholeMs = elapsed()
    const building = await readCheckpoint(read, sourceId, 'building')
    if (!building) throw new FatalProjectorError('what was being built is gone: it was reset')
    const { generation } = building

    onStep?.('verifying')
    const verified = await verify({
      sourceUrl,
      readUrl,
      sourceId,
      which: 'building',
      ...(options.sourceSchema && { sourceSchema: options.sourceSchema }),
      ...(signal && { signal }),
    })
    const verifiedMs = elapsed()
    if (!verified.equal) {
      await builder.stop()
      await dropUnserved(read, building)
      await dropRetiredSlots(source, read, sourceId)
      return { switched: false, generation, wholeMs, verifiedMs, switchedMs: elapsed(), verified }
    }

    onStep?.('switching')
    while (!(await switchGeneration(read, sourceId, generation))) {
      signal?.throwIfAborted()
      await Bun.sleep(SWITCH_AGAIN_MS)
    }
    const switchedMs = elapsed()
    log.info('the rebuilt generation serves', { generation })
    await builder.stop()
    // The projector of the old generation loses its stream with the slot, and goes on with the new one.
    await dropRetiredSlots(source, read, sourceId)
    return { switched: true, generation, wholeMs, verifiedMs, switchedMs, verified }
  } finally {
    await builder?.stop()
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }

  async function refuseUnlessServing() {
    const checkpoint = await readCheckpoint(read, sourceId)
    if (!checkpoint?.serving)
      throw new FatalProjectorError(
        `there is no whole read model of source ${sourceId} to build again: run \`pt projector run\``,
      )
  }
}

/** Rejects when the builder gives up, finds another at work, or the signal aborts. */
async function untilWhole(builder: RunningProjector, signal: AbortSignal | undefined) {
  const stopped = Promise.withResolvers<never>()
  const stop = () => stopped.reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  try {
    await Promise.race([builder.live, stopped.promise])
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
