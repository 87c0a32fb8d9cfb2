/**
 * One session of the tail: a stream from the source, an intake that folds, a writer that commits, and
 * the acknowledgement of exactly what was committed.
 */
import type { Sql } from 'postgres'
import type { FloorSink } from '../src/cache/floors.ts'
import { formatLsn, type Lsn } from '../src/domain/lsn.ts'
import type { Log } from '../src/log.ts'
import { type Checkpoint, timestampOfMicros } from './apply/checkpoint.ts'
import { SWITCH_AGAIN_MS, switchGeneration } from './apply/generation.ts'
import { writeOrBury } from './apply/isolate.ts'
import type { ReadStoreWriter, Touched } from './apply/writer.ts'
import { SourceReader } from './copy/source-pages.ts'
import { FatalProjectorError, invariant } from './errors.ts'
import { FloorWorker } from './floors.ts'
import { retryLetters } from './letters/retry.ts'
import { watchRetries } from './letters/retry-watch.ts'
import type { Meter } from './meter.ts'
import type { PointListener } from './points.ts'
import { CATCHING_UP, LIVE } from './project/batch.ts'
import { readSlot } from './source/slot.ts'
import { Acker } from './stream/acker.ts'
import { Intake, type IntakeLimits, type Position, type Work } from './stream/intake.ts'
import { ReplicationStream } from './stream/replication-stream.ts'

interface SessionOptions {
  sourceUrl: string
  sourceSchema: string
  publication: string
  source: Sql
  /** Writes into a generation whose copy is complete. */
  writer: ReadStoreWriter
  /** Whether the generation is to serve as soon as it is whole; a rebuild proves it first. */
  serves: boolean
  /** None for what nobody reads yet. */
  floors: FloorSink | null
  limits: IntakeLimits
  meter: Meter
  log: Log
  signal: AbortSignal
  onCheckpoint(checkpoint: Checkpoint): void
  onPoint?: PointListener | undefined
}

/**
 * An idle source's WAL still grows, by other databases of its server. The checkpoint follows only in
 * steps of this size: a smaller step could be the WAL of the last checkpoint itself, on one server.
 */
const IDLE_STEP_BYTES = 1n << 20n
/** A server that asks for an answer (it may be shutting down) gets one at most this often by a checkpoint. */
const IDLE_ANSWER_MS = 10_000

export class Session {
  readonly #options: SessionOptions
  readonly #acker: Acker
  readonly #intake: Intake
  readonly #stream: ReplicationStream
  /** Customers of the open read-store transaction. */
  #touched = new Set<string>()
  /** It changes what is known of every customer without naming one: a TRUNCATE. */
  #touchedAll = false
  #floorWorker: FloorWorker | null = null
  #advance = false
  /** Somebody wants dead letters tried again. */
  #retry = false
  #lastIdleMs = 0
  #ending = false

