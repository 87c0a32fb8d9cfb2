/** Who may be the same person as a customer, as the API sees it, less those whom somebody here has put away. */
import { computed, signal } from '@preact/signals'
import { Query } from '../api/query.ts'
import type { MergeSuggestions } from '../api/types.ts'
import { remember, remembered } from '../session/storage.ts'

export type Suggestion = MergeSuggestions['data'][number]

const KEY = 'not-the-same'

/** Pairs of ids. They are kept for the tab, as what is shown of people is. */
const dismissed = signal<readonly string[]>(remembered<string[]>(KEY) ?? [])

export class Suggestions {
  readonly #query: Query<MergeSuggestions>
  readonly all = computed(() => this.#query.value.value?.data ?? [])
  /** Those that nobody has said of that they are somebody else. */
  readonly open = computed(() =>
    this.all.value.filter(({ id }) => !dismissed.value.includes(pairOf(this.id, id))),
  )

  constructor(readonly id: string) {
    this.#query = new Query(`/customers/${id}/merge-suggestions`)
  }

  /** Never rejects; where it can't be had, nobody is suggested. */
  async refresh(): Promise<void> {
    await this.#query.renew()
  }

  dismiss(otherId: string): void {
    dismissed.value = [...dismissed.peek(), pairOf(this.id, otherId)]
    remember(KEY, dismissed.peek())
  }
}

function pairOf(one: string, other: string): string {
  return [one, other].sort().join(' ')
}
