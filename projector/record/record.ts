/** Records decoded transactions as they come, from a slot of its own that ends with the recording. */
import { unlink } from 'node:fs/promises'
import type { TransactionSql } from 'postgres'
import { LSN_ZERO, type Lsn } from '../../src/domain/lsn.ts'
import { PAGED, type SourcePage, SourceReader } from '../copy/source-pages.ts'
import type { TransactionSink } from '../source/change.ts'
import { DEFAULT_PUBLICATION, ensurePublication } from '../source/publication.ts'
import { connectSource, DEFAULT_SCHEMA, systemIdentifier } from '../source/slot.ts'
import { TABLES } from '../source/tables.ts'
import { Acker } from '../stream/acker.ts'
import { ReplicationStream } from '../stream/replication-stream.ts'
import { RecordingWriter } from './recording-writer.ts'
import { Redaction } from './redaction.ts'

export interface RecordOptions {
  sourceUrl: string
  /** As of the projector. */
  sourceSchema?: string
  publication?: string
  file: string
  /** Whether a file that is there may be replaced. Default: it is refused. */
  overwrite?: boolean
  /** Replace all texts that somebody has typed (see `Redaction`). */
  redact?: boolean
  /** Begin with the rows that the source holds, as one transaction: so it can be replayed by itself. */
  snapshot?: boolean
  /** Gives a start up. */
  signal?: AbortSignal
}

export interface Recording {
  /** Rejects when the stream is lost or the file can't be written: end it with `abandon` then. */
  ended: Promise<void>
  /** Transactions written so far. */
  count(): number
  /** Writes on until everything below `upTo` is written; the file is then whole, and on the disk. */
  finish(upTo: Lsn): Promise<number>
  /** Ends at once. The file holds what came until then, and does not look whole. */
  abandon(): Promise<void>
}

const PAGE_ROWS = 2_000

/**
 * Resolves once every transaction that commits from now on will be recorded. Before, it waits for those
 * that are open on the source. Leaves no file when it fails.
 */
export async function startRecording(options: RecordOptions): Promise<Recording> {
  const { sourceUrl, file, overwrite = false, redact = false, snapshot = false, signal } = options
  const { sourceSchema = DEFAULT_SCHEMA, publication = DEFAULT_PUBLICATION } = options
  const source = connectSource(sourceUrl, 1, sourceSchema)
  const writer = await RecordingWriter.create({
    file,
    overwrite,
    redaction: redact ? new Redaction() : null,
    onPressure: (high) => (high ? stream.pause() : stream.resume()),
  })
  const acker = new Acker(LSN_ZERO)
  const reached = Promise.withResolvers<void>()
  let target: Lsn | null = null
  let stream!: ReplicationStream
  const stop = () => void stream?.stop()
  signal?.addEventListener('abort', stop)
  try {
    await ensurePublication(source, publication)
    stream = new ReplicationStream({
      url: sourceUrl,
      slotName: `pt_record_${process.pid}_${Date.now().toString(36)}`,
      temporarySlot: (name, consistentPoint) =>
        source.begin('isolation level repeatable read read only', async (tx) => {
          await tx.unsafe(`set transaction snapshot '${name}'`)
          const empty = await isEmpty(tx)
          writer.header({ start: empty ? 'empty' : snapshot ? 'snapshot' : 'midway' })
          if (!snapshot || empty) return
          const reader = await SourceReader.open(sourceUrl, sourceSchema, name)
          await writeSnapshot(reader, writer, consistentPoint, signal).finally(() => reader.close())
        }) as Promise<void>,
      schema: sourceSchema,
      publication,
      systemIdentifier: await systemIdentifier(source),
      from: LSN_ZERO,
      acker,
      sink: sinkInto(writer, acker),
      onKeepalive(walEnd) {
        acker.keepalive(walEnd)
        stream.sendStatus()
        if (target !== null && acker.pending === 0 && walEnd >= target) reached.resolve()
      },
    })
    signal?.throwIfAborted()
    await stream.start()
    signal?.throwIfAborted()
  } catch (error) {
    await stream?.stop()
    await writer.abandon()
    await unlink(file)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    await source.end({ timeout: 1 })
  }
  const ended = Promise.race([stream.ended, writer.failed])
  ended.catch(() => {})
  return {
    ended,
    count: () => writer.count,
    async finish(upTo) {
      target = upTo
      stream.sendStatus(true)
      await Promise.race([reached.promise, ended])
      await stream.stop()
      await writer.finish()
      return writer.count
    },
    async abandon() {
      await stream.stop()
      await writer.abandon()
    },
  }
}

async function isEmpty(tx: TransactionSql): Promise<boolean> {
  const any = Object.keys(TABLES).map((name) => `exists (select from "${name}")`)
  const [row] = await tx.unsafe<{ filled: boolean }[]>(`select ${any.join(' or ')} as filled`)
  return !row!.filled
}

/** The rows of the source as one transaction that commits where the slot begins. */
async function writeSnapshot(
  reader: SourceReader,
  writer: RecordingWriter,
  consistentPoint: Lsn,
  signal: AbortSignal | undefined,
) {
  const committedAt = BigInt(Date.now()) * 1_000n
  writer.begin(consistentPoint)
  for (const name of PAGED) {
    let after: string | null = null
    do {
      signal?.throwIfAborted()
      const page: SourcePage = await reader.page(name, after, PAGE_ROWS)
      for (const change of page.changes) writer.change(change)
      await writer.room()
      after = page.next
    } while (after !== null)
  }
  writer.commit({ endLsn: consistentPoint, committedAt })
}

function sinkInto(writer: RecordingWriter, acker: Acker): TransactionSink {
  return {
    begin(commitLsn) {
      acker.received()
      writer.begin(commitLsn)
    },
    change: (change) => writer.change(change),
    commit(_commitLsn, endLsn, committedAt) {
      writer.commit({ endLsn, committedAt })
      acker.applied(endLsn, 1)
    },
  }
}
