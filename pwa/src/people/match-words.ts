import { t } from '../i18n/index.ts'
import type { Suggestion } from './suggestions.ts'

/** `Same phone •••567, same e-mail a•••@example.com`: enough to ask the person, not to learn it. */
export function matchWords({ matches }: Suggestion): string {
  return matches.map(({ on, hint }) => t.value.people.sameAs[on](hint)).join(', ')
}
