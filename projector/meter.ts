/** What a projector has done since it was started, counted where it happens. */
import {
  FatalProjectorError,
  ReplacedError,
  SlotInUseError,
  StreamLostError,
  sqlState,
} from './errors.ts'

/** Why a session ended, by what an operator would do. */
export const SESSION_ENDS = [
  'connection',
  'standby',
  'replaced',
  'database',
  'fatal',
  'other',
] as const
type SessionEnd = (typeof SESSION_ENDS)[number]

export class Meter {
  transactions = 0
  changes = 0
  deadLetters = 0
  /** Commits in the read store, and how long they took from the first statement on, seconds. */
  commits = 0
  commitSeconds = 0
  readonly sessionsEnded: Record<SessionEnd, number> = {
    connection: 0,
    standby: 0,
    replaced: 0,
    database: 0,
    fatal: 0,
    other: 0,
  }
  #pending = 0
  #since = performance.now()
  #workingSince: number | null = null

  /** Transactions that have begun to arrive and are not yet durable. */
  get pending(): number {
    return this.#pending
  }

  /** How long nothing has moved although something is pending, milliseconds; 0 while nothing is. */
  get stillMs(): number {
    return this.#pending === 0 ? 0 : performance.now() - this.#since
  }

  /** @param pending transactions that wait now */
  waiting(pending: number): void {
    if (this.#pending === 0) this.#since = performance.now()
    this.#pending = pending
  }

  /** A piece of work is begun; a large transaction has several before its commit. */
  begin(): void {
    this.#workingSince ??= performance.now()
  }

  wrote(changes: number, deadLetters: number): void {
    this.changes += changes
    this.deadLetters += deadLetters
    this.#since = performance.now()
  }

  /** All that was begun is durable. */
  committed(transactions: number, pending: number): void {
    const now = performance.now()
    this.transactions += transactions
    if (this.#workingSince !== null) {
      this.commits++
      this.commitSeconds += (now - this.#workingSince) / 1_000
    }
    this.#workingSince = null
    this.#pending = pending
    this.#since = now
  }

  /** What was begun and not committed is lost with its session. */
  sessionEnded(error: unknown): void {
    this.sessionsEnded[classOf(error)]++
    this.#workingSince = null
    this.#pending = 0
  }
}

function classOf(error: unknown): SessionEnd {
  if (error instanceof FatalProjectorError) return 'fatal'
  if (error instanceof StreamLostError) return 'connection'
  if (error instanceof SlotInUseError) return 'standby'
  if (error instanceof ReplacedError) return 'replaced'
  const state = sqlState(error)
  if (state === undefined) return 'other'
  // Classes 08 (connection) and 57 (shutdown); drivers have names of their own for a lost connection.
  return /^(08|57)/.test(state) || !/^[0-9A-Z]{5}$/.test(state) ? 'connection' : 'database'
}

/** This long without headway is no pause any more. */
export const STALLED_MS = 10_000

/**
 * - `idle`: everything that the source has is applied; nothing to do
 * - `busy`: something is on its way
 * - `stalled`: something is outstanding, and nothing has moved for `STALLED_MS`
 */
type Flow = 'idle' | 'busy' | 'stalled'

interface Outstanding {
  /** Transactions received and not yet durable. */
  pending: number
  /** WAL of the source that is not yet applied, bytes. */
  behind: number
  /** For how long neither rows nor positions have moved while there was something, milliseconds. */
  stillMs: number
}

export function judgeFlow({ pending, behind, stillMs }: Outstanding, limitMs = STALLED_MS): Flow {
  if (pending === 0 && behind === 0) return 'idle'
  return stillMs > limitMs ? 'stalled' : 'busy'
}
