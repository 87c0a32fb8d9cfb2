/**
 * Keeps a dead or slow cache from costing every request its time limit: after some failures in a row
 * nobody asks for a while, then one asks again, and its luck decides for all.
 *
 *   closed ──failures──▶ open ──cooldown──▶ half-open ──success──▶ closed
 *                         ▲────────failure───────┘
 */
interface BreakerOptions {
  now: () => number
  failures?: number
  cooldownMs?: number
  onChange?: (state: 'open' | 'closed') => void
}

const FAILURES = 3
const COOLDOWN_MS = 1_000

export class Breaker {
  readonly #options: Required<BreakerOptions>
  #failures = 0
  /** When it may be tried again; null while closed. */
  #retryAt: number | null = null

  constructor(options: BreakerOptions) {
    this.#options = { failures: FAILURES, cooldownMs: COOLDOWN_MS, onChange() {}, ...options }
  }

  /** Whether to ask now. While open, at most one caller a cooldown is let through. */
  allows(): boolean {
    if (this.#retryAt === null) return true
    const now = this.#options.now()
    if (now < this.#retryAt) return false
    this.#retryAt = now + this.#options.cooldownMs
    return true
  }

  get open(): boolean {
    return this.#retryAt !== null
  }

  succeeded(): void {
    this.#failures = 0
    if (this.#retryAt === null) return
    this.#retryAt = null
    this.#options.onChange('closed')
  }

  failed(): void {
    this.#failures += 1
    if (this.#failures < this.#options.failures) return
    const wasClosed = this.#retryAt === null
    this.#retryAt = this.#options.now() + this.#options.cooldownMs
    if (wasClosed) this.#options.onChange('open')
  }
}
