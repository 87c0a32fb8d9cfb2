/** What would be given back, big enough to be read out to the customer, and by which way. */
import type { Return } from '../api/types.ts'
import { formatMoney } from '../format/money.ts'
import { t } from '../i18n/index.ts'
import { Amount } from '../ui/amount.tsx'
import { paymentWord, UNRECORDED } from '../ui/payment-method.ts'
import type { Quote } from './return-intent.ts'

export function ReturnQuote({ quote }: { quote: Quote }) {
  const texts = t.value.returning
  const answer =
    quote.state === 'known' ? quote.answer : quote.state === 'asking' ? quote.before : null
  return (
    <div class="quote" aria-live="polite" aria-busy={quote.state === 'asking'}>
      {answer ? (
        <>
          <p class="quote__label">{texts.amount}</p>
          <p class={quote.state === 'known' ? 'quote__amount' : 'quote__amount quote__amount--old'}>
            <Amount money={answer.refund} />
          </p>
          <p class="quote__ways">{waysOf(answer)}</p>
        </>
      ) : (
        <p class="quote__label">
          {quote.state === 'asking' ? texts.asking : quote.state === 'none' && texts.amountNone}
        </p>
      )}
    </div>
  )
}

function waysOf({ payments }: Return): string {
  const words = payments.map(({ method, amount }) => {
    const word = method === UNRECORDED ? t.value.returning.asPaid : paymentWord(method)
    return payments.length === 1 ? word : `${word} ${formatMoney(amount)}`
  })
  return words.join(' · ')
}
