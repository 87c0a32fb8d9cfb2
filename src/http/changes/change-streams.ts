/**
 * The open streams of a process: how many there may be, and when each ends. One ends when its client is gone,
 * its token is over or revoked, its customer erased, its time up, or the process stops.
 */
import type { Principal } from '../../domain/access.ts'
import { formatLsn } from '../../domain/lsn.ts'
import { Problem } from '../problem.ts'
import { ChangeWatch, type ChangeWatchOptions, type Look } from './change-watch.ts'
import { EventStream } from './event-stream.ts'

export interface StreamLimits {
  /** Open at once. A service, which is no person, is bound by the process alone. */
  perPerson: number
  perProcess: number
  /**
   * Milliseconds after which a stream ends, give or take a tenth: that of a client which has vanished without
   * a word, too.
   */
  lifeMs: number
}

interface StreamRequest {
  principal: Principal
  customerId: string
  look: Look
  /** Rejects once the token is good no longer. Asked every second. */
  renew(): Promise<unknown>
  /** Aborted when the client is gone. */
  signal: AbortSignal
}

interface ChangeStreamsOptions extends ChangeWatchOptions {
  limits?: Partial<StreamLimits> | undefined
}

interface Open {
  person: string | null
  stream: EventStream
  renew: StreamRequest['renew']
  renewing: boolean
  /** `performance.now()` of the next comment, and of the end. */
  beatAt: number
  endsAt: number
  leave: () => void
}

const LIMITS: StreamLimits = { perPerson: 20, perProcess: 1_000, lifeMs: 10 * 60_000 }
const SWEEP_MS = 1_000
const BEAT_MS = 15_000
const RETRY_AFTER_S = '30'

export class ChangeStreams {
  readonly #limits: StreamLimits
  readonly #watch: ChangeWatch
  readonly #open = new Set<Open>()
  #sweeping: ReturnType<typeof setInterval> | undefined
  #closed = false

  constructor({ limits, ...options }: ChangeStreamsOptions) {
    this.#limits = { ...LIMITS, ...limits }
    this.#watch = new ChangeWatch(options)
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /**
   * Resolves to the body of an answer that tells of every later change. Rejects as `look` does, or with
   * `too-many-requests`.
   */
  async open(request: StreamRequest): Promise<ReadableStream<Uint8Array>> {
    const { principal, customerId, look, renew, signal } = request
    const open = this.#add(personOf(principal), renew)
    const { stream } = open
    try {
      const leave = await this.#watch.watch(principal.scope, customerId, look, {
        changed(id, lsn) {
          const position = formatLsn(lsn)
          stream.send({ name: 'changed', id: position, data: { customerId: id, lsn: position } })
        },
        erased: (id) => {
          stream.send({ name: 'erased', data: { customerId: id } })
          this.#end(open)
        },
        gone: () => this.#end(open),
      })
      if (this.#open.has(open)) open.leave = leave
      else leave()
    } catch (error) {
      this.#release(open)
      throw error
    }
    if (signal.aborted || this.#closed) this.#end(open)
    else signal.addEventListener('abort', () => this.#end(open), { once: true })
    return stream.body
  }

  /** Ends all streams, and those that are opened later at once. What waits in them still goes out. */
  close(): void {
    this.#closed = true
    for (const open of this.#open) this.#end(open)
  }

  #add(person: string | null, renew: Open['renew']): Open {
    const { perPerson, perProcess, lifeMs } = this.#limits
    if (this.#open.size >= perProcess) throw tooMany('process-streams')
    const ofPerson = [...this.#open].filter((one) => one.person === person)
    if (person !== null && ofPerson.length >= perPerson) throw tooMany('person-streams')
    const now = performance.now()
    const open: Open = {
      person,
      stream: new EventStream(() => this.#release(open)),
      renew,
      renewing: false,
      beatAt: now + BEAT_MS,
      // Those that came together, after a restart, do not all come back together.
      endsAt: now + lifeMs * (0.9 + 0.2 * Math.random()),
      leave() {},
    }
    this.#open.add(open)
    this.#sweeping ??= setInterval(() => this.#sweep(), Math.min(SWEEP_MS, lifeMs))
    return open
  }

  #sweep(): void {
    const now = performance.now()
    for (const open of this.#open) {
      if (now >= open.endsAt) this.#end(open)
      else void this.#renew(open)
      if (now < open.beatAt) continue
      open.stream.beat()
      open.beatAt = now + BEAT_MS
    }
  }

  async #renew(open: Open): Promise<void> {
    if (open.renewing) return
    open.renewing = true
    try {
      await open.renew()
    } catch {
      this.#end(open)
    }
    open.renewing = false
  }

  #end(open: Open): void {
    open.stream.end()
    this.#release(open)
  }

  #release(open: Open): void {
    if (!this.#open.delete(open)) return
    open.leave()
    if (this.#open.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }
}

function personOf({ employeeId, scope }: Principal): string | null {
  return employeeId === null ? null : `${scope.businessId} ${employeeId}`
}

function tooMany(bound: string): Problem {
  return new Problem('too-many-requests', {
    detail: `More streams are open than ${bound} allows.`,
    members: { violatedPolicies: [bound] },
    headers: { 'Retry-After': RETRY_AFTER_S },
  })
}
