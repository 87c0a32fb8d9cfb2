/**
 * An answer that is kept and asked for again: what is shown stays while the next one comes, or fails. Where it may
 * be kept on the device, what is there is shown first, and replaced by what the server says.
 */
import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { Shelf } from '../offline/shelf.ts'
import { ask } from './client.ts'
import { Failure } from './failure.ts'

interface QueryOptions<T> {
  /** Whom the answer is about, or null; it is kept on the device only where this is said. */
  keepFor?: string | null
  /** What of it is kept. */
  slim?: (body: T) => T
  /** Called when the server says that this is not, or no longer, to be seen. */
  onLost?: (failure: Failure) => void
}

export class Query<T> {
  readonly #path: string
  readonly #query: Record<string, string | number>
  readonly #options: QueryOptions<T>
  readonly #shelf: Shelf<T> | null
  readonly #value = signal<T | null>(null)
  readonly #failure = signal<Failure | null>(null)
  readonly #checkedAt = signal<number | null>(null)
  readonly #isCurrent = signal(false)
  #etag: string | null = null
  #restored: Promise<void> | null = null
  #running: Promise<boolean> | null = null
  /** How often it was cleared: an answer that was asked for before is of no use behind it. */
  #cleared = 0

  constructor(
    path: string,
    query: Record<string, string | number> = {},
    options: QueryOptions<T> = {},
  ) {
    this.#path = path
    this.#query = query
    this.#options = options
    const { keepFor } = options
    this.#shelf =
      keepFor === undefined ? null : new Shelf(`${path} ${JSON.stringify(query)}`, keepFor)
  }

  /** The last answer; null before the first. */
  get value(): ReadonlySignal<T | null> {
    return this.#value
  }

  /** Why the last attempt failed; null when it did not. */
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure
  }

  /** When the server last said that the value is right; milliseconds since 1970. */
  get checkedAt(): ReadonlySignal<number | null> {
    return this.#checkedAt
  }

  /** Whether the server was asked, and has answered: the value is not only what the device had of it. */
  get isCurrent(): ReadonlySignal<boolean> {
    return this.#isCurrent
  }

  /** Asks again, once for all who want it now. Whether the value changed; never rejects. */
  refresh(): Promise<boolean> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** As `refresh`, never content with an answer that was asked for before now. */
  async renew(): Promise<boolean> {
    await this.#running
    return this.refresh()
  }

  /** Resolves when what the device has of it is there. Never rejects. */
  restore(): Promise<void> {
    this.#restored ??= this.#takeFromShelf()
    return this.#restored
  }

  /** As if it had never been asked for. */
  clear(): void {
    batch(() => {
      this.#value.value = null
      this.#checkedAt.value = null
      this.#isCurrent.value = false
    })
    this.#etag = null
    this.#cleared += 1
  }

  async #ask(): Promise<boolean> {
    await this.restore()
    const cleared = this.#cleared
    try {
      const answer = await ask<T>(this.#path, { query: this.#query, etag: this.#etag })
      if (cleared !== this.#cleared) return false
      batch(() => {
        this.#failure.value = null
        this.#checkedAt.value = Date.now()
        this.#isCurrent.value = true
        if (answer) this.#value.value = answer.body
      })
      if (answer) this.#etag = answer.etag
      this.#keep(answer !== null)
      return answer !== null
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      batch(() => {
        if (error.isLoss) this.#lose()
        this.#failure.value = error
        this.#isCurrent.value = false
      })
      if (error.isLoss) this.#options.onLost?.(error)
      return false
    }
  }

  async #takeFromShelf(): Promise<void> {
    const kept = await this.#shelf?.take()
    if (!kept) return
    this.#etag = kept.etag
    batch(() => {
      this.#value.value = kept.body
      this.#checkedAt.value = kept.checkedAt
    })
  }

  #keep(isNew: boolean): void {
    const body = this.#value.peek()
    if (!body) return
    const { slim } = this.#options
    // By its validator the whole answer would be asked for, of which there is a part.
    if (slim) this.#shelf?.put(slim(body), null, isNew)
    else this.#shelf?.put(body, this.#etag, isNew)
  }

  #lose(): void {
    this.clear()
    void this.#shelf?.drop()
  }
}
