/** A search for the other customer, in a dialog: what is found are buttons below the field, and the arrows walk them. */
import { useMemo, useRef } from 'preact/hooks'
import type { FoundCustomer } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { type Found, SEARCH_LIMIT, Search } from '../search/search.ts'
import { FoundWho } from '../search/search-hits.tsx'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'

interface CustomerPickerProps {
  label: string
  /** Who is not asked for: they are on the other side already. */
  exceptId?: string
  /** With the record that a merged one leads to. */
  onChoose: (customer: { id: string; name: string | null }) => void
}

export function CustomerPicker({ label, exceptId, onChoose }: CustomerPickerProps) {
  const search = useMemo(() => new Search(), [])
  const box = useRef<HTMLDivElement>(null)
  const others = (found: Found) =>
    customersOf(found).filter((each) => survivorOf(each) !== exceptId)
  const customers = others(search.found.value)

  const choose = (customer: FoundCustomer) => {
    const { id, name } = customer.survivor ?? customer
    onChoose({ id, name })
  }
  /** From the field through the list and back. */
  function walk(step: number) {
    const stops = [...box.current!.querySelectorAll<HTMLElement>('input, .person')]
    const at = stops.indexOf(document.activeElement as HTMLElement)
    stops[(at + step + stops.length) % stops.length]?.focus()
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.isComposing) return
    if (event.key === 'ArrowDown') walk(1)
    else if (event.key === 'ArrowUp') walk(-1)
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) void chooseOnly()
    else return
    event.preventDefault()
  }
  /** A scanner types a card's reference, and Enter, before anybody could look. */
  async function chooseOnly() {
    const query = box.current!.querySelector('input')!.value.trim()
    if (search.found.peek().state !== 'found' && query) await search.look(query)
    const found = search.found.peek()
    // Somebody may have been chosen meanwhile, or something else typed.
    if (!box.current || found.state !== 'found') return
    const [only, ...more] = others(found)
    if (only && more.length === 0) choose(only)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of what is in it
    <div class="picker" ref={box} onKeyDown={onKeyDown}>
      <label class="field">
        <span class="field__label">{label}</span>
        <input
          type="text"
          inputMode="search"
          class="input"
          placeholder={t.value.searchPlaceholder}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="search"
          maxLength={100}
          autofocus
          onInput={(event) => search.type(event.currentTarget.value)}
        />
      </label>
      <ul class="people picker__found">
        {customers.map((customer) => (
          <li key={customer.id}>
            <button type="button" class="person" onClick={() => choose(customer)}>
              <Icon name={customer.survivor ? 'merge' : 'person'} className="option__icon" />
              <FoundWho customer={customer} />
              <Icon name="chevron" className="person__go" />
            </button>
          </li>
        ))}
      </ul>
      <div role="status">
        <Note search={search} shown={customers.length} />
      </div>
    </div>
  )
}

function customersOf(found: Found): readonly FoundCustomer[] {
  if (found.state === 'found') return found.customers
  return found.state === 'searching' ? found.before : []
}

function survivorOf({ id, survivor }: FoundCustomer): string {
  return survivor?.id ?? id
}

function Note({ search, shown }: { search: Search; shown: number }) {
  const texts = t.value
  const found = search.found.value
  if (found.state === 'short') return <p class="picker__note">{texts.searchShort}</p>
  if (found.state === 'failed') return <Problem failure={found.failure} compact />
  if (found.state === 'searching' && shown === 0) {
    return <p class="picker__note">{texts.loading} …</p>
  }
  if (found.state !== 'found') return null
  if (shown === 0) {
    return (
      <p class="picker__note">
        {texts.searchNone(found.query)}. {texts.searchNoneHint}
      </p>
    )
  }
  if (found.customers.length >= SEARCH_LIMIT) return <p class="picker__note">{texts.searchMany}</p>
  return <p class="visually-hidden">{texts.searchFound(shown)}</p>
}
