/** Counts that processes have in common, in a Redis behind the Upstash REST protocol. */
import { CacheStoreError, UpstashClient } from './upstash-store.ts'

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
  readonly #client: UpstashClient

  constructor({ url, token }: { url: string; token: string }) {
    this.#client = new UpstashClient(url, token, TIMEOUT_MS)
  }

  /** In one round trip. Rejects as a whole: half a sum is worth nothing. */
  async add(counts: readonly { key: string; by: number; ttlMs: number }[]): Promise<number[]> {
    const results = await this.#client.ask((redis) => {
      const pipeline = redis.pipeline()
      for (const { key, by, ttlMs } of counts) pipeline.incrby(key, by).pexpire(key, ttlMs)
      return pipeline.exec<unknown[]>()
    })
    const totals = counts.map((_, at) => results[2 * at])
    if (totals.every((total) => Number.isSafeInteger(total))) return totals as number[]
    throw new CacheStoreError('unexpected answer')
  }
}
