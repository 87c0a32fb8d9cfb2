/**
 * The search in the head of every screen: a combobox after the ARIA pattern. The focus stays in the field; the
 * first that was found is chosen, the arrows move on from there, Enter opens it, Escape closes the list and then
 * empties the field. What is typed anywhere else on the screen goes here, too: a scanner knows of no field.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { customerPath, navigate, purchasePath } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { typing } from '../ui/preferences.ts'
import { Search } from './search.ts'
import {
  CustomerOption,
  type Hit,
  hitsOf,
  OfflineNote,
  ReceiptOption,
  SearchNote,
} from './search-hits.tsx'

export const SEARCH_FIELD_ID = 'search'
const INPUT_MODE = 'search'
/** What takes what is typed for itself. */
const FIELDS =
  'input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable], [role=listbox]'

export function SearchBox() {
  const search = useMemo(() => new Search({ receipts: true }), [])
  const text = useSignal('')
  const open = useSignal(false)
  const active = useSignal(0)
  const field = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const listId = useId()
  const found = search.found.value
  const hits = hitsOf(found)
  // What was found for what stood there before is shown until there is something else, and is not to be opened.
  const chosen = found.state === 'found' ? hits[active.value] : undefined
  const texts = t.value

  useEffect(() => takeKeys(field.current!), [])
  useEffect(() => {
    const leave = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) open.value = false
    }
    addEventListener('pointerdown', leave)
    return () => removeEventListener('pointerdown', leave)
  }, [open])

  function type(next: string) {
    text.value = next
    active.value = 0
    open.value = next.trim() !== ''
    search.type(next)
  }
  /** What was found stays until the screen is there: all of it is one change. */
  async function choose(hit: Hit) {
    const query = text.value
    // What is typed meanwhile is another query, and no more of this one.
    field.current?.select()
    const to =
      hit.kind === 'customer'
        ? customerPath(hit.customer.id)
        : purchasePath(hit.receipt.customer?.id ?? null, hit.receipt.id)
    if (location.pathname + location.search !== to) await navigate(to)
    // Unless the next one is being looked for.
    if (text.value !== query) return
    type('')
    field.current?.blur()
  }
  function move(step: number) {
    if (!chosen) return
    open.value = true
    active.value = (active.value + step + hits.length) % hits.length
    document.getElementById(optionId(listId, active.value))?.scrollIntoView({ block: 'nearest' })
  }
  /** A scanner types what is on a card or a receipt, and Enter, before anybody is found: that is waited for. */
  async function openBest() {
    const query = text.value.trim()
    const { state } = search.found.peek()
    if (state === 'searching' || state === 'failed') await search.look(query)
    const found = search.found.peek()
    if (found.state !== 'found' || found.query !== query || text.value.trim() !== query) return
    const hit = hitsOf(found)[active.peek()]
    if (hit) void choose(hit)
  }
  function onKeyDown(event: KeyboardEvent) {
    // Of an input method, not of ours.
    if (event.isComposing) return
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Enter') {
      if (open.value) void openBest()
      else open.value = text.value.trim() !== ''
    } else if (event.key === 'Escape') {
      if (open.value) open.value = false
      else type('')
    } else return
    event.preventDefault()
  }

  const option = (hit: Hit, at: number) => {
    const option = {
      id: optionId(listId, at),
      selected: hit === chosen,
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
        inputMode={INPUT_MODE}
        role="combobox"
        aria-label={texts.searchAll}
        aria-expanded={shown && hits.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={chosen && shown ? optionId(listId, active.value) : undefined}
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
        onPointerDown={(event) => {
          event.currentTarget.inputMode = INPUT_MODE
        }}
        onBlur={(event) => {
          event.currentTarget.inputMode = INPUT_MODE
          if (!box.current?.contains(event.relatedTarget as Node | null)) open.value = false
        }}
        onKeyDown={onKeyDown}
      />
      {typing.value === 'search' && <kbd class="search__key">/</kbd>}
      <div class="search__panel" hidden={!shown}>
        {shown && <OfflineNote found={found} />}
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

/**
 * What is typed where nothing takes it goes to the field, in place of what is in it; `/` goes there by itself. No
 * keyboard comes up on the screen: whoever types has one, or is a scanner.
 */
function takeKeys(field: HTMLInputElement): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (typing.peek() === 'field') return
    if (event.defaultPrevented || event.isComposing) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    // Space scrolls, and presses what has the focus.
    if ([...event.key].length !== 1 || event.key === ' ') return
    if ((event.target as Element).closest(FIELDS)) return
    if (document.querySelector('dialog:modal, [popover]:popover-open')) return
    if (event.key === '/') event.preventDefault()
    field.inputMode = 'none'
    field.focus()
    field.select()
  }
  addEventListener('keydown', onKeyDown)
  return () => removeEventListener('keydown', onKeyDown)
}
