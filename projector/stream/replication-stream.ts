/**
 * One replication connection: from START_REPLICATION to its end. Decoded changes go to a sink; the
 * acknowledgement, the keepalives, the watchdog and backpressure are here.
 *
 * pg-logical-replication carries the connection. Its own acknowledgements are off: its timer confirms
 * what it *received*, and `acknowledge(lsn)` confirms lsn + 1, which skips a transaction whose commit
 * record starts exactly there. Both lose data.
 */
import { LogicalReplicationService } from 'pg-logical-replication'
import { formatLsn, type Lsn, lsnOfHalves, parseLsn } from '../../src/domain/lsn.ts'
import {
  FatalProjectorError,
  messageOf,
  SlotInUseError,
  StreamLostError,
  sqlState,
} from '../errors.ts'
import type { TransactionSink } from '../source/change.ts'
import { clientConfig } from '../source/client-config.ts'
import { type Acker, encodeStatus } from './acker.ts'
import { interceptCopyData } from './copy-frames.ts'
import { judgeLiveness, type LivenessTimings, livenessTimings, parseDuration } from './liveness.ts'
import { PgoutputPlugin, type ReplicationClient } from './pgoutput.ts'
import { REST_MS, ReadPacing } from './read-pacing.ts'

interface ReplicationStreamOptions {
  url: string
  slotName: string
  /**
   * Make the slot on this connection; it goes with it. Called before the stream starts: until it resolves,
   * the snapshot shows the source as of the slot's consistent point.
   */
  temporarySlot?(snapshot: string, consistentPoint: Lsn): Promise<void>
  /** Where the tables are. */
  schema: string
  publication: string
  systemIdentifier: string
  /** End LSN of what is applied: the stream starts with the first commit at or behind it. */
  from: Lsn
  acker: Acker
  sink: TransactionSink
  /** A keepalive has been read; `replyRequested`: the server waits for an answer. */
  onKeepalive(walEnd: Lsn, replyRequested: boolean): void
}

/** Within this time the source must begin to stream, milliseconds. */
const START_MS = 30_000
const STOP_MS = 1_000
const WAL_DATA = 0x77
/** Tag, start of the data, end of the WAL, time of sending. */
const WAL_DATA_HEADER = 25
const KEEPALIVE = 0x6b

/** What of the library's private parts is used: nothing else can send a status or pause the socket. */
interface LibraryInternals {
  _connection: {
    sendCopyFromChunk(chunk: Buffer): void
    stream: { pause(): void; resume(): void; destroy(): void; readableLength: number }
  } | null
}

export class ReplicationStream {
  readonly #options: ReplicationStreamOptions
  readonly #service: LogicalReplicationService
  readonly #ended = Promise.withResolvers<void>()
  #plugin: PgoutputPlugin | undefined
  #timings: LivenessTimings = livenessTimings(60_000)
  #timer: ReturnType<typeof setInterval> | undefined
  #lastReceivedMs = 0
  #lastSentMs = 0
  #pausedSinceMs: number | null = null
  readonly #pacing = new ReadPacing()
  #resting = false
  #over = false

