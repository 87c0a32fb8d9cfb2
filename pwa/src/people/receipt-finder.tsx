/** A field for the number on a receipt, typed or scanned, and the purchases that have it. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { FoundPurchase, PurchaseSearch } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { PurchaseFacts } from './purchase-facts.tsx'

interface ReceiptFinderProps {
  onChoose: (purchase: FoundPurchase) => void
}

type Found =
  | { name: 'idle' | 'looking' }
  | { name: 'found'; number: string; purchases: readonly FoundPurchase[] }
  | { name: 'failed'; failure: Failure }

export function ReceiptFinder({ onChoose }: ReceiptFinderProps) {
  const field = useRef<HTMLInputElement>(null)
  const found = useSignal<Found>({ name: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const texts = t.value.people

  async function look() {
    const number = field.current!.value.trim()
    running.current?.abort()
    if (!number) {
      found.value = { name: 'idle' }
      return
    }
    running.current = new AbortController()
    const { signal } = running.current
    found.value = { name: 'looking' }
    try {
      const query = { receiptNumber: number }
      const { data } = await read<PurchaseSearch>('/purchases', { query, signal })
      found.value = { name: 'found', number, purchases: data }
      if (data.length === 1) onChoose(data[0]!)
      else if (data.length === 0) field.current?.select()
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Failure)) throw error
      found.value = { name: 'failed', failure: error }
    }
  }

  const state = found.value
  return (
    <>
      <form
        class="finder"
        onSubmit={(event) => {
          event.preventDefault()
          void look()
        }}
      >
        <label class="field finder__field">
          <span class="field__label">{texts.receiptNumber}</span>
          <input
            ref={field}
            type="text"
            class="input"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            enterkeyhint="search"
            maxLength={100}
            autofocus
            placeholder={texts.receiptNumberHint}
          />
        </label>
        <button type="submit" class="button">
          {texts.find}
        </button>
      </form>
      <div role="status">
        {state.name === 'looking' && <Skeleton lines={1} className="skeleton--rows" />}
        {state.name === 'found' && state.purchases.length === 0 && (
          <p class="picker__note">{texts.noReceipt(state.number)}</p>
        )}
        {state.name === 'found' && state.purchases.length > 1 && (
          <p class="picker__note">{texts.manyReceipts(state.purchases.length)}</p>
        )}
        {state.name === 'failed' && (
          <Problem failure={state.failure} onRetry={() => void look()} compact />
        )}
      </div>
      {state.name === 'found' && state.purchases.length > 1 && (
        <ul class="people">
          {state.purchases.map((purchase) => (
            <li key={purchase.id}>
              <button type="button" class="person" onClick={() => onChoose(purchase)}>
                <PurchaseFacts purchase={purchase} />
                <Icon name="chevron" className="person__go" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
