/** Says that there is another record which may be the same person's. It covers nothing, and moves nothing. */
import { useEffect, useMemo } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { customerPath } from '../router.ts'
import { may } from '../session/session.ts'
import { Icon } from '../ui/icons.tsx'
import { matchWords } from './match-words.ts'
import { lastDone, personAct } from './person-act.ts'
import { Suggestions } from './suggestions.ts'

export function SuggestionNotice({ record }: { record: CustomerRecord }) {
  const suggestions = useMemo(() => new Suggestions(record.id), [record])
  useEffect(() => void suggestions.refresh(), [suggestions, lastDone.value])
  const [first, ...others] = suggestions.open.value
  // One thing at a time; and whom she has just told apart she does not want to merge.
  if (!first || lastDone.value?.customerId === record.id) return null
  const texts = t.value.people
  return (
    <aside class="suggestion" aria-label={texts.alike}>
      <Icon name="merge" />
      <p class="suggestion__text" role="status">
        <span class="suggestion__who">
          {texts.maybeSame} <strong>{first.name ?? t.value.noName}</strong>
          {first.externalRef && ` (${first.externalRef})`}
          {others.length > 0 && texts.andOthers(others.length)}
        </span>
        <span class="suggestion__why">{matchWords(first)}</span>
      </p>
      <div class="suggestion__acts">
        {may('customers:merge') ? (
          <button
            type="button"
            class="button button--primary"
            onClick={() => {
              personAct.value = { name: 'merge', otherId: first.id }
            }}
          >
            {texts.compare}
          </button>
        ) : (
          <a class="button" href={customerPath(first.id)}>
            {texts.openRecord}
          </a>
        )}
        <button type="button" class="button" onClick={() => suggestions.dismiss(first.id)}>
          {texts.notTheSame}
        </button>
      </div>
    </aside>
  )
}
