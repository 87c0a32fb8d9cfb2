/** Who looked at a customer, a page at a time, with what belongs together as one entry. */
import { computed, signal } from '@preact/signals'
import { read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { AccessList } from '../api/types.ts'

export type Access = AccessList['data'][number]

/** To open a customer is several requests: one visit, for whoever reads the list. */
export interface Visit {
  employee: Access['employee']
  role: string
  /** Of the last of them. */
  at: string
  outcome: string
  /** Each once, the last one first. */
  actions: string[]
}

const PAGE = 100
/** What one person does within this time is one visit. */
const VISIT_MS = 5 * 60_000

export class Accesses {
  readonly #path: string
  readonly #all = signal<readonly Access[] | null>(null)
  /** Null before the first answer. */
  readonly visits = computed(() => this.#all.value && visitsOf(this.#all.value))
  readonly complete = signal(false)
  readonly loading = signal(false)
  readonly failure = signal<Failure | null>(null)
  #next: string | undefined

  constructor(customerId: string) {
    this.#path = `/customers/${customerId}/accesses`
  }

  /** The next page. Never rejects. */
  async loadMore(): Promise<void> {
    if (this.loading.peek() || this.complete.peek()) return
    this.loading.value = true
    this.failure.value = null
    try {
      const query = { limit: PAGE, cursor: this.#next }
      const { data, page } = await read<AccessList>(this.#path, { query })
      this.#all.value = [...(this.#all.peek() ?? []), ...data]
      this.#next = page.next ?? undefined
      this.complete.value = page.next === null
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.failure.value = error
    } finally {
      this.loading.value = false
    }
  }
}

/** Entries come newest first, and so do visits. Nothing that was refused, or only tried out, is put among the rest. */
export function visitsOf(accesses: readonly Access[]): Visit[] {
  const visits: (Visit & { since: string })[] = []
  for (const { employee, role, at, outcome, action } of accesses) {
    const last = visits.at(-1)
    const continues =
      last?.employee?.id === employee?.id &&
      last?.role === role &&
      last?.outcome === outcome &&
      Date.parse(last.since) - Date.parse(at) < VISIT_MS
    if (!last || !continues) {
      visits.push({ employee, role, at, since: at, outcome, actions: [action] })
    } else {
      last.since = at
      if (!last.actions.includes(action)) last.actions.push(action)
    }
  }
  return visits.map(({ since: _since, ...visit }) => visit)
}
