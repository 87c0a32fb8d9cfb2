/** The lines of a receipt, each with what of it can still be taken back. */
import type { ReceiptLine } from '../api/types.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { Amount } from '../ui/amount.tsx'
import { amountOf, hasAmount, lessening, quantityOf } from './receipt-sums.ts'
import { variantOf } from './returnable.ts'

export function ReceiptLines({ lines }: { lines: readonly ReceiptLine[] }) {
  return (
    <section aria-labelledby="lines-title">
      <h3 id="lines-title" class="drawer__heading">
        {t.value.lines}
      </h3>
      <ol class="lines">
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ol>
    </section>
  )
}

function Line({ line }: { line: ReceiptLine }) {
  const texts = t.value
  const { productName, qty, discount, voided, comped, counted, seatNo, sku } = line
  const quantity = quantityOf(line)
  const facts = [variantOf(line), sku && texts.sku(sku), seatNo !== null && texts.seat(seatNo)]
  return (
    <li class={`line ${counted ? '' : 'line--uncounted'}`}>
      <p class="line__name">
        {productName}
        {qty < 0 && <span class="chip chip--return">{texts.types.return}</span>}
        {voided && <span class="chip chip--voided">{texts.voidedLine}</span>}
        {comped && <span class="chip">{texts.compedLine}</span>}
      </p>
      <p class="line__total">
        <Amount money={amountOf(line)} />
      </p>
      {facts.some(Boolean) && <p class="line__facts">{facts.filter(Boolean).join(' · ')}</p>}
      {quantity && <p class="line__facts">{quantity}</p>}
      {hasAmount(discount) && (
        <p class="line__facts line__discount">
          {line.promotionRef ? texts.promotion(line.promotionRef) : texts.discount}{' '}
          <Amount money={lessening(discount)} />
        </p>
      )}
      <Remaining line={line} />
    </li>
  )
}

function Remaining({ line: { qty, remainingQty } }: { line: ReceiptLine }) {
  const texts = t.value
  if (remainingQty === null) return null
  if (remainingQty === 0) return <p class="line__left line__left--none">{texts.lineReturned}</p>
  // The whole receipt says already that it can be taken back; a line only that a part of it can.
  if (remainingQty === qty) return null
  return (
    <p class="line__left">{texts.lineReturnable(formatNumber(remainingQty), formatNumber(qty))}</p>
  )
}
