/**
 * The purchases, grouped by month. Pages are added at the end while the reader comes near it. What arrives at
 * the head pushes nothing under the reader's eyes away: where she has scrolled down, the page is held in place,
 * and a pill says what is new.
 */
import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { Entry } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { customerPath, parameters } from '../router.ts'
import { locations } from '../session/locations.ts'
import { Icon } from '../ui/icons.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type Filters, isFiltered } from './filters.ts'
import { useHeldScroll } from './held-scroll.ts'
import { groupByMonth, type Month } from './months.ts'
import { PurchaseRow } from './purchase-row.tsx'
import type { Timeline } from './timeline.ts'

interface PurchaseTimelineProps {
  customerId: string
  timeline: Timeline
  filters: Filters
}

export function PurchaseTimeline({ customerId, timeline, filters }: PurchaseTimelineProps) {
  const entries = timeline.entries.value
  const failure = timeline.failure.value
  const texts = t.value
  const months = useMonths(entries ?? [])
  if (!entries) {
    return failure ? (
      <Problem failure={failure} onRetry={() => void timeline.refresh()} />
    ) : (
      <div aria-busy="true">
        <p class="visually-hidden" role="status">
          {texts.loading}
        </p>
        <Skeleton lines={8} className="skeleton--rows" />
      </div>
    )
  }
  if (entries.length === 0) return <Empty customerId={customerId} filtered={isFiltered(filters)} />
  const search = String(parameters.value)
  return (
    <List timeline={timeline}>
      {months.map((month) => (
        <MonthRows
          key={month.key}
          month={month}
          customerId={customerId}
          search={search}
          arrived={timeline.arrived.value}
        />
      ))}
      <End timeline={timeline} />
    </List>
  )
}

function useMonths(entries: readonly Entry[]): readonly Month[] {
  const before = useRef<readonly Month[]>([])
  return useMemo(() => {
    before.current = groupByMonth(entries, before.current)
    return before.current
  }, [entries, locations.value])
}

interface MonthRowsProps {
  month: Month
  customerId: string
  search: string
  arrived: ReadonlySet<string>
}

/**
 * A month. Its node is the same one as long as nothing in it changes, and so are its rows': Preact passes over
 * them, however long the list has become.
 */
function MonthRows({ month, customerId, search, arrived }: MonthRowsProps) {
  const rows = useMemo(() => new WeakMap<Entry, VNode>(), [customerId, search])
  const rowOf = (entry: Entry) => {
    const known = rows.get(entry)
    if (known) return known
    const { id } = entry
    const props = { entry, customerId, search, fresh: arrived.has(id) }
    const row = <PurchaseRow key={id} {...props} />
    rows.set(entry, row)
    return row
  }
  return useMemo(
    () => (
      <section class="month" aria-label={month.title}>
        <h3 class="month__title">{month.title}</h3>
        <ol class="month__rows">{month.entries.map(rowOf)}</ol>
      </section>
    ),
    [month, rows],
  )
}

interface ListProps {
  timeline: Timeline
  children: preact.ComponentChildren
}

/** Holds the page in place, counts what arrived above it, and walks the rows by the arrow keys. */
function List({ timeline, children }: ListProps) {
  const list = useRef<HTMLDivElement>(null)
  const seen = useSignal(0)
  const arrived = timeline.arrived.value.size
  const isAtTop = useHeldScroll(list, timeline)
  useLayoutEffect(() => {
    if (isAtTop.value) seen.value = arrived
  }, [arrived, isAtTop.value])
  const unseen = arrived - seen.value

  function showNew() {
    seen.value = arrived
    const smooth = !matchMedia('(prefers-reduced-motion: reduce)').matches
    list.current?.scrollIntoView({ block: 'start', behavior: smooth ? 'smooth' : 'instant' })
    list.current?.querySelector<HTMLElement>('.row__link')?.focus({ preventScroll: true })
  }
  return (
    <>
      <div class="news" role="status">
        {unseen > 0 && (
          <button type="button" class="news__pill" onClick={showNew}>
            <Icon name="up" />
            {t.value.newPurchases(unseen)}
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows have the focus, the list only its keys */}
      <div ref={list} class="timeline" onKeyDown={walkRows}>
        {children}
      </div>
    </>
  )
}

/** The arrows go from row to row. */
function walkRows(event: KeyboardEvent & { currentTarget: HTMLElement }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const current = (event.target as Element).closest('.row__link')
  if (!step || !current) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.row__link')]
  const next = rows[rows.indexOf(current as HTMLElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

/** What comes after the last row that is there: more of them, by itself; or why not; or nothing. */
function End({ timeline }: { timeline: Timeline }) {
  const end = useRef<HTMLDivElement>(null)
  const count = timeline.entries.value?.length
  const failure = timeline.failure.value
  const { complete, loading } = timeline
  // Observed anew after each page: one that did not fill the screen wants the next at once.
  useEffect(() => {
    if (complete.value || failure) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void timeline.loadMore()
      },
      { rootMargin: '1200px' },
    )
    observer.observe(end.current!)
    return () => observer.disconnect()
  }, [timeline, count, complete.value, failure])

  if (complete.value) return <p class="timeline__end">{t.value.timelineEnd}</p>
  return (
    <div ref={end} class="timeline__more">
      {failure && !loading.value ? (
        <Problem failure={failure} onRetry={() => void timeline.loadMore()} compact />
      ) : loading.value ? (
        <Skeleton lines={3} className="skeleton--rows" />
      ) : (
        <button type="button" class="button" onClick={() => void timeline.loadMore()}>
          {t.value.loadMore}
        </button>
      )}
    </div>
  )
}

function Empty({ customerId, filtered }: { customerId: string; filtered: boolean }) {
  const texts = t.value
  return (
    <div class="empty" role="status">
      <Icon name={filtered ? 'search' : 'sale'} className="empty__icon" />
      <p class="empty__title">{filtered ? texts.noneMatch : texts.emptyTitle}</p>
      {filtered ? (
        <a class="button" href={customerPath(customerId)} data-replace>
          {texts.clearFilters}
        </a>
      ) : (
        <p>{texts.emptyNote}</p>
      )}
    </div>
  )
}
