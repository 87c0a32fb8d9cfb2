/**
 * The search in the head of every screen: a combobox after the ARIA pattern. The focus stays in the field;
 * the arrows move through what was found, Enter opens it, Escape closes the list and then empties the field.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { customerPath, navigate, purchasePath } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { Search } from './search.ts'
import { CustomerOption, type Hit, hitsOf, ReceiptOption, SearchNote } from './search-hits.tsx'

export const SEARCH_FIELD_ID = 'search'

export function SearchBox() {
  const search = useMemo(() => new Search({ receipts: true }), [])
  const text = useSignal('')
  const open = useSignal(false)
  const active = useSignal(-1)
  const field = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const listId = useId()
  const found = search.found.value
  const hits = hitsOf(found)
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
  function choose(hit: Hit) {
    type('')
    field.current?.blur()
    if (hit.kind === 'customer') navigate(customerPath(hit.customer.id))
    else navigate(purchasePath(hit.receipt.customer?.id ?? null, hit.receipt.id))
  }
  function move(step: number) {
    if (hits.length === 0) return
    open.value = true
    const from = active.value === -1 && step < 0 ? 0 : active.value
    active.value = (from + step + hits.length) % hits.length
    document.getElementById(optionId(listId, active.value))?.scrollIntoView({ block: 'nearest' })
  }
  /** Opens the one that is found: a scanner types what is on a card or a receipt, and Enter, before anybody could look. */
  async function openOnly() {
    const query = text.value.trim()
    if (search.found.peek().state !== 'found' && query) await search.look(query)
    const [only, ...others] = hitsOf(search.found.peek())
    if (only && others.length === 0 && text.value.trim() === query) choose(only)
  }
  function onKeyDown(event: KeyboardEvent) {
    // Of an input method, not of ours.
    if (event.isComposing) return
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Enter') {
      const chosen = hits[active.value]
      if (chosen) choose(chosen)
      else void openOnly()
    } else if (event.key === 'Escape') {
      if (open.value) open.value = false
      else type('')
    } else return
    event.preventDefault()
  }

  const option = (hit: Hit, at: number) => {
    const option = {
      id: optionId(listId, at),
      selected: at === active.value,
      onChoose: () => choose(hit),
    }
    return hit.kind === 'customer' ? (
      <CustomerOption key={hit.customer.id} customer={hit.customer} {...option} />
    ) : (
      <ReceiptOption key={hit.receipt.id} receipt={hit.receipt} {...option} />
    )
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
        aria-label={texts.searchAll}
        aria-expanded={shown && hits.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={
          active.value >= 0 && shown ? optionId(listId, active.value) : undefined
        }
        placeholder={texts.searchAllPlaceholder}
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
        <div id={listId} role="listbox" aria-label={texts.searchAll}>
          {shown && (
            <>
              <Group name={texts.searchReceipts} hits={hits} kind="receipt" option={option} />
              <Group name={texts.searchCustomers} hits={hits} kind="customer" option={option} />
            </>
          )}
        </div>
        {shown && <SearchNote found={found} onRetry={() => search.look(text.value.trim())} />}
      </div>
      <p class="visually-hidden" role="status">
        {shown && found.state === 'found' && hits.length > 0
          ? texts.searchAllFound(found.customers.length, found.receipts.length)
          : ''}
      </p>
    </div>
  )
}

interface GroupProps {
  name: string
  hits: readonly Hit[]
  kind: Hit['kind']
  option: (hit: Hit, at: number) => JSX.Element
}

/** One kind of what is found; its name is shown where there are both. */
function Group({ name, hits, kind, option }: GroupProps) {
  const own = hits.flatMap((hit, at) => (hit.kind === kind ? [option(hit, at)] : []))
  if (own.length === 0) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
    <div role="group" aria-label={name}>
      {own.length < hits.length && (
        <p class="search__group" aria-hidden="true">
          {name}
        </p>
      )}
      {own}
    </div>
  )
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
