/** What a cache store must do. Two do: `memory-store.ts` and `upstash-store.ts`, by one contract test. */
import type { Lsn } from '../domain/lsn.ts'
import type { FloorSink } from './floors.ts'

export interface Found {
  /** The entry's text, whatever its age. */
  entry: string | null
  /** Null when it is not known: nothing is fresh then. */
  floor: Lsn | null
}

export interface Fill {
  key: string
  customerId: string
  /** The position that the answer was computed at. */
  lsn: Lsn
  /** Starts with `lsnToHex(lsn)`, so that a store can tell the newer of two. */
  entry: string
  /** Milliseconds. */
  keepMs: number
}

export interface CacheStore extends FloorSink {
  /** Entry and floor in one round trip. */
  find(key: string, customerId: string): Promise<Found>
  /**
   * Stores the entry, in one atomic step, unless it may be outdated: it must not lie below the
   * customer's floor, nor below an entry that is there already. Without a floor (never raised, or
   * lost) it must not lie below the mark, and then becomes the floor; before anything was raised
   * nothing is known, and nothing stored. Resolves to whether it was stored.
   */
  fill(fill: Fill): Promise<boolean>
  /**
   * For each customer the position of the last change that is known to have touched it, `LSN_ZERO` where
   * none is; in one round trip. Who compares it with an earlier one misses no change: what is lost here
   * comes back higher.
   */
  lastChanges(customerIds: readonly string[]): Promise<Lsn[]>
  /**
   * Whether the caller is the one to refresh this entry: true for the first who asks, and for nobody
   * else within `ms`.
   */
  claim(key: string, ms: number): Promise<boolean>
}

/** How long an entry is kept: for answering while the read store is down. It is fresh for less. */
export const ENTRY_TTL_MS = 5 * 60_000
/** Floors outlive the entries that they judge by far. */
export const FLOOR_TTL_MS = 24 * 3_600_000
/** So does the floor that a fill sets; of ids that somebody made up nothing is kept for long. */
export const FLOOR_OUTLIVES = 12
