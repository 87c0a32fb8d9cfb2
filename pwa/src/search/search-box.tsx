/**
 * The search in the head of every screen: a combobox after the ARIA pattern. The focus stays in the field;
 * the arrows move through what was found, Enter opens it, Escape closes the list and then empties the field.
 */
import { useSignal } from '@preact/signals'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import type { FoundCustomer } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { customerPath, navigate } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { type Found, SEARCH_LIMIT, Search } from './search.ts'

export const SEARCH_FIELD_ID = 'search'

export function SearchBox() {
  const search = useMemo(() => new Search(), [])
  const text = useSignal('')
  const open = useSignal(false)
  const active = useSignal(-1)
  const field = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const listId = useId()
  const found = search.found.value
  const customers = customersOf(found)
  const texts = t.value

  useEffect(() => focusOnSlash(field.current!), [])
  useEffect(() => {
    const leave = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) open.value = false
    }
    addEventListener('pointerdown', leave)
    return () => removeEventListener('pointerdown', leave)
  }, [open])

  function type(next: string) {
    text.value = next
    active.value = -1
    open.value = next.trim() !== ''
    search.type(next)
  }
  function choose({ id }: FoundCustomer) {
    type('')
    field.current?.blur()
    navigate(customerPath(id))
  }
  function move(step: number) {
    if (customers.length === 0) return
    open.value = true
    const from = active.value === -1 && step < 0 ? 0 : active.value
    active.value = (from + step + customers.length) % customers.length
    document.getElementById(optionId(listId, active.value))?.scrollIntoView({ block: 'nearest' })
  }
  /** Opens the one that is found: a scanner types a card's reference, and Enter, before anybody could look. */
  async function openOnly() {
    const query = text.value.trim()
    if (search.found.peek().state !== 'found' && query) await search.look(query)
    const [only, ...others] = customersOf(search.found.peek())
    if (only && others.length === 0 && text.value.trim() === query) choose(only)
  }
  function onKeyDown(event: KeyboardEvent) {
    // Of an input method, not of ours.
    if (event.isComposing) return
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Enter') {
      const chosen = customers[active.value]
      if (chosen) choose(chosen)
      else void openOnly()
    } else if (event.key === 'Escape') {
      if (open.value) open.value = false
      else type('')
    } else return
    event.preventDefault()
  }

  const shown = open.value && found.state !== 'idle'
  return (
    <div class="search" ref={box}>
      <Icon name="search" className="search__icon" />
      <input
        ref={field}
        id={SEARCH_FIELD_ID}
        class="search__field"
        type="text"
        inputMode="search"
        role="combobox"
        aria-label={texts.searchLabel}
        aria-expanded={shown && customers.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={
          active.value >= 0 && shown ? optionId(listId, active.value) : undefined
        }
        placeholder={texts.searchPlaceholder}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        enterkeyhint="search"
        maxLength={100}
        value={text.value}
        onInput={(event) => type(event.currentTarget.value)}
        onFocus={() => {
          open.value = text.value.trim() !== ''
        }}
        onBlur={(event) => {
          if (!box.current?.contains(event.relatedTarget as Node | null)) open.value = false
        }}
        onKeyDown={onKeyDown}
      />
      <kbd class="search__key">/</kbd>
      <div class="search__panel" hidden={!shown}>
        <div id={listId} role="listbox" aria-label={texts.searchLabel}>
          {shown &&
            customers.map((customer, at) => (
              <Option
                key={customer.id}
                id={optionId(listId, at)}
                customer={customer}
                selected={at === active.value}
                onChoose={choose}
              />
            ))}
        </div>
        {shown && <Rest found={found} onRetry={() => search.look(text.value.trim())} />}
      </div>
      <p class="visually-hidden" role="status">
        {shown && found.state === 'found' && customers.length > 0
          ? texts.searchFound(customers.length)
          : ''}
      </p>
    </div>
  )
}

interface OptionProps {
  id: string
  customer: FoundCustomer
  selected: boolean
  onChoose: (customer: FoundCustomer) => void
}

function Option({ id, customer, selected, onChoose }: OptionProps) {
  const { name, externalRef, status } = customer
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox
    <div
      id={id}
      role="option"
      aria-selected={selected}
      class="option"
      // Before the field loses the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onChoose(customer)}
    >
      <Icon name={status === 'merged' ? 'merge' : 'person'} className="option__icon" />
      <span class="option__name">{name ?? t.value.noName}</span>
      {status !== 'active' && (
        <span class={`chip chip--${status}`}>{t.value.statuses[status]}</span>
      )}
      {externalRef && <span class="option__ref">{externalRef}</span>}
    </div>
  )
}

/** What the panel says besides the customers. */
function Rest({ found, onRetry }: { found: Found; onRetry: () => void }) {
  const texts = t.value
  if (found.state === 'short') return <p class="search__note">{texts.searchShort}</p>
  if (found.state === 'failed') return <Problem failure={found.failure} onRetry={onRetry} compact />
  if (found.state === 'searching') {
    return found.before.length > 0 ? null : <p class="search__note">{texts.loading} …</p>
  }
  if (found.state !== 'found') return null
  if (found.customers.length === 0) {
    return (
      <div class="search__note" role="status">
        <p class="search__none">{texts.searchNone(found.query)}</p>
        <p>{texts.searchNoneHint}</p>
      </div>
    )
  }
  return found.customers.length < SEARCH_LIMIT ? null : (
    <p class="search__note">{texts.searchMany}</p>
  )
}

function customersOf(found: Found): readonly FoundCustomer[] {
  if (found.state === 'found') return found.customers
  return found.state === 'searching' ? found.before : []
}

function optionId(listId: string, at: number): string {
  return `${listId}-${at}`
}

/** `/` goes to the search from anywhere but another field or a dialog. */
function focusOnSlash(field: HTMLInputElement): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as Element
    if (target.closest('input, select, textarea, dialog')) return
    event.preventDefault()
    field.focus()
    field.select()
  }
  addEventListener('keydown', onKeyDown)
  return () => removeEventListener('keydown', onKeyDown)
}
