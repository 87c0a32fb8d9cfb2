/** Counts that processes have in common, in a Redis behind the Upstash REST protocol. */
import type { Redis } from '@upstash/redis/cloudflare'
import { CacheStoreError, scrubbed, upstashClient } from './upstash-store.ts'

export interface SharedCounts {
  /**
   * Adds, keeps what comes of it for so long, and resolves to the totals, in order. Rejects when they
   * can't be reached.
   */
  add(counts: readonly { key: string; by: number; ttlMs: number }[]): Promise<number[]>
}

/** Nobody waits for it but the next telling. */
const TIMEOUT_MS = 1_000

export class UpstashCounts implements SharedCounts {
  readonly #redis: Redis

  constructor({ url, token }: { url: string; token: string }) {
    this.#redis = upstashClient(url, token, TIMEOUT_MS)
  }

  /** In one round trip. Rejects as a whole: half a sum is worth nothing. */
  async add(counts: readonly { key: string; by: number; ttlMs: number }[]): Promise<number[]> {
    const pipeline = this.#redis.pipeline()
    for (const { key, by, ttlMs } of counts) pipeline.incrby(key, by).pexpire(key, ttlMs)
    const results = await scrubbed(() => pipeline.exec<unknown[]>())
    const totals = counts.map((_, at) => results[2 * at])
    if (totals.every((total) => Number.isSafeInteger(total))) return totals as number[]
    throw new CacheStoreError('unexpected answer')
  }
}
