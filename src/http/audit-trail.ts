/**
 * From looks to rows of the audit, behind the answers: what is the same within a minute is one row, many rows
 * are one statement, and nobody waits. A row leaves the memory only when it is written, so the same one may be
 * there twice after a loss of the connection, and none is missing, unless the source is away for so long
 * that there is no more room: then it is counted, and said.
 *
 *   look ─ seen within the minute? ─▶ (nothing)
 *        └▶ waiting ─ taken by a writer ─▶ source ─ written ─▶ gone
 *              ▲──────── failed ────┘
 *
 * What is shared between requests is plain data. Timers and connections belong to the request that began
 * them, as workerd wants it: a writer that vanished with its request leaves its rows to the next one.
 */
import { onSource } from '../command/source.ts'
import type { Log } from '../log.ts'
import { type Look, writeLooks } from '../privacy/access-audit.ts'
import { LookMeter } from '../privacy/look-meter.ts'
import { codeOf } from '../read/store.ts'

export interface AuditTrailOptions {
  log: Log
  now?: () => number
  /** Whether what a request has begun may go on for as long as the process lives; not so on workerd. */
  persistent?: boolean
  /** Distinct customers of one employee in an hour, above which a warning is logged. */
  alertAbove?: number
  /** How long looks are gathered before they are written. */
  gatherMs?: number
  /** Rows that wait at most. */
  capacity?: number
  /** How long an answer waits for the row of a denial. */
  denialWaitMs?: number
}

/** What a request lends for the work behind its answer. */
interface AuditScope {
  /** Null: there is no source, and looks are only logged. */
  sourceUrl: string | null
  waitUntil(work: Promise<unknown>): void
}

export interface AuditStats {
  /** Rows that the source has. */
  written: number
  /** Rows that wait to be written. */
  waiting: number
  /** Rows for which there was no room. */
  lost: number
  /** Warnings about people who looked at too many. */
  alerts: number
}

interface Waiting {
  look: Look
  /** Until when it belongs to the writer that took it. */
  takenUntil: number
}

const SAME_LOOK_MS = 60_000
const MAX_REMEMBERED = 20_000
const BATCH = 500
/** A writer that has not come back by then went with its request. */
const TAKEN_MS = 10_000
const MAX_WRITERS = 2
const DENIAL_WAIT_MS = 1_000
const CLOSE_WITHIN_MS = 5_000
const POLL_MS = 20
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
/** What a Worker's request may spend on it after its answer. */
const REQUEST_ATTEMPTS = 3

export class AuditTrail {
  readonly #options: Required<AuditTrailOptions>
  readonly #meter: LookMeter
  /** When each look was last noted, by all that makes it the same. */
  readonly #noted = new Map<string, number>()
  readonly #waiting = new Set<Waiting>()
  /** Until when each writer at work may be waited for. */
  #writers: { until: number }[] = []
  #gatheringUntil = 0
  #sourceUrl: string | null = null
  #closing = false
  #hurry: (() => void) | null = null
  #written = 0
  #lost = 0
  #alerts = 0