  constructor(options: ReplicationStreamOptions) {
    this.#options = options
    this.#service = new LogicalReplicationService(clientConfig(options.url), {
      acknowledge: { auto: false, timeoutSeconds: 0 },
      flowControl: { enabled: false },
    })
    // Whoever starts the stream waits for its end, perhaps later.
    this.#ended.promise.catch(() => {})
  }

  /** Resolves after `stop`; rejects when the stream is lost or cannot go on. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Resolves once the server streams, or at `stop`. */
  async start(): Promise<void> {
    const { slotName, schema, publication, sink, from, temporarySlot } = this.#options
    const plugin = new PgoutputPlugin({
      schema,
      publication,
      sink,
      prepare: (client) => this.#prepare(client),
    })
    this.#plugin = plugin
    const started = new Promise<void>((resolve) => this.#service.once('start', resolve))
    this.#service.on('error', (error) => this.#end(classify(error, slotName)))
    this.#service.subscribe(plugin, slotName, formatLsn(from)).then(
      () => this.#end(new StreamLostError('the source has ended the stream')),
      (error) => this.#end(classify(error, slotName)),
    )
    // A slot of its own waits for every transaction that is open on the source, however long.
    const late = temporarySlot
      ? undefined
      : setTimeout(() => this.#end(new StreamLostError('the source does not answer')), START_MS)
    await Promise.race([started, this.#ended.promise]).finally(() => clearTimeout(late))
    if (this.#over) return
    const now = Date.now()
    this.#lastReceivedMs = now
    this.#lastSentMs = now
    this.#timer = setInterval(() => this.#tick(), Math.min(1_000, this.#timings.statusEveryMs / 2))
  }

  /** Tells the source what is durable. */
  sendStatus(askForReply = false): void {
    const connection = this.#internals._connection
    if (this.#over || !connection) return
    this.#lastSentMs = Date.now()
    connection.sendCopyFromChunk(
      encodeStatus(this.#options.acker.status(), this.#lastSentMs, askForReply),
    )
  }

  /** Stops reading: the server then waits. */
  pause(): void {
    if (this.#over || this.#pausedSinceMs !== null) return
    this.#pausedSinceMs = Date.now()
    this.#internals._connection?.stream.pause()
  }

  resume(): void {
    if (this.#pausedSinceMs === null) return
    this.#pausedSinceMs = null
    this.#lastReceivedMs = Date.now()
    if (!this.#resting) this.#internals._connection?.stream.resume()
  }

  /** Ends the stream after a last status; the slot stays. */
  async stop(): Promise<void> {
    if (!this.#over) this.sendStatus()
    this.#end(null)
    // A connection that is only being made has nobody who could say goodbye.
    const gone = this.#service.destroy().catch(() => {})
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, STOP_MS))])
  }

  get #internals(): LibraryInternals {
    return this.#service as unknown as LibraryInternals
  }

  async #prepare(client: ReplicationClient) {
    const { systemIdentifier } = this.#options
    const [identity] = (await client.query('IDENTIFY_SYSTEM')).rows
    if (identity?.systemid !== systemIdentifier)
      throw new FatalProjectorError(
        `the source is another cluster (system identifier ${identity?.systemid}) than the one that the read model was made from (${systemIdentifier})`,
      )
    const [setting] = (await client.query('SHOW wal_sender_timeout')).rows
    this.#timings = livenessTimings(parseDuration(setting?.wal_sender_timeout ?? '60s'))
    if (this.#options.temporarySlot) {
      const [slot] = (
        await client.query(
          `CREATE_REPLICATION_SLOT "${this.#options.slotName}" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')`,
        )
      ).rows
      await this.#options.temporarySlot(slot!.snapshot_name!, parseLsn(slot!.consistent_point!))
    }
    interceptCopyData(
      client.connection.stream,
      (buffer, at, end) => {
        // A throw in the socket's handler would be lost in the driver: it ends the stream instead.
        if (!this.#over) this.#guard(() => this.#receive(buffer, at, end))
      },
      (bytes) => this.#pace(bytes),
    )
  }

  /** Rests between reads while the stream is busy. */
  #pace(bytes: number) {
    this.#lastReceivedMs = Date.now()
    if (this.#over || this.#resting || this.#pausedSinceMs !== null) return
    if (!this.#pacing.shouldRest(bytes, performance.now())) return
    // What came while this rested comes chunk by chunk: to rest between these would fall ever further behind.
    if (this.#internals._connection?.stream.readableLength) return
    this.#resting = true
    this.#internals._connection?.stream.pause()
    setTimeout(() => {
      this.#resting = false
      this.#pacing.rested(performance.now())
      if (this.#pausedSinceMs === null) this.#internals._connection?.stream.resume()
    }, REST_MS)
  }

  /** A message of the replication protocol: WAL data or a keepalive. */
  #receive(buffer: Buffer, at: number, end: number) {
    if (buffer[at] === WAL_DATA) this.#plugin?.decode(buffer, at + WAL_DATA_HEADER, end)
    else if (buffer[at] === KEEPALIVE) {
      const walEnd = lsnOfHalves(buffer.readUInt32BE(at + 1), buffer.readUInt32BE(at + 5))
      this.#options.onKeepalive(walEnd, buffer[at + 17] === 1)
    }
  }

  #tick() {
    const verdict = judgeLiveness(this.#timings, {
      nowMs: Date.now(),
      lastReceivedMs: this.#lastReceivedMs,
      lastSentMs: this.#lastSentMs,
      pausedSinceMs: this.#pausedSinceMs,
    })
    if (verdict === 'send-status') this.sendStatus(true)
    else if (verdict === 'dead')
      this.#end(
        new StreamLostError(`the source has been silent for ${this.#timings.silenceLimitMs} ms`),
      )
  }

  #guard(work: () => void) {
    try {
      work()
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  #end(error: Error | null) {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#timer)
    // A half-open socket would keep `destroy` waiting for an answer that never comes.
    if (error) this.#internals._connection?.stream.destroy()
    if (error) this.#ended.reject(error)
    else this.#ended.resolve()
  }
}

/** SQLSTATEs of START_REPLICATION, by what must be done. */
function classify(error: unknown, slotName: string): Error {
  if (error instanceof FatalProjectorError) return error
  const message = messageOf(error)
  switch (sqlState(error)) {
    case '55006':
      return new SlotInUseError(`slot ${slotName} is in use by another projector`)
    case '55000':
    case '42704':
      return new FatalProjectorError(
        `slot ${slotName} can no longer be read (${message}); run \`pt projector reset\` and start again: it copies the source anew`,
      )
    case '42501':
      return new FatalProjectorError(
        `the source's role may not replicate (${message}); ALTER ROLE … REPLICATION`,
      )
    default:
      return new StreamLostError(message, { cause: error })
  }
}
