/**
 * The projector: follows a source's logical replication and keeps the read model equal to it.
 *
 * A session is one connection to each side. Whatever breaks it, the next one starts from the checkpoint
 * in the read store, which moved in the same transaction as the rows: nothing is lost, nothing applied
 * twice. Only what a person must mend ends the projector.
 */
import type { Sql } from 'postgres'
import type { FloorSink } from '../src/cache/floors.ts'
import { formatLsn } from '../src/domain/lsn.ts'
import { type Log, silentLog } from '../src/log.ts'
import { type Checkpoint, readCheckpoint, requireServing, type Which } from './apply/checkpoint.ts'
import { watchWriter } from './apply/watchdog.ts'
import { ReadStoreWriter } from './apply/writer.ts'
import { ensureCopied } from './copy/first-copy.ts'
import { FatalProjectorError, messageOf, SlotInUseError, sqlState } from './errors.ts'
import { Meter } from './meter.ts'
import type { PointListener } from './points.ts'
import { dropRetiredSlots } from './retired-slots.ts'
import { Session } from './session.ts'
import { DEFAULT_PUBLICATION } from './source/publication.ts'
import { connectSource, DEFAULT_SCHEMA, DEFAULT_SLOT } from './source/slot.ts'
import { DEFAULT_LIMITS, type IntakeLimits } from './stream/intake.ts'

export interface ProjectorOptions {
  sourceUrl: string
  readUrl: string
  /**
   * Names the source among those that feed the read store, each with a projector of its own. Default
   * `main`.
   */
  sourceId?: string
  slotName?: string
  /** Where the source's tables are. Default `public`. */
  sourceSchema?: string
  /** Default `purchase_timeline`, which is made when it is not there; any other is taken as it is. */
  publication?: string
  /** Make the slot one that survives a failover of the source (PostgreSQL 17 and newer). */
  failoverSlot?: boolean
  /** Where cache floors are raised after a commit. None: nothing is noted for raising either. */
  floors?: FloorSink
  limits?: Partial<IntakeLimits>
  /** How long the read store may leave a statement without an answer before it is looked into. */
  patienceMs?: number
  log?: Log
  /** Called as the named points are passed; for tests that end the process there. */
  onPoint?: PointListener
}

/** `standby`: another projector does the work; this one waits to take over. */
export const PROJECTOR_STATES = [
  'starting',
  'standby',
  'copying',
  'catching_up',
  'live',
  'reconnecting',
  'stopped',
] as const
export type ProjectorState = (typeof PROJECTOR_STATES)[number]

interface ProjectorStatus {
  state: ProjectorState
  /** `X/Y`; null before the first copy. */
  appliedLsn: string | null
  /** Commit time of the last applied transaction. */
  committedAt: string | null
  /** Why the last session ended, if one did. */
  lastError: string | null
}

export interface RunningProjector {
  readonly meter: Meter
  status(): ProjectorStatus
  /** Resolves once the read model is whole and follows the source. */
  live: Promise<void>
  /** Resolves after `stop`; rejects with a FatalProjectorError when a person must do something. */
  finished: Promise<void>
  /** Ends after the transaction at hand; what is applied is acknowledged. */
  stop(): Promise<void>
}

const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 5_000
const STANDBY_POLL_MS = 500
const UNDEFINED_TABLE = '42P01'
/** What a stop leaves to the work at hand. */
const ABANDON_MS = 3_000

/** Starts a projector in this process. Failures of connections are retried for ever, with a pause. */
export function startProjector(options: ProjectorOptions): RunningProjector {
  return new Projector(options, 'serving')
}

/**
 * Starts a projector that builds a generation beside the one that serves, or goes on with one that was
 * begun: see `rebuild.ts`. It raises no floors: nobody reads what it writes.
 */
export function startBuilder(options: Omit<ProjectorOptions, 'floors'>): RunningProjector {
  return new Projector(options, 'building')
}

class Projector implements RunningProjector {
  readonly #options: ProjectorOptions
  readonly #which: Which
  readonly #log: Log
  readonly #abort = new AbortController()
  readonly #live = Promise.withResolvers<void>()
  readonly meter = new Meter()
  readonly finished: Promise<void>
  #state: ProjectorState = 'starting'
  #checkpoint: Checkpoint | null = null
  #generation: number | null = null
  #hasLed = false
  #lastError: string | null = null

  constructor(options: ProjectorOptions, which: Which) {
    this.#options = options
    this.#which = which
    this.#log = options.log ?? silentLog
    this.finished = this.#run()
    this.finished.catch(() => {})
    this.#live.promise.catch(() => {})
  }

  get live(): Promise<void> {
    return this.#live.promise
  }

