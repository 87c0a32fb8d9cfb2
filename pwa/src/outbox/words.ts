/** What an act in the list is, how it stands, and what that means at the counter. */
import type { Return } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { wordsFor } from '../people/refusal.tsx'
import { wayOf } from '../returning/return-done.tsx'
import type { Item } from './item.ts'
import { isElsewhere } from './state.ts'

export type Standing =
  | 'requested'
  | 'unsent'
  | 'unanswered'
  | 'elsewhere'
  | 'refused'
  | 'expired'
  | 'done'

export function standingOf(item: Item): Standing {
  if (item.state !== 'queued') return item.state
  if (item.unanswered) return 'unanswered'
  return isElsewhere(item) ? 'elsewhere' : 'unsent'
}

/** What to know, and to do, in this order. */
export function explain(item: Item): string[] {
  const { notes } = t.value.outbox
  const standing = standingOf(item)
  const isReturn = item.command.name === 'return'
  switch (standing) {
    case 'unsent':
      return [isReturn ? notes.unsentReturn : notes.unsent]
    case 'unanswered': {
      const waits = isReturn ? notes.unansweredReturn : notes.unanswered
      return isElsewhere(item) ? [waits, notes.elsewhere] : [waits]
    }
    case 'requested':
      return item.failure ? [notes.requestedAgain, ...refusalOf(item)] : [notes.requested]
    case 'refused':
      return [...refusalOf(item), certaintyOf(item)]
    case 'expired':
      return [notes.expired, certaintyOf(item)]
    case 'done':
      return isReturn ? [...paymentsOf(item), notes.doneReturn] : [notes.done]
    default:
      return [notes[standing]]
  }
}

function certaintyOf({ unanswered }: Item): string {
  const { notes } = t.value.outbox
  return unanswered ? notes.mayBeDone : notes.unchanged
}

function refusalOf({ command, failure }: Item): string[] {
  const kind = failure?.problem?.kind ?? ''
  const words =
    (command.name === 'return' ? t.value.returning.refusals[kind] : wordsFor({ kind })) ??
    t.value.failures[failure!.kind]!
  return words
}

/** What of the money goes where. */
function paymentsOf({ answer }: Item): string[] {
  const { payments } = answer as Return
  return payments.length > 0 ? payments.map(wayOf) : [t.value.returning.nothingToPay]
}
