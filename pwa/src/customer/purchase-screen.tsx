/** A receipt by itself, as it is found by its number: a guest's. One that is a customer's opens among hers. */
import { useEffect, useMemo } from 'preact/hooks'
import { Query } from '../api/query.ts'
import type { PurchaseReceipt } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { navigate, purchasePath } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ReceiptHead, WholeReceipt } from './whole-receipt.tsx'

export function PurchaseScreen({ purchaseId }: { purchaseId: string }) {
  const query = useMemo(() => new Query<PurchaseReceipt>(`/purchases/${purchaseId}`), [purchaseId])
  const receipt = query.value.value
  const failure = query.failure.value
  const texts = t.value
  const title = receipt?.receiptNumber ? texts.receiptNumber(receipt.receiptNumber) : texts.receipt
  const customerId = receipt?.customerId ?? null

  useEffect(() => refreshWhenSeen(query), [query])
  useEffect(() => {
    document.title = `${title} · ${texts.appName}`
  }, [title, texts])
  useEffect(() => {
    if (customerId) navigate(purchasePath(customerId, purchaseId), { replace: true })
  }, [customerId, purchaseId])

  if (!receipt && failure) {
    return (
      <div class="customer customer--failed">
        <Problem failure={failure} onRetry={() => void query.refresh()} />
        <a class="button" href="/">
          {texts.toSearch}
        </a>
      </div>
    )
  }
  return (
    <article class="purchase" aria-labelledby="receipt-title">
      <h1 class="purchase__whose">
        <Icon name="person" />
        {texts.guestReceipt}
      </h1>
      <h2 id="receipt-title" class="purchase__title">
        {title}
      </h2>
      {!receipt ? (
        <div aria-busy="true">
          <p class="visually-hidden" role="status">
            {texts.loading}
          </p>
          <Skeleton lines={4} className="skeleton--rows" />
        </div>
      ) : (
        <>
          <ReceiptHead purchase={receipt} receipt={receipt} />
          <WholeReceipt
            key={receipt.id}
            receipt={receipt}
            source={query}
            customerName={null}
            onReturned={() => {}}
          />
        </>
      )}
    </article>
  )
}

/** Now, and whenever somebody comes back to it, or the network does: a guest's purchase has no stream of changes. */
function refreshWhenSeen(query: Query<PurchaseReceipt>): () => void {
  const refresh = () => {
    if (!document.hidden) void query.refresh()
  }
  document.addEventListener('visibilitychange', refresh)
  addEventListener('online', refresh)
  refresh()
  return () => {
    document.removeEventListener('visibilitychange', refresh)
    removeEventListener('online', refresh)
  }
}