  status(): ProjectorStatus {
    return {
      state: this.#state,
      appliedLsn: this.#checkpoint ? formatLsn(this.#checkpoint.appliedLsn) : null,
      committedAt: this.#checkpoint?.committedAt ?? null,
      lastError: this.#lastError,
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.finished.catch(() => {})
  }

  async #run() {
    const { signal } = this.#abort
    let pause = FIRST_RETRY_MS
    try {
      while (!signal.aborted) {
        try {
          await this.#session()
          pause = FIRST_RETRY_MS
        } catch (error) {
          if (!signal.aborted) this.meter.sessionEnded(error)
          if (error instanceof FatalProjectorError) throw error
          if (sqlState(error) === UNDEFINED_TABLE)
            throw new FatalProjectorError('A table is missing: run `pt migrate` first', {
              cause: error,
            })
          if (signal.aborted) break
          this.#lastError = messageOf(error)
          if (this.#state === 'live') pause = FIRST_RETRY_MS
          this.#state = error instanceof SlotInUseError ? 'standby' : 'reconnecting'
          this.#log.warn('session ended, starting another', { reason: this.#lastError })
          await sleep(pause, signal)
          pause = Math.min(pause * 2, LAST_RETRY_MS)
        }
      }
    } catch (error) {
      this.#lastError = messageOf(error)
      this.#log.error('projector gives up', { reason: this.#lastError })
      this.#live.reject(error)
      throw error
    } finally {
      this.#state = 'stopped'
      this.#live.reject(new Error(this.#lastError ?? 'the projector was stopped'))
    }
  }

  async #session() {
    const {
      sourceUrl,
      readUrl,
      sourceId = 'main',
      slotName = DEFAULT_SLOT,
      sourceSchema = DEFAULT_SCHEMA,
      publication = DEFAULT_PUBLICATION,
      failoverSlot = false,
      floors,
      onPoint,
    } = this.#options
    const { signal } = this.#abort
    const writer = await ReadStoreWriter.connect(readUrl)
    const source = connectSource(sourceUrl, 2, sourceSchema)
    const close = () => Promise.allSettled([writer.close(), source.end({ timeout: 2 })])
    // A dead connection answers nothing, not even that it is dead: a stop does not wait for it.
    const abandon = () => setTimeout(close, ABANDON_MS).unref()
    signal.addEventListener('abort', abandon)
    const { patienceMs = 20_000 } = this.#options
    const endWatch = watchWriter(writer, patienceMs, this.#log)
    try {
      const which = this.#which
      const work = which === 'building' ? `rebuild ${sourceId}` : sourceId
      while (!(await writer.tryLead(work))) {
        // One of its own that was cut off may hold the lead until the server notices.
        if (which === 'building' && !this.#hasLed)
          throw new FatalProjectorError(
            `another rebuild of source ${sourceId} is at work: wait for it, or stop it`,
          )
        this.#state = 'standby'
        await sleep(STANDBY_POLL_MS, signal)
        if (signal.aborted) return
      }
      this.#hasLed = true
      this.#state = 'copying'
      if (which === 'building') await this.#checkBuilding(writer.sql, sourceId)
      await dropRetiredSlots(source, writer.sql, sourceId)
      const log = this.#log
      await ensureCopied({
        sourceUrl,
        sourceSchema,
        source,
        writer,
        sourceId,
        slotName,
        publication,
        failoverSlot,
        which,
        log,
        signal,
        onGeneration: (generation) => {
          this.#generation = generation
        },
        onPoint,
      })
      if (signal.aborted) return
      const session = new Session({
        sourceUrl,
        sourceSchema,
        publication,
        source,
        writer,
        serves: which === 'serving',
        floors: floors ?? null,
        limits: { ...DEFAULT_LIMITS, ...this.#options.limits },
        meter: this.meter,
        log,
        signal,
        onCheckpoint: (moved) => this.#moved(moved),
        onPoint,
      })
      await session.run()
    } finally {
      endWatch()
      signal.removeEventListener('abort', abandon)
      await close()
    }
  }

  /** After a reset, or a switch, there is nothing to go on with; and nothing new must be begun then. */
  async #checkBuilding(sql: Sql, sourceId: string) {
    await requireServing(sql, sourceId)
    const building = await readCheckpoint(sql, sourceId, 'building')
    if (this.#generation !== null && this.#generation !== building?.generation)
      throw new FatalProjectorError(
        `generation ${this.#generation} of source ${sourceId} is not being built any more`,
      )
  }

  #moved(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint
    this.#state = checkpoint.phase === 'live' ? 'live' : 'catching_up'
    if (this.#state === 'live') this.#live.resolve()
  }
}

async function sleep(ms: number, signal: AbortSignal) {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
