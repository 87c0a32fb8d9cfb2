/** One purchase in the timeline. */
import { type Entry, isMasked, type MaskedPurchase, type Purchase } from '../api/types.ts'
import { DEVICE_ZONE, formatMoment } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { purchasePath } from '../router.ts'
import { zoneOf } from '../session/locations.ts'
import { Amount } from '../ui/amount.tsx'
import { TypeIcon, toneOf } from '../ui/purchase-type.tsx'
import { typeWord } from '../ui/type-word.ts'

/** So many characters of an amount stand beside the rest of a row as large as the others. */
const AMOUNT_LENGTH = 14

interface PurchaseRowProps {
  entry: Entry
  customerId: string
  /** The filters that stay in the address. */
  search: string
  /** It came while the list was open. */
  fresh: boolean
  /** In pixels, if it was shown before: it is as high though it is not laid out yet. */
  height: number | undefined
  /** Its place in its list, and how many there are, where they are not all there; -1: nobody knows. */
  position: number | undefined
  of: number | undefined
}

export function PurchaseRow(props: PurchaseRowProps) {
  const { entry, customerId, search, fresh, height, position, of } = props
  const counted = isMasked(entry) || entry.counted
  return (
    <li
      class={`row ${counted ? '' : 'row--uncounted'} ${fresh ? 'row--fresh' : ''}`}
      style={height === undefined ? undefined : { containIntrinsicBlockSize: `auto ${height}px` }}
      aria-posinset={position}
      aria-setsize={of}
    >
      {isMasked(entry) ? (
        <MaskedRow purchase={entry} />
      ) : (
        <OpenRow purchase={entry} href={purchasePath(customerId, entry.id, search)} />
      )}
    </li>
  )
}

/** It happened, elsewhere: there is nothing to open. */
function MaskedRow({ purchase }: { purchase: MaskedPurchase }) {
  const texts = t.value
  return (
    <div class="row__link">
      <TypeIcon tone="masked" />
      <span class="row__what">
        <span class="row__type">{texts.masked}</span>
      </span>
      <span class="row__when">{formatMoment(purchase.occurredAt, DEVICE_ZONE)}</span>
      <span class="row__where">{texts.maskedNote}</span>
    </div>
  )
}

/** What was bought, in a line; nothing where the list was kept before it told. */
function Goods({ purchase: { topItem, itemCount } }: { purchase: Purchase }) {
  if (!topItem) return null
  const { productName, variantName } = topItem
  const name = [productName, variantName].filter(Boolean).join(' · ')
  return (
    <span class="row__goods">
      <span class="row__product">{name}</span>
      {itemCount > 1 && <span class="row__more">{t.value.more(formatNumber(itemCount - 1))}</span>}
    </span>
  )
}

function OpenRow({ purchase, href }: { purchase: Purchase; href: string }) {
  const texts = t.value
  const { status, counted, occurredAt, receiptNumber, location, total, itemCount, topItem } =
    purchase
  const when = formatMoment(occurredAt, zoneOf(location.id))
  const tone = toneOf(purchase)
  const state = texts.purchaseStatuses[status]
  // Where the goods are named, how many lines there are is said with them.
  const lines = topItem ? null : texts.items(itemCount)
  const where = [location.name, lines].filter(Boolean).join(' · ')
  const isLong = formatMoney(total).length > AMOUNT_LENGTH
  return (
    <a class="row__link" href={href}>
      <TypeIcon tone={tone} />
      <span class="row__what">
        <span class={`row__type tone-text-${tone}`}>{typeWord(purchase)}</span>
        {state && <span class={`chip chip--${status}`}>{state}</span>}
      </span>
      <Goods purchase={purchase} />
      <span class="row__number">{receiptNumber}</span>
      <span class="row__when">{when}</span>
      <span class="row__where">{where}</span>
      <span class={isLong ? 'row__total row__total--long' : 'row__total'}>
        <Amount money={total} />
        {!counted && <span class="row__note">{texts.notCounted}</span>}
      </span>
    </a>
  )
}
