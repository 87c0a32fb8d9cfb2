/** Records decoded transactions as they come, from a slot of its own that ends with the recording. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { LSN_ZERO, type Lsn } from '../../src/domain/lsn.ts'
import type { Change, Transaction, TransactionSink } from '../source/change.ts'
import { DEFAULT_PUBLICATION, ensurePublication } from '../source/publication.ts'
import { connectSource, DEFAULT_SCHEMA, systemIdentifier } from '../source/slot.ts'
import { Acker } from '../stream/acker.ts'
import { ReplicationStream } from '../stream/replication-stream.ts'
import { headerLine, transactionLine } from './recording.ts'

export interface RecordOptions {
  sourceUrl: string
  /** As of the projector. */
  sourceSchema?: string
  publication?: string
  /** Made anew. */
  file: string
}

export interface Recording {
  /** Rejects when the stream is lost: what was written until then is whole transactions. */
  ended: Promise<void>
  /** Transactions written so far. */
  count(): number
  /** Writes on until everything below `upTo` is written (null: at once), then closes the file. */
  finish(upTo: Lsn | null): Promise<number>
}

/** Resolves once every transaction that commits from now on will be recorded. */
export async function startRecording(options: RecordOptions): Promise<Recording> {
  const { sourceUrl, file } = options
  const { sourceSchema = DEFAULT_SCHEMA, publication = DEFAULT_PUBLICATION } = options
  const source = connectSource(sourceUrl, 1, sourceSchema)
  let identity: string
  try {
    await ensurePublication(source, publication)
    identity = await systemIdentifier(source)
  } finally {
    await source.end({ timeout: 1 })
  }
  const output = openSync(file, 'w')
  writeSync(output, headerLine())
  const acker = new Acker(LSN_ZERO)
  const sink = new RecordingSink(acker, (transaction) =>
    writeSync(output, transactionLine(transaction)),
  )
  const reached = Promise.withResolvers<void>()
  let target: Lsn | null = null
  const stream = new ReplicationStream({
    url: sourceUrl,
    slotName: `pt_record_${process.pid}_${Date.now().toString(36)}`,
    temporarySlot: true,
    schema: sourceSchema,
    publication,
    systemIdentifier: identity,
    from: LSN_ZERO,
    acker,
    sink,
    onKeepalive(walEnd) {
      acker.keepalive(walEnd)
      stream.sendStatus()
      if (target !== null && acker.pending === 0 && walEnd >= target) reached.resolve()
    },
  })
  await stream.start()
  return {
    ended: stream.ended,
    count: () => sink.count,
    async finish(upTo) {
      target = upTo
      try {
        if (upTo !== null) {
          stream.sendStatus(true)
          await Promise.race([reached.promise, stream.ended])
        }
        await stream.stop()
      } finally {
        closeSync(output)
      }
      return sink.count
    },
  }
}

class RecordingSink implements TransactionSink {
  readonly #acker: Acker
  readonly #write: (transaction: Transaction) => void
  #changes: Change[] = []
  count = 0

  constructor(acker: Acker, write: (transaction: Transaction) => void) {
    this.#acker = acker
    this.#write = write
  }

  begin(): void {
    this.#acker.received()
    this.#changes = []
  }

  change(change: Change): void {
    this.#changes.push(change)
  }

  commit(commitLsn: Lsn, endLsn: Lsn, committedAt: bigint): void {
    if (this.#changes.length > 0) {
      this.#write({ commitLsn, endLsn, committedAt, changes: this.#changes })
      this.count++
    }
    this.#acker.applied(endLsn, 1)
  }
}
