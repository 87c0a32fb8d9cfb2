/** What a search has found, as the options of its list, and what is said besides. */
import type { ComponentChildren } from 'preact'
import { reachable } from '../api/client.ts'
import type { FoundCustomer, FoundPurchase } from '../api/types.ts'
import { titleOf } from '../customer/title.ts'
import { formatDate } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { toneOf } from '../ui/purchase-type.tsx'
import { typeWord } from '../ui/type-word.ts'
import { type Found, maybeReceiptNumber, SEARCH_LIMIT } from './search.ts'

export type Hit =
  | { kind: 'receipt'; receipt: FoundPurchase }
  | { kind: 'customer'; customer: FoundCustomer }

/** In the order of the list: a receipt with just this number is surer than a name that begins like it. */
export function hitsOf(found: Found): readonly Hit[] {
  if (found.state === 'searching') return found.before.map(customerHit)
  if (found.state !== 'found') return []
  const receipts = found.receipts.map((receipt): Hit => ({ kind: 'receipt', receipt }))
  return [...receipts, ...found.customers.map(customerHit)]
}

function customerHit(customer: FoundCustomer): Hit {
  return { kind: 'customer', customer }
}

interface OptionProps {
  id: string
  selected: boolean
  onChoose: () => void
}

function Option({
  id,
  selected,
  onChoose,
  children,
}: OptionProps & { children: ComponentChildren }) {
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
      onClick={onChoose}
    >
      {children}
    </div>
  )
}

export function CustomerOption({ customer, ...option }: OptionProps & { customer: FoundCustomer }) {
  return (
    <Option {...option}>
      <Icon name={customer.survivor ? 'merge' : 'person'} className="option__icon" />
      <FoundWho customer={customer} />
    </Option>
  )
}

/** Who is found, and what tells them from another of the same name. */
export function FoundWho({ customer }: { customer: FoundCustomer }) {
  const texts = t.value
  const { name, externalRef, phoneEnding, status, survivor } = customer
  const facts = [
    name && externalRef && texts.reference(externalRef),
    phoneEnding && texts.phoneEnding(phoneEnding),
    survivor && texts.partOf(titleOf(survivor)),
  ].filter(Boolean)
  return (
    <span class="option__what">
      <span class="option__name">{titleOf(customer)}</span>
      {status !== 'active' && <span class={`chip chip--${status}`}>{texts.statuses[status]}</span>}
      {facts.length > 0 && <span class="option__facts">{facts.join(' · ')}</span>}
    </span>
  )
}

export function ReceiptOption({ receipt, ...option }: OptionProps & { receipt: FoundPurchase }) {
  const texts = t.value
  const { receiptNumber, occurredAt, location, total, customer, status } = receipt
  const state = texts.purchaseStatuses[status]
  const facts = [typeWord(receipt), location.name, formatDate(occurredAt, zoneOf(location.id))]
  return (
    <Option {...option}>
      <Icon name={toneOf(receipt)} className="option__icon" />
      <span class="option__what">
        <span class="option__name">{receiptNumber}</span>
        {state && <span class={`chip chip--${status}`}>{state}</span>}
        <span class="option__facts">{facts.filter(Boolean).join(' · ')}</span>
      </span>
      <span class="option__sum">
        <Amount money={total} />
        <span class="option__facts">
          {customer ? (customer.name ?? texts.noName) : texts.guest}
        </span>
      </span>
    </Option>
  )
}

/** What the panel says first: it may lie over what the screen says of the connection. */
export function OfflineNote({ found }: { found: Found }) {
  const texts = t.value
  const among = found.state === 'found' ? found.among : undefined
  if (found.state === 'failed' || (among === undefined && reachable.value)) return null
  return (
    // What the screen says of the connection is said once.
    <p class="banner banner--offline" role={among === undefined ? undefined : 'status'}>
      <Icon name="offline" />
      {among === undefined ? texts.offlineBanner : texts.offline.searchKept(among)}
    </p>
  )
}

/** What the panel says besides what is found. */
export function SearchNote({ found, onRetry }: { found: Found; onRetry: () => void }) {
  const texts = t.value
  if (found.state === 'short') return <p class="search__note">{texts.searchShort}</p>
  if (found.state === 'failed') return <Problem failure={found.failure} onRetry={onRetry} compact />
  if (found.state === 'searching') {
    return found.before.length > 0 ? null : <p class="search__note">{texts.loading} …</p>
  }
  if (found.state !== 'found') return null
  if (hitsOf(found).length === 0) {
    return (
      <div class="search__note" role="status">
        <p class="search__none">{texts.searchNone(found.query)}</p>
        <p>{texts.searchNoneHint}</p>
        {maybeReceiptNumber(found.query) && <p>{texts.searchNoReceipt}</p>}
      </div>
    )
  }
  const many = Math.max(found.customers.length, found.receipts.length) >= SEARCH_LIMIT
  return many ? <p class="search__note">{texts.searchMany}</p> : null
}
