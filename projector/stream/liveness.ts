/**
 * When to speak and when to give up: the pure decisions behind the stream's timer. A half-open
 * connection delivers nothing, not even an error; only silence shows it.
 */

export interface LivenessTimings {
  /** Send a status (which asks for an answer) this often, milliseconds. */
  statusEveryMs: number
  /** Silence for longer than this means that the connection is dead, milliseconds. */
  silenceLimitMs: number
}

const MAX_STATUS_EVERY_MS = 10_000
/** How many unanswered statuses are borne. */
const UNANSWERED = 4

/** @param walSenderTimeoutMs the server's wal_sender_timeout; 0 is off */
export function livenessTimings(walSenderTimeoutMs: number): LivenessTimings {
  const statusEveryMs =
    walSenderTimeoutMs === 0
      ? MAX_STATUS_EVERY_MS
      : Math.min(MAX_STATUS_EVERY_MS, Math.max(100, Math.floor(walSenderTimeoutMs / 4)))
  return { statusEveryMs, silenceLimitMs: Math.max(statusEveryMs * UNANSWERED, 5_000) }
}

type LivenessVerdict = 'quiet' | 'send-status' | 'dead'

interface LivenessState {
  nowMs: number
  lastReceivedMs: number
  lastSentMs: number
  /** Since when nothing is read on purpose (backpressure); null while reading. */
  pausedSinceMs: number | null
}

/** While paused, silence proves nothing; statuses go out all the same, or the server gives up. */
export function judgeLiveness(timings: LivenessTimings, state: LivenessState): LivenessVerdict {
  const { nowMs, lastReceivedMs, lastSentMs, pausedSinceMs } = state
  if (pausedSinceMs === null && nowMs - lastReceivedMs > timings.silenceLimitMs) return 'dead'
  return nowMs - lastSentMs >= timings.statusEveryMs ? 'send-status' : 'quiet'
}

/** `60s`, `1min`, `500ms`, `0` as `SHOW` prints them → milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+)(ms|s|min|h|d)?$/.exec(text)
  if (!match) throw new RangeError(`not a duration: ${text}`)
  const unit = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 'ms']
  return Number(match[1]) * (unit ?? 1)
}
