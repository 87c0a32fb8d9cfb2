/**
 * Decides in this process, without asking anybody, whether a request is within its quotas. With counts
 * shared in a Redis it tells, about once a second and behind an answer, what it let through, and learns what
 * the others did: several processes hold a limit together, give or take a second's worth of requests.
 *
 * A sliding window of two counts: what the window so far has, and of the one before the share that still
 * lies within a window's length. A burst at a window's edge gets no second quota.
 */
import type { SharedCounts } from '../cache/shared-counts.ts'
import type { Quota } from './quotas.ts'

interface RateLimiterOptions {
  now: () => number
  shared?: SharedCounts
}

/** One quota, and whose. */
export interface Claim {
  quota: Quota
  /** Of the count that they share. */
  name: string
}

export function claimOf(quota: Quota, subject: string): Claim {
  return { quota, name: `${quota.name}:${subject}` }
}

/** How a claim stands. */
export interface Standing {
  quota: Quota
  /** Requests that are left. */
  left: number
  /** Seconds until the window ends, and some of it comes back. */
  resetS: number
  /** Seconds until one more request will be let through; 0 if one is left. */
  waitS: number
}

interface Counter {
  key: string
  windowMs: number
  /** Which window the counts are of. */
  window: number
  /** What all processes had in the window before. */
  previous: number
  /** What is known of all processes in this window; in it what `unsent` is not. */
  known: number
  /** What this process let through and has not told. */
  unsent: number
}

const SYNC_MS = 1_000
const COUNTS_A_SYNC = 500
/** Subjects come from verified tokens; this bounds what a flood of client addresses could take. */
const MAX_COUNTERS = 20_000

export class RateLimiter {
  readonly #now: () => number
  readonly #shared: SharedCounts | undefined
  readonly #counters = new Map<string, Counter>()
  readonly #dirty = new Set<Counter>()
  #nextSync = 0

  constructor({ now, shared }: RateLimiterOptions) {
    this.#now = now
    this.#shared = shared
  }

  /** How the claims stand; nothing is counted. */
  look(claims: readonly Claim[]): Standing[] {
    return claims.map((claim) => standingOf(this.#counter(claim), claim.quota, this.#now()))
  }

  /** Counts one request for each claim. What has to be told goes on in a promise for `waitUntil`. */
  count(claims: readonly Claim[], waitUntil: (work: Promise<unknown>) => void): void {
    for (const claim of claims) {
      const counter = this.#counter(claim)
      counter.unsent += 1
      if (this.#shared) this.#dirty.add(counter)
    }
    const now = this.#now()
    if (this.#dirty.size === 0 || now < this.#nextSync) return
    this.#nextSync = now + SYNC_MS
    waitUntil(this.#sync())
  }

  #counter({ quota, name }: Claim): Counter {
    const windowMs = quota.windowS * 1_000
    const window = Math.floor(this.#now() / windowMs)
    let counter = this.#counters.get(name)
    if (!counter) {
      if (this.#counters.size >= MAX_COUNTERS) this.#forgetOldest()
      counter = { key: `pt:rate:${name}`, windowMs, window, previous: 0, known: 0, unsent: 0 }
      this.#counters.set(name, counter)
    } else if (counter.window !== window) {
      // Last in the map is what was used last, so that a flood forgets those who have long gone.
      this.#counters.delete(name)
      this.#counters.set(name, counter)
      counter.previous = counter.window === window - 1 ? counter.known + counter.unsent : 0
      counter.window = window
      counter.known = 0
      counter.unsent = 0
    }
    return counter
  }

  #forgetOldest(): void {
    const [name, counter] = this.#counters.entries().next().value!
    this.#counters.delete(name)
    this.#dirty.delete(counter)
  }

  /** What was not told stays for the next time; until then this process counts for itself. */
  async #sync(): Promise<void> {
    const sent = [...this.#dirty]
      .slice(0, COUNTS_A_SYNC)
      .map((counter) => ({ counter, by: counter.unsent, window: counter.window }))
    // Taken for told at once: another telling may begin before this one is answered, if it ever is.
    for (const { counter, by } of sent) {
      this.#dirty.delete(counter)
      counter.known += by
      counter.unsent -= by
    }
    const counts = sent.map(({ counter, by, window }) => ({
      key: `${counter.key}:${window}`,
      by,
      ttlMs: 2 * counter.windowMs,
    }))
    const totals = await this.#shared!.add(counts).catch(() => null)
    for (const [at, { counter, by, window }] of sent.entries()) {
      if (counter.window !== window) continue
      const total = totals?.[at]
      if (total === undefined) {
        this.#dirty.add(counter)
        counter.known -= by
        counter.unsent += by
      } else counter.known = Math.max(counter.known, total)
    }
  }
}

/** Where a counter stands at a moment of its window. */
function standingOf(counter: Counter, quota: Quota, now: number): Standing {
  const { previous, windowMs } = counter
  const current = counter.known + counter.unsent
  const elapsed = (now % windowMs) / windowMs
  const used = previous * (1 - elapsed) + current
  const left = Math.max(0, Math.floor(quota.limit - used))
  const wait = left > 0 ? 0 : windowsUntilOneIsLeft(quota.limit, previous, current, elapsed)
  return {
    quota,
    left,
    resetS: Math.ceil((1 - elapsed) * quota.windowS),
    waitS: left > 0 ? 0 : Math.max(1, Math.ceil(wait * quota.windowS)),
  }
}

/** How many windows' lengths from now, if nobody asks meanwhile. */
function windowsUntilOneIsLeft(
  limit: number,
  previous: number,
  current: number,
  elapsed: number,
): number {
  // While this window lasts the one before fades; after it this one does.
  if (current + 1 <= limit) return 1 - (limit - 1 - current) / previous - elapsed
  return 1 - elapsed + 1 - (limit - 1) / current
}
