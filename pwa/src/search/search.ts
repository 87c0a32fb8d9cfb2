/** The customers that a query finds: asked for a moment after the last key, and only for the last query. */
import { signal } from '@preact/signals'
import { read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { CustomerSearch, FoundCustomer } from '../api/types.ts'

const PAUSE_MS = 150
/** The API's: as many are best, and more may match. */
export const SEARCH_LIMIT = 20

export type Found =
  | { state: 'idle' }
  | { state: 'short' }
  | { state: 'searching'; before: readonly FoundCustomer[] }
  | { state: 'found'; query: string; customers: readonly FoundCustomer[] }
  | { state: 'failed'; failure: Failure }

export class Search {
  readonly found = signal<Found>({ state: 'idle' })
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: AbortController | undefined

  /** Looks for what was typed, after a pause in the typing. */
  type(text: string): void {
    this.#stop()
    const query = text.trim()
    if (query === '') this.found.value = { state: 'idle' }
    else if (isTooShort(query)) this.found.value = { state: 'short' }
    else {
      const current = this.found.peek()
      const before = current.state === 'found' ? current.customers : []
      this.found.value = { state: 'searching', before }
      this.#timer = setTimeout(() => this.look(query), PAUSE_MS)
    }
  }

  /** Looks for it now. Never rejects. */
  async look(query: string): Promise<void> {
    this.#stop()
    const running = new AbortController()
    this.#running = running
    try {
      const options = { query: { query }, signal: running.signal }
      const { data } = await read<CustomerSearch>('/customers', options)
      this.found.value = { state: 'found', query, customers: data }
    } catch (error) {
      if (running.signal.aborted) return
      if (!(error instanceof Failure)) throw error
      this.found.value = { state: 'failed', failure: error }
    }
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#running?.abort()
  }
}

/** One character is enough in a script whose characters are words, as for the API. */
function isTooShort(query: string): boolean {
  return [...query].length < 2 && !/[^\p{ASCII}\p{Script=Latin}]/u.test(query)
}
