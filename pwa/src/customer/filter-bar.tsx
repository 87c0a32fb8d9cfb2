/** The timeline's filters: native selects, which a thumb, a keyboard and a screen reader all know. */
import { useSignal } from '@preact/signals'
import { DEVICE_ZONE, formatDate } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { customerPath, navigate } from '../router.ts'
import { locations, zoneOf } from '../session/locations.ts'
import { Icon } from '../ui/icons.tsx'
import {
  beginningOf,
  type Filters,
  isFiltered,
  PERIODS,
  type Period,
  searchOf,
  WHATS,
  type What,
} from './filters.ts'

interface FilterBarProps {
  customerId: string
  filters: Filters
}

const NONE: Filters = { period: null, from: null, to: null, what: null, store: null }

export function FilterBar({ customerId, filters }: FilterBarProps) {
  const texts = t.value
  const choosingDates = useSignal(false)
  const dates = choosingDates.value || filters.from !== null || filters.to !== null
  const set = (change: Partial<Filters>) =>
    navigate(customerPath(customerId, searchOf({ ...filters, ...change })), { replace: true })

  function setPeriod(value: string) {
    choosingDates.value = value === 'dates'
    if (value !== 'dates') set({ period: (value || null) as Period | null, from: null, to: null })
    // What was filtered by is where one begins to choose from.
    else if (filters.period) {
      const zone = filters.store ? zoneOf(filters.store) : DEVICE_ZONE
      set({ period: null, from: beginningOf(filters.period, zone, new Date()) })
    }
  }
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{texts.filters}</legend>
      <div class="filters__row">
        <Choice
          label={texts.filterPeriod}
          any={texts.periodAny}
          value={dates ? 'dates' : (filters.period ?? '')}
          options={[...PERIODS, 'dates' as const].map((value) => [value, texts.periods[value]])}
          onChoose={setPeriod}
        />
        <Choice
          label={texts.filterWhat}
          any={texts.whatAny}
          value={filters.what ?? ''}
          options={WHATS.map((value) => [value, texts.whats[value]])}
          onChoose={(value) => set({ what: (value || null) as What | null })}
        />
        {locations.value.length > 1 && (
          <Choice
            label={texts.filterStore}
            any={texts.storeAny}
            value={filters.store ?? ''}
            options={locations.value.map(({ id, name }) => [id, name])}
            onChoose={(value) => set({ store: value || null })}
          />
        )}
      </div>
      {dates && (
        <div class="filters__row">
          <DateField
            label={texts.dateFrom}
            value={filters.from}
            onChange={(from) => set({ period: null, from })}
          />
          <DateField
            label={texts.dateTo}
            value={filters.to}
            onChange={(to) => set({ period: null, to })}
          />
        </div>
      )}
      {isFiltered(filters) && (
        <Chips
          filters={filters}
          onChange={(change) => {
            choosingDates.value = false
            set(change)
          }}
        />
      )}
    </fieldset>
  )
}

interface ChoiceProps {
  label: string
  any: string
  value: string
  options: [string, string][]
  onChoose: (value: string) => void
}

function Choice({ label, any, value, options, onChoose }: ChoiceProps) {
  return (
    <label class={`choice ${value ? 'choice--set' : ''}`}>
      <span class="visually-hidden">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{any}</option>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface DateFieldProps {
  label: string
  value: string | null
  onChange: (value: string | null) => void
}

function DateField({ label, value, onChange }: DateFieldProps) {
  return (
    <label class="date">
      <span>{label}</span>
      <input
        type="date"
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
    </label>
  )
}

interface ChipsProps {
  filters: Filters
  onChange: (change: Partial<Filters>) => void
}

function Chips({ filters, onChange }: ChipsProps) {
  const texts = t.value
  const { period, what, store } = filters
  const storeName = locations.value.find(({ id }) => id === store)?.name
  const chips: [string, Partial<Filters>][] = []
  if (period) chips.push([texts.periods[period], { period: null }])
  const range = rangeOf(filters)
  if (range) chips.push([range, { from: null, to: null }])
  if (what) chips.push([texts.whats[what], { what: null }])
  if (store) chips.push([storeName ?? texts.filterStore, { store: null }])
  return (
    <div class="filters__chips">
      {chips.map(([name, without]) => (
        <button
          key={name}
          type="button"
          class="filter-chip"
          aria-label={texts.removeFilter(name)}
          onClick={() => onChange(without)}
        >
          {name}
          <Icon name="close" />
        </button>
      ))}
      {chips.length > 1 && (
        <button type="button" class="text-button" onClick={() => onChange(NONE)}>
          {texts.clearFilters}
        </button>
      )}
    </div>
  )
}

function rangeOf({ from, to }: Filters): string | null {
  const day = (date: string) => formatDate(`${date}T12:00:00Z`, 'UTC')
  if (from && to) return `${day(from)} – ${day(to)}`
  if (from) return t.value.since(day(from))
  return to && t.value.until(day(to))
}
