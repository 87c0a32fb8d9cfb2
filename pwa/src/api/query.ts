/** An answer that is kept and asked for again: what is shown stays while the next one comes, or fails. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { ask } from './client.ts'
import { Failure } from './failure.ts'

export class Query<T> {
  readonly #path: string
  readonly #query: Record<string, string | number>
  readonly #value = signal<T | null>(null)
  readonly #failure = signal<Failure | null>(null)
  readonly #checkedAt = signal<number | null>(null)
  #etag: string | null = null
  #running: Promise<boolean> | null = null

  constructor(path: string, query: Record<string, string | number> = {}) {
    this.#path = path
    this.#query = query
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

  async #ask(): Promise<boolean> {
    try {
      const answer = await ask<T>(this.#path, { query: this.#query, etag: this.#etag })
      this.#failure.value = null
      this.#checkedAt.value = Date.now()
      if (answer === null) return false
      this.#etag = answer.etag
      this.#value.value = answer.body
      return true
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#failure.value = error
      return false
    }
  }
}
