/** Whose record is the other one: those that look alike, and a search for anybody else. */
import { useEffect, useMemo } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { CustomerPicker } from './customer-picker.tsx'
import { matchWords } from './match-words.ts'
import { Suggestions } from './suggestions.ts'

interface ChooseOtherProps {
  record: CustomerRecord
  onChoose: (customerId: string) => void
}

export function ChooseOther({ record, onChoose }: ChooseOtherProps) {
  const suggestions = useMemo(() => new Suggestions(record.id), [record])
  useEffect(() => void suggestions.refresh(), [suggestions])
  const texts = t.value
  return (
    <>
      <CustomerPicker
        label={texts.people.mergeWith}
        exceptId={record.id}
        onChoose={({ id }) => onChoose(id)}
      />
      {suggestions.all.value.length > 0 && (
        <section>
          <h3 class="card__title">{texts.people.alike}</h3>
          <ul class="people">
            {suggestions.all.value.map((suggestion) => (
              <li key={suggestion.id}>
                <button type="button" class="person" onClick={() => onChoose(suggestion.id)}>
                  <Icon name="person" className="option__icon" />
                  <span class="option__name">
                    {suggestion.name ?? texts.noName}
                    {suggestion.externalRef && (
                      <span class="person__why">{suggestion.externalRef}</span>
                    )}
                    <span class="person__why">{matchWords(suggestion)}</span>
                  </span>
                  <Icon name="chevron" className="person__go" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