  constructor(options: SessionOptions) {
    const { sourceUrl, limits } = options
    const { checkpoint } = options.writer
    this.#options = options
    this.#acker = new Acker(checkpoint.appliedLsn)
    this.#intake = new Intake({
      from: checkpoint.appliedLsn,
      limits,
      fold: checkpoint.phase === 'live' ? LIVE : CATCHING_UP,
      onReceived: () => {
        this.#acker.received()
        options.meter.waiting(this.#acker.pending)
      },
      onWhole: () => options.onPoint?.('received'),
      onSkipped: () => {
        this.#acker.applied(options.writer.checkpoint.appliedLsn, 1)
        options.meter.waiting(this.#acker.pending)
      },
      onPressure: (high) => (high ? this.#stream.pause() : this.#stream.resume()),
    })
    this.#stream = new ReplicationStream({
      url: sourceUrl,
      slotName: checkpoint.slotName,
      schema: options.sourceSchema,
      publication: options.publication,
      systemIdentifier: checkpoint.systemIdentifier,
      from: checkpoint.appliedLsn,
      acker: this.#acker,
      sink: this.#intake,
      onKeepalive: (walEnd, replyRequested) => this.#onKeepalive(walEnd, replyRequested),
    })
  }

  /** Runs until the signal aborts; throws what ended it otherwise. */
  async run(): Promise<void> {
    const { signal, writer, floors, log, onCheckpoint } = this.#options
    await this.#checkSlot()
    await this.#serveIfWhole()
    const end = () => {
      this.#ending = true
      this.#intake.wake()
    }
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    signal.addEventListener('abort', end)
    let endWatch = () => {}
    try {
      if (signal.aborted) return
      await Promise.race([this.#stream.start(), aborted])
      if (signal.aborted) return
      this.#stream.ended.catch(end)
      if (floors) this.#floorWorker = new FloorWorker(writer.sql, floors, log)
      endWatch = watchRetries(writer.sql, writer.checkpoint, () => this.#onRetryRequested())
      onCheckpoint(writer.checkpoint)
      log.info('streaming', { from: formatLsn(writer.checkpoint.appliedLsn) })
      await this.#applyAll()
      if (!signal.aborted) await this.#stream.ended
    } finally {
      signal.removeEventListener('abort', end)
      endWatch()
      // The stream first: a server that is shutting down waits for its reader, and with both models on
      // one server that reader must not wait for the server.
      await this.#stream.stop()
      await writer.rollback().catch(() => {})
      await this.#floorWorker?.stop()
    }
  }

  /**
   * The slot must be the one that the checkpoint speaks of. The server would silently start at the later
   * of the two positions: a slot that is ahead (made anew, or read by somebody else) is a gap.
   */
  async #checkSlot() {
    const { slotName, appliedLsn } = this.#options.writer.checkpoint
    const slot = await readSlot(this.#options.source, slotName)
    const reset = 'run `pt projector reset` and start again: it copies the source anew'
    if (!slot)
      throw new FatalProjectorError(`the source has no slot ${slotName} any more; ${reset}`)
    if (slot.walStatus === 'lost')
      throw new FatalProjectorError(
        `slot ${slotName} has lost WAL that was not yet applied (see max_slot_wal_keep_size); ${reset}`,
      )
    if (slot.plugin !== 'pgoutput')
      throw new FatalProjectorError(`slot ${slotName} has plugin ${slot.plugin}, not pgoutput`)
    if (slot.confirmedFlushLsn !== null && slot.confirmedFlushLsn > appliedLsn)
      throw new FatalProjectorError(
        `slot ${slotName} is at ${formatLsn(slot.confirmedFlushLsn)}, ahead of the read model at ${formatLsn(appliedLsn)}: it was made anew or read by another; ${reset}`,
      )
  }

  async #applyAll() {
    while (!this.#ending) {
      if (this.#mayRetry) {
        await this.#retryLetters()
        continue
      }
      const work = this.#intake.take()
      if (work) await this.#apply(work)
      else if (this.#advance) await this.#advanceIdle()
      else await this.#intake.wait()
    }
  }

  async #apply(work: Work) {
    const { writer, meter } = this.#options
    meter.begin()
    if (work.kind === 'truncate') {
      this.#touchedAll = true
      await writer.truncate(work.tables)
      return
    }
    const { customers, deadLetters } = await writeOrBury(writer, work.batch, work.parts)
    meter.wrote(work.batch.size, deadLetters)
    for (const id of customers) this.#touched.add(id)
    this.#options.onPoint?.('written')
    if (work.end) await this.#commit(work.end, work.ended)
    else relieveMemory()
  }

  #commit({ endLsn, committedAt }: Position, transactions: number): Promise<void> {
    return this.#save(endLsn, timestampOfMicros(committedAt), transactions)
  }

  /** Commits what is written, with the note of the floors to raise and the checkpoint. */
  async #save(appliedLsn: Lsn, committedAt: string | null, transactions: number) {
    const { writer, onPoint, log } = this.#options
    const to: Checkpoint = { ...writer.checkpoint, appliedLsn, committedAt }
    const complete = to.phase === 'catching_up' && appliedLsn >= to.barrierLsn!
    if (complete) to.phase = 'live'
    const touched: Touched = this.#touchedAll ? 'all' : this.#touched
    const raises = this.#floorWorker !== null && (touched === 'all' || touched.size > 0)
    onPoint?.('before-commit')
    await writer.commit(to, raises ? touched : undefined)
    onPoint?.('committed')
    if (complete) log.info('the read model is whole', { lsn: formatLsn(appliedLsn) })
    await this.#serveIfWhole()
    this.#moved(transactions)
    onPoint?.('acknowledged')
    this.#touched = new Set()
    this.#touchedAll = false
    if (raises || complete) this.#floorWorker?.notify()
  }

  /** A first copy serves as soon as it is whole: until then there was nothing to read. */
  async #serveIfWhole() {
    const { writer, serves, signal } = this.#options
    while (serves && !signal.aborted) {
      const { sourceId, generation, phase, serving } = writer.checkpoint
      if (phase !== 'live' || serving) return
      const done = await switchGeneration(writer.url, sourceId, generation)
      if (done) await writer.use(done.to)
      else await Bun.sleep(SWITCH_AGAIN_MS)
    }
  }

  #moved(transactions: number) {
    const { writer, meter } = this.#options
    const { checkpoint } = writer
    this.#acker.applied(checkpoint.appliedLsn, transactions)
    meter.committed(transactions, this.#acker.pending)
    if (checkpoint.phase === 'live' && !this.#retry) this.#intake.fold = LIVE
    invariant(
      this.#acker.status().flush <= checkpoint.appliedLsn,
      'the slot is never acknowledged beyond the checkpoint',
    )
    this.#stream.sendStatus()
    this.#options.onCheckpoint(checkpoint)
  }

  #onRetryRequested() {
    if (this.#retry) return
    this.#retry = true
    this.#options.log.info('dead letters are to be tried again')
    // What comes from now on may be in the rows already that the letters are tried with.
    this.#intake.fold = CATCHING_UP
    this.#intake.wake()
  }

  /** Between two transactions, once all is written that was folded before the request was seen. */
  get #mayRetry(): boolean {
    return this.#retry && !this.#options.writer.inTransaction && !this.#intake.holds(LIVE)
  }

  async #retryLetters() {
    const { sourceUrl, sourceSchema, source, writer, log } = this.#options
    this.#retry = false
    const reader = await SourceReader.open(sourceUrl, sourceSchema)
    const raises = this.#floorWorker !== null
    const retried = await retryLetters({ source, reader, writer, raises }).finally(() =>
      reader.close(),
    )
    if (retried) {
      log.info('dead letters tried again', { ...retried })
      // There may be more.
      this.#retry = true
    }
    this.#moved(0)
    this.#floorWorker?.notify()
  }

  #onKeepalive(walEnd: Lsn, replyRequested: boolean) {
    this.#acker.keepalive(walEnd)
    const idleAt = this.#acker.idleAt
    if (idleAt !== null && this.#mayAdvance(idleAt, replyRequested)) {
      this.#advance = true
      this.#intake.wake()
    }
    if (replyRequested || this.#acker.pending === 0) this.#stream.sendStatus()
  }

  #mayAdvance(idleAt: Lsn, replyRequested: boolean): boolean {
    const { phase, barrierLsn, appliedLsn } = this.#options.writer.checkpoint
    if (phase === 'catching_up' && idleAt >= barrierLsn!) return true
    if (idleAt - appliedLsn >= IDLE_STEP_BYTES) return true
    return replyRequested && Date.now() - this.#lastIdleMs >= IDLE_ANSWER_MS
  }

  /** Moves the checkpoint over WAL that holds nothing for us, so that the slot does not keep it. */
  async #advanceIdle() {
    this.#advance = false
    const idleAt = this.#acker.idleAt
    if (idleAt === null) return
    this.#lastIdleMs = Date.now()
    await this.#save(idleAt, this.#options.writer.checkpoint.committedAt, 0)
  }
}

/** How far the process may grow over its size at the start of the program, before it is asked to collect. */
const GROWTH_BYTES = 80 * 2 ** 20
const sizeAtStart = process.memoryUsage.rss()

/**
 * Between the chunks of a large transaction: left to itself, the engine lets the heap grow by several
 * times what is alive, for the sake of speed.
 */
function relieveMemory() {
  if (process.memoryUsage.rss() > sizeAtStart + GROWTH_BYTES) Bun.gc(true)
}
