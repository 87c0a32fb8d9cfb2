/**
 * Proof that there is one way only from a source to its read model: the tail that follows it, a rebuild
 * from its rows, and replays of what was recorded meanwhile give equal tables, checksum by checksum.
 */

import { emitMark } from '../src/postgres/mark.ts'
import { readCheckpoint } from './apply/checkpoint.ts'
import { searchPath } from './apply/generation.ts'
import { connectReadStore } from './apply/writing-connection.ts'
import { FatalProjectorError } from './errors.ts'
import { waitUntilApplied } from './position.ts'
import { rebuild } from './rebuild.ts'
import { readChecksums, type TableChecksum } from './record/checksums.ts'
import { startRecording } from './record/record.ts'
import { linesOfFile, openRecording } from './record/recording.ts'
import { replay } from './record/replay.ts'
import { connectSource } from './source/slot.ts'
import { DEFAULT_LIMITS } from './stream/intake.ts'

export const WAYS = ['tail', 'rebuild', 'replay', 'replay in pieces'] as const
export type Way = (typeof WAYS)[number]

export interface ProveOptions {
  sourceUrl: string
  /** A projector must be following the source into it. */
  readUrl: string
  sourceId?: string
  slotName?: string
  sourceSchema?: string
  publication?: string
  /** Two migrated, empty read databases for the replays. */
  scratchUrls: readonly [string, string]
  /** For the recording; must not be there. */
  file: string
  /** Writes to the source while it is recorded. */
  work?(): Promise<unknown>
  signal?: AbortSignal
  /** Called as each step begins. */
  onStep?(step: 'recording' | 'rebuilding' | 'replaying'): void
}

export interface Proof {
  equal: boolean
  /** Transactions that were recorded; what the source held before is one. */
  transactions: number
  /** Whether somebody else has written to the source meanwhile: the ways then ended at other moments. */
  disturbed: boolean
  tables: { table: string; equal: boolean; ways: Record<Way, Omit<TableChecksum, 'table'>> }[]
}

/** Small, so that batches, chunks and waits are many. */
const PIECES = { batch: 7, chunk: 3, pending: 20 }

/**
 * Builds the read model anew beside the serving one, as `rebuild` does, and writes the recording and the
 * scratch databases; nothing else changes. Rejects with a FatalProjectorError when no projector follows
 * the source, or the rebuild is not equal to it.
 */
export async function prove(options: ProveOptions): Promise<Proof> {
  const { scratchUrls, file, work, onStep, ...projection } = options
  const { sourceUrl, readUrl, sourceId = 'main', signal } = projection
  const source = connectSource(sourceUrl, 1, projection.sourceSchema)
  const read = connectReadStore(readUrl, { max: 1 })
  try {
    onStep?.('recording')
    const recording = await startRecording({ ...projection, file, snapshot: true })
    try {
      await work?.()
      const mark = await emitMark(source)
      if (!(await waitUntilApplied(source, read, sourceId, mark)))
        throw new FatalProjectorError('no projector follows the source: run `pt projector run`')
      const tail = await checksumsOf(readUrl, sourceId)

      onStep?.('rebuilding')
      const { switched } = await rebuild(projection)
      if (!switched)
        throw new FatalProjectorError(
          'a rebuild does not equal the source: run `pt projector rebuild`, which names the rows',
        )
      const rebuilt = await checksumsOf(readUrl, sourceId)
      const transactions = await recording.finish(await emitMark(source))

      onStep?.('replaying')
      const replays: TableChecksum[][] = []
      for (const [at, limits] of [DEFAULT_LIMITS, PIECES].entries()) {
        signal?.throwIfAborted()
        const { pieces } = await openRecording(linesOfFile(file))
        await replay({ readUrl: scratchUrls[at]!, pieces, sourceId, limits })
        replays.push(await checksumsOf(scratchUrls[at]!, sourceId))
      }
      const tables = compare([tail, rebuilt, ...replays])
      return {
        equal: tables.every(({ equal }) => equal),
        transactions,
        disturbed: await holdsBehind(file, mark),
        tables,
      }
    } finally {
      await recording.abandon().catch(() => {})
    }
  } finally {
    await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
  }
}

/** @param found the tables of each way, in the order of `WAYS` */
function compare(found: readonly TableChecksum[][]): Proof['tables'] {
  return found[0]!.map(({ table, checksum }, at) => {
    const ways = WAYS.map((way, n) => {
      const { rows, checksum } = found[n]![at]!
      return [way, { rows, checksum }]
    })
    return {
      table,
      equal: found.every((tables) => tables[at]!.checksum === checksum),
      ways: Object.fromEntries(ways),
    }
  })
}

/** Of what one source serves: others may share the read store. */
async function checksumsOf(readUrl: string, sourceId: string): Promise<TableChecksum[]> {
  const read = connectReadStore(readUrl, { max: 1 })
  const checkpoint = await readCheckpoint(read, sourceId).finally(() => read.end({ timeout: 1 }))
  if (!checkpoint?.serving)
    throw new FatalProjectorError('there is no whole read model yet: run `pt projector run`')
  return readChecksums(readUrl, searchPath(checkpoint.generation))
}

async function holdsBehind(file: string, mark: bigint): Promise<boolean> {
  const { pieces } = await openRecording(linesOfFile(file))
  for await (const { commitLsn } of pieces) if (commitLsn >= mark) return true
  return false
}