  constructor(options: AuditTrailOptions) {
    this.#options = {
      now: Date.now,
      persistent: true,
      alertAbove: 300,
      gatherMs: 500,
      capacity: 10_000,
      denialWaitMs: DENIAL_WAIT_MS,
      ...options,
    }
    this.#meter = new LookMeter({ threshold: this.#options.alertAbove })
  }

  get stats(): AuditStats {
    const waiting = this.#waiting.size
    return { written: this.#written, waiting, lost: this.#lost, alerts: this.#alerts }
  }

  /** Notes a look. It is written behind the answer; nothing here waits or throws. */
  saw(look: Omit<Look, 'at'>, scope: AuditScope): void {
    if (this.#note(look, scope) && scope.sourceUrl !== null) this.#writeSoon(scope)
  }

  /**
   * Notes a look that was denied, and resolves when the row is written, or after a while: then it is written
   * behind the answer, as any other.
   */
  async denied(look: Omit<Look, 'at'>, scope: AuditScope): Promise<void> {
    const waiting = this.#note(look, scope)
    if (!waiting || scope.sourceUrl === null) return
    const deadline = performance.now() + this.#options.denialWaitMs
    const left = () => deadline - performance.now()
    while (this.#waiting.has(waiting) && left() > 0) {
      if (waiting.takenUntil > performance.now() || !this.#mayWrite()) await sleep(POLL_MS)
      else {
        const writing = this.#write(scope.sourceUrl).catch(() => sleep(POLL_MS))
        scope.waitUntil(writing)
        await Promise.race([writing, sleep(left())])
      }
    }
    if (this.#waiting.has(waiting)) this.#writeSoon(scope)
  }

  /** Writes all that waits; gives up after some seconds, and says how much is lost then. */
  async close(): Promise<void> {
    this.#closing = true
    this.#hurry?.()
    const url = this.#sourceUrl
    if (url === null) return
    const deadline = performance.now() + CLOSE_WITHIN_MS
    while (this.#waiting.size > 0 && performance.now() < deadline) {
      const left = sleep(deadline - performance.now())
      await Promise.race([this.#write(url).catch(() => sleep(POLL_MS)), left])
      // Rows that are with another writer.
      if (this.#waiting.size > 0) await sleep(POLL_MS)
    }
    if (this.#waiting.size === 0) return
    this.#lost += this.#waiting.size
    this.#options.log.error('rows of the access audit are lost', { rows: this.#waiting.size })
  }

  /** Null for one that was noted a moment ago, or has no room. */
  #note(look: Omit<Look, 'at'>, { sourceUrl }: AuditScope): Waiting | null {
    const { log, now, capacity } = this.#options
    const at = now()
    this.#watch(look, at)
    const { businessId, employeeId, role, customerId, purchaseId, action, outcome } = look
    const who = `${businessId} ${employeeId} ${role}`
    const name = `${who} ${customerId} ${purchaseId} ${action} ${outcome}`
    if (at - (this.#noted.get(name) ?? 0) < SAME_LOOK_MS) return null
    if (sourceUrl !== null && this.#waiting.size >= capacity) {
      if (this.#lost++ === 0) log.error('the access audit has no more room: rows are lost')
      return null
    }
    this.#noted.delete(name)
    this.#noted.set(name, at)
    if (this.#noted.size > MAX_REMEMBERED) this.#noted.delete(this.#noted.keys().next().value!)
    if (sourceUrl === null) {
      log.info('looked', { ...look })
      return null
    }
    this.#sourceUrl = sourceUrl
    const waiting = { look: { ...look, at: new Date(at).toISOString() }, takenUntil: 0 }
    this.#waiting.add(waiting)
    return waiting
  }

  #watch({ businessId, employeeId, role, customerId }: Omit<Look, 'at'>, at: number) {
    if (customerId === null) return
    if (!this.#meter.looked(`${businessId} ${employeeId ?? role}`, customerId, at)) return
    this.#alerts += 1
    const customers = this.#options.alertAbove
    const who = { business: businessId, employee: employeeId, role }
    this.#options.log.warn('somebody looks at very many customers', { ...who, customers })
  }

  #writeSoon({ sourceUrl, waitUntil }: AuditScope) {
    const now = performance.now()
    if (sourceUrl === null || this.#closing || now < this.#gatheringUntil) return
    this.#gatheringUntil = now + this.#options.gatherMs + TAKEN_MS
    waitUntil(this.#gather(sourceUrl))
  }

  async #gather(sourceUrl: string) {
    const { gatherMs, persistent, log } = this.#options
    let pause = gatherMs
    for (let attempt = 0; persistent || attempt < REQUEST_ATTEMPTS; attempt++) {
      await this.#pause(pause)
      if (this.#closing) return
      await this.#write(sourceUrl).catch((error: unknown) => {
        const code = codeOf((error as Error).cause ?? error)
        const { waiting, lost } = this.stats
        log.warn('the access audit can not be written yet', { code, waiting, lost })
      })
      // What is left failed, or is with another writer, which may fail.
      if (this.#waiting.size === 0) break
      pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
      this.#gatheringUntil = performance.now() + pause + TAKEN_MS
    }
    this.#gatheringUntil = 0
  }

  #mayWrite(): boolean {
    const now = performance.now()
    this.#writers = this.#writers.filter(({ until }) => until > now)
    return this.#writers.length < MAX_WRITERS
  }

  /** Writes all rows that no other writer has. Rejects when the source does not take them: they wait on. */
  async #write(sourceUrl: string): Promise<void> {
    const writer = { until: performance.now() + TAKEN_MS }
    if (!this.#mayWrite()) return
    let batch = this.#take(writer.until)
    if (batch.length === 0) return
    this.#writers.push(writer)
    try {
      await onSource(sourceUrl, async (sql) => {
        for (; batch.length > 0; batch = this.#take(writer.until)) {
          await writeLooks(
            sql,
            batch.map(({ look }) => look),
          )
          for (const row of batch) this.#waiting.delete(row)
          this.#written += batch.length
        }
      })
    } finally {
      for (const row of batch) row.takenUntil = 0
      this.#writers = this.#writers.filter((each) => each !== writer)
    }
  }

  #take(until: number): Waiting[] {
    const now = performance.now()
    const batch: Waiting[] = []
    for (const row of this.#waiting) {
      if (row.takenUntil > now) continue
      row.takenUntil = until
      if (batch.push(row) === BATCH) break
    }
    return batch
  }

  /** Ends early when all is to be closed. */
  async #pause(ms: number) {
    if (!this.#options.persistent) return sleep(ms)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#hurry = null
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
