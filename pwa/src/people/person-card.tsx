/** One of two records that may be one person's, with what tells them apart, and the choice of the one that stays. */
import { useId } from 'preact/hooks'
import { type Entry, isMasked, type Summary } from '../api/types.ts'
import { byUse, visitsOf } from '../customer/visits.ts'
import { DEVICE_ZONE, formatAgo, formatDate } from '../format/dates.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { typeWord } from '../ui/type-word.ts'
import type { PersonFacts } from './person-facts.ts'

interface PersonCardProps {
  facts: PersonFacts
  stays: boolean
  disabled: boolean
  onStay: () => void
}

export function PersonCard({ facts, stays, disabled, onStay }: PersonCardProps) {
  const factsId = useId()
  const texts = t.value
  const card = facts.card.value.value
  const failure = facts.card.failure.value
  return (
    <div class={`person-card ${stays ? 'person-card--stays' : ''}`}>
      <label class="person-card__choice">
        <input
          type="radio"
          name="survivor"
          checked={stays}
          disabled={disabled}
          autofocus={stays}
          aria-describedby={factsId}
          onChange={onStay}
        />
        <span class={`chip ${stays ? 'chip--stays' : ''}`}>
          {stays ? texts.people.stays : texts.people.goes}
        </span>
        <span class="person-card__name">
          {card ? (card.name ?? texts.noName) : failure ? '–' : `${texts.loading} …`}
        </span>
      </label>
      <div id={factsId}>
        {failure && !card ? (
          <Problem failure={failure} onRetry={() => void facts.refresh()} compact />
        ) : (
          <Facts facts={facts} />
        )}
      </div>
    </div>
  )
}

function Facts({ facts }: { facts: PersonFacts }) {
  const texts = t.value
  const card = facts.card.value.value
  const summary = facts.summary.value.value
  const newest = facts.newest.value.value
  if (!card || !summary || !newest) return <Skeleton lines={6} />
  const { externalRef, phoneEnding, status } = card
  return (
    <>
      <p class="person-card__who">
        {status !== 'active' && (
          <span class={`chip chip--${status}`}>{texts.statuses[status]}</span>
        )}
        {externalRef && <span>{texts.reference(externalRef)}</span>}
        {phoneEnding && <span>{texts.phoneEnding(phoneEnding)}</span>}
      </p>
      <Figures summary={summary} />
      <h3 class="person-card__title">{texts.people.newest}</h3>
      {newest.data.length === 0 && <p class="person-card__none">{texts.emptyTitle}</p>}
      <ul class="person-card__newest">
        {newest.data.map((entry) => (
          <Newest key={entry.id} entry={entry} />
        ))}
      </ul>
    </>
  )
}

function Figures({ summary: { totals } }: { summary: Summary }) {
  const texts = t.value
  const sorted = byUse(totals)
  const { count, lastAt } = visitsOf(totals)
  return (
    <dl class="person-card__figures">
      <div>
        <dt>{texts.lifetimeValue}</dt>
        {sorted.map(({ currency, net }) => (
          <dd key={currency}>
            <Amount money={{ amount: net, currency }} />
          </dd>
        ))}
        {sorted.length === 0 && <dd>–</dd>}
      </div>
      <div>
        <dt>{texts.visits}</dt>
        <dd>{formatNumber(count)}</dd>
      </div>
      <div>
        <dt>{texts.lastVisit}</dt>
        <dd>{lastAt ? formatAgo(lastAt) : texts.never}</dd>
      </div>
    </dl>
  )
}

function Newest({ entry }: { entry: Entry }) {
  if (isMasked(entry)) {
    return (
      <li>
        <span>{t.value.masked}</span>
        <span>{formatDate(entry.occurredAt, DEVICE_ZONE)}</span>
      </li>
    )
  }
  const { occurredAt, location, total, counted } = entry
  return (
    <li class={counted ? '' : 'row--uncounted'}>
      <span>
        {typeWord(entry)}
        <span class="person-card__when">{formatDate(occurredAt, zoneOf(location.id))}</span>
      </span>
      <Amount money={total} />
    </li>
  )
}
