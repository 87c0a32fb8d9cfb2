/**
 * Follows the changes of one customer, as long as it is wanted: opens the stream, and opens it again when it
 * ends or breaks. Where none is offered it gives up; whoever uses it asks from time to time instead.
 *
 *   stopped ─ start ─▶ opening ─▶ live ─ ends, breaks, falls silent ─▶ waiting ─▶ opening
 *                         └ refused for good ─▶ stopped
 */
import { Failure } from '../api/failure.ts'
import { eventsOf } from './events.ts'

export interface ChangeFeedOptions {
  /** Rejects with a Failure. */
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** Something has changed. */
  onChange(): void
  /** From now on every change is told, or none. What changed before `true` was not. */
  onLive(live: boolean): void
  /** Milliseconds; longer than the server's signs of life are apart. */
  silenceMs?: number
  /** Milliseconds after which it comes back, at first; twice as many after every failure that follows. */
  waitMs?: number
  random?: () => number
}

/** The server says something every fifteen seconds. */
const SILENCE_MS = 40_000
/** Where nothing is heard after that, it was not worth opening: a proxy that lets no stream through. */
const SHORT_MS = 5_000
const WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** Set when the server says that it has no streams, which is not asked twice. */
let offered = true

export class ChangeFeed {
  readonly #options: Required<ChangeFeedOptions>
  #running: AbortController | null = null
  #live = false
  /** In a row. They outlast a stop: a feed that is stopped by what its failure leads to would not wait ever. */
  #failures = 0
  /** By `performance.now()`: when it may be opened again. */
  #opensAt = 0

  constructor(options: ChangeFeedOptions) {
    this.#options = { silenceMs: SILENCE_MS, waitMs: WAIT_MS, random: Math.random, ...options }
  }

  /** Whether every change is told now. */
  get live(): boolean {
    return this.#live
  }

  /** Does nothing while it is running, or where there is nothing to follow. What a failure has it wait for, it waits for. */
  start(): void {
    if (this.#running || !offered) return
    this.#running = new AbortController()
    void this.#run(this.#running.signal)
  }

  stop(): void {
    this.#running?.abort()
    this.#running = null
    this.#setLive(false)
  }

  /** As `stop`, and forgets that it has failed: that was in another network. */
  reset(): void {
    this.stop()
    this.#failures = 0
    this.#opensAt = 0
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wait(signal)
      if (signal.aborted) return
      const failure = await this.#follow(signal)
      // One that has failed may have been stopped for that.
      if (signal.aborted && !failure) return
      if (!signal.aborted) this.#setLive(false)
      if (failure && isFinal(failure)) return
      this.#failures += 1
      this.#opensAt = performance.now() + this.#waitAfter(failure)
    }
  }

  /** Null when it was open, and is no more. */
  async #follow(signal: AbortSignal): Promise<Failure | null> {
    const silence = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let openedAt = Number.POSITIVE_INFINITY
    const heard = () => {
      if (performance.now() - openedAt >= SHORT_MS) this.#failures = 0
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), this.#options.silenceMs)
    }
    try {
      const body = await this.#options.open(AbortSignal.any([signal, silence.signal]))
      openedAt = performance.now()
      heard()
      this.#setLive(true)
      for await (const event of eventsOf(body)) {
        heard()
        if (signal.aborted) return null
        if (event) this.#options.onChange()
      }
      return null
    } catch (error) {
      return error instanceof Failure ? error : null
    } finally {
      clearTimeout(timer)
    }
  }

  /** Milliseconds: longer from failure to failure, and for everybody another time, so that not all come back at once. */
  #waitAfter(failure: Failure | null): number {
    const { waitMs, random } = this.#options
    const longest = Math.min(waitMs * 2 ** (this.#failures - 1), LONGEST_WAIT_MS)
    return (failure?.retryAfter ?? 0) * 1_000 + longest * (0.25 + 0.75 * random())
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const ms = this.#opensAt - performance.now()
    if (ms <= 0 || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #setLive(live: boolean): void {
    if (live === this.#live) return
    this.#live = live
    this.#options.onLive(live)
  }
}

/** Whether asking again will not help: those who ask for what is shown are told so, too. */
function isFinal({ kind, problem }: Failure): boolean {
  if (problem?.kind === 'changes-not-offered') offered = false
  return !offered || ['signed-out', 'forbidden', 'not-found', 'erased', 'refused'].includes(kind)
}
