/** One customer: who they are, what they are worth, what they bought, and the receipt that is open. */
import { useSignalEffect } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'
import { isMasked } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { noteChecked, noteViewed } from '../offline/kept-customers.ts'
import { UnsettledNotice } from '../outbox/unsettled-notice.tsx'
import { IdleSuggestions } from '../people/idle-suggestions.tsx'
import { customerPath, navigate, parameters } from '../router.ts'
import { Problem } from '../ui/problem.tsx'
import { CustomerHead, ErasedCustomer } from './customer-head.tsx'
import { type CustomerRecord, customerRecord, dropRecord } from './customer-record.ts'
import { FilterBar } from './filter-bar.tsx'
import { filtersOf } from './filters.ts'
import { usePolling } from './polling.ts'
import { PurchaseDetailDrawer } from './purchase-detail-drawer.tsx'
import { PurchaseSummaryPanel } from './purchase-summary-panel.tsx'
import { PurchaseTimeline } from './purchase-timeline.tsx'
import type { Timeline } from './timeline.ts'
import { titleOf } from './title.ts'

interface CustomerScreenProps {
  customerId: string
  purchaseId: string | null
}

export function CustomerScreen({ customerId, purchaseId }: CustomerScreenProps) {
  const record = useMemo(() => customerRecord(customerId), [customerId])
  const search = parameters.value
  const filters = useMemo(() => filtersOf(search), [search])
  const timeline = record.timeline(filters)
  const card = record.card.value.value

  usePolling(() => refresh(record, timeline, purchaseId), timeline, customerId)
  const erased = record.card.failure.value?.kind === 'erased'
  useEffect(() => {
    const title = erased ? t.value.erasedTitle : card && titleOf(card)
    if (title) document.title = `${title} · ${t.value.appName}`
  }, [card, erased])
  useEffect(() => {
    if (!card) return
    if (card.customerId !== customerId) goToSurvivor(card.customerId, customerId, search)
    else void noteViewed(card, record.card.checkedAt.peek()!)
  }, [card, customerId, search])
  useSignalEffect(() => {
    const checkedAt = record.summary.checkedAt.value
    if (checkedAt) noteChecked(customerId, checkedAt)
  })

  const known = timeline.entries.value?.find(({ id }) => id === purchaseId)
  const failure = record.card.failure.value
  if (erased) return <ErasedCustomer />
  if (!card && failure) {
    return (
      <div class="customer customer--failed">
        <Problem failure={failure} onRetry={() => void record.card.refresh()} />
        <a class="button" href="/">
          {t.value.toSearch}
        </a>
      </div>
    )
  }
  return (
    <>
      <div class="customer">
        <CustomerHead record={record} />
        <UnsettledNotice of={customerId} />
        <PurchaseSummaryPanel record={record} />
        <section class="purchases" aria-labelledby="purchases-title">
          <div class="purchases__head">
            <h2 id="purchases-title" class="purchases__title" tabIndex={-1}>
              {t.value.timeline}
            </h2>
            <FilterBar customerId={customerId} filters={filters} />
          </div>
          <PurchaseTimeline customerId={customerId} timeline={timeline} filters={filters} />
        </section>
        {purchaseId && (
          <PurchaseDetailDrawer
            record={record}
            purchaseId={purchaseId}
            known={known && !isMasked(known) ? known : undefined}
          />
        )}
      </div>
      <IdleSuggestions record={record} />
    </>
  )
}

/**
 * The head of the list and the figures. Who the customer is, what the chart is drawn from and the open receipt
 * only when those have changed, or when they are not there yet.
 */
async function refresh(
  record: CustomerRecord,
  timeline: Timeline,
  openId: string | null,
): Promise<Failure | null> {
  const { card, summary, spending } = record
  const knewCard = card.isCurrent.peek()
  const changed = await record.refresh(timeline)
  if (changed && openId) await record.receipt(openId).refresh()
  if (changed && knewCard) await card.refresh()
  if (changed || !spending.isCurrent.peek()) await spending.refresh()
  return timeline.failure.peek() ?? summary.failure.peek() ?? card.failure.peek()
}

function goToSurvivor(survivorId: string, mergedId: string, search: URLSearchParams): void {
  dropRecord(mergedId)
  customerRecord(survivorId).openedAs.value = mergedId
  void navigate(customerPath(survivorId, search), { replace: true })
}
