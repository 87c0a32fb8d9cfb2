/**
 * The purchases, grouped by month. Pages are added at the end while the reader comes near it, and of a long list
 * only what is around her is in the document. What arrives at the head pushes nothing under the reader's eyes away: where she has scrolled down, the page is held in place,
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
import { isGap, type MonthPart, type Stretch } from './list-parts.ts'
import { groupByMonth, type Month } from './months.ts'
import { PurchaseRow } from './purchase-row.tsx'
import type { RowHeights } from './row-heights.ts'
import { useShownRows } from './shown-rows.ts'
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
  return <List customerId={customerId} timeline={timeline} entries={entries} months={months} />
}

function useMonths(entries: readonly Entry[]): readonly Month[] {
  const before = useRef<readonly Month[]>([])
  return useMemo(() => {
    before.current = groupByMonth(entries, before.current)
    return before.current
  }, [entries, locations.value])
}

interface ListProps {
  customerId: string
  timeline: Timeline
  entries: readonly Entry[]
  months: readonly Month[]
}

/** Holds the page in place, counts what arrived above it, and walks the rows by the arrow keys. */
function List({ customerId, timeline, entries, months }: ListProps) {
  const list = useRef<HTMLDivElement>(null)
  const seen = useSignal(0)
  const arrived = timeline.arrived.value
  const { atTop, hold } = useHeldScroll(list, timeline)
  const { parts, heights, toStart, noteFocus } = useShownRows(list, entries, months, hold)
  const rowOf = useRows(customerId, arrived, heights)
  useLayoutEffect(() => {
    if (atTop.value) seen.value = arrived.size
  }, [arrived, atTop.value])
  const unseen = arrived.size - seen.value

  function showNew() {
    seen.value = arrived.size
    // Nothing is drawn of a long way.
    const isFar = toStart()
    const smooth = !isFar && !matchMedia('(prefers-reduced-motion: reduce)').matches
    requestAnimationFrame(() => {
      list.current?.scrollIntoView({ block: 'start', behavior: smooth ? 'smooth' : 'instant' })
      list.current?.querySelector<HTMLElement>('a.row__link')?.focus({ preventScroll: true })
    })
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
      <div ref={list} class="timeline" onKeyDown={walkRows} onFocusIn={noteFocus}>
        {parts.map((part) =>
          isGap(part) ? (
            <div key={part.key} style={{ height: `${part.height}px` }} />
          ) : (
            <MonthRows
              key={part.month.key}
              part={part}
              isOpen={part.month === months.at(-1) && !timeline.complete.value}
              rowOf={rowOf}
            />
          ),
        )}
        <End timeline={timeline} />
      </div>
    </>
  )
}

type RowOf = (entry: Entry, place: Place | null) => VNode

/** A row's place in its month, where not all of them are there to be counted; `of` is -1 while more may come. */
interface Place {
  position: number
  of: number
}

/**
 * A row's node is the same one as long as it is shown and nothing in it changes: Preact passes over it, however
 * long the list has become.
 */
function useRows(customerId: string, arrived: ReadonlySet<string>, heights: RowHeights): RowOf {
  const search = String(parameters.value)
  const address = `${customerId} ${search}`
  const drawn = useRef({ address, rows: new Map<Entry, { row: VNode; placed: string }>() })
  const before = drawn.current.address === address ? drawn.current.rows : null
  const rows: typeof drawn.current.rows = new Map()
  drawn.current = { address, rows }
  return (entry, place) => {
    const placed = place ? `${place.position} ${place.of}` : ''
    const known = before?.get(entry)
    if (known?.placed === placed) {
      rows.set(entry, known)
      return known.row
    }
    const { id } = entry
    const height = heights.known(entry)
    const row = (
      <PurchaseRow
        key={id}
        entry={entry}
        customerId={customerId}
        search={search}
        fresh={height === undefined && arrived.has(id)}
        height={height}
        position={place?.position}
        of={place?.of}
      />
    )
    rows.set(entry, { row, placed })
    return row
  }
}

interface MonthRowsProps {
  part: MonthPart
  /** Whether more of the month may come. */
  isOpen: boolean
  rowOf: RowOf
}

function MonthRows({ part: { month, parts, isCut }, isOpen, rowOf }: MonthRowsProps) {
  const { title, entries } = month
  const of = isOpen ? -1 : entries.length
  const rows = ({ from, to }: Stretch) =>
    entries
      .slice(from, to)
      .map((entry, at) => rowOf(entry, isCut ? { position: from + at + 1, of } : null))
  return (
    <section class="month" aria-label={title}>
      <h3 class="month__title">{title}</h3>
      <ol class="month__rows">
        {parts.flatMap((part) =>
          isGap(part)
            ? [<li key={part.key} aria-hidden="true" style={{ height: `${part.height}px` }} />]
            : rows(part),
        )}
      </ol>
    </section>
  )
}

/** The arrows go from row to row. */
function walkRows(event: KeyboardEvent & { currentTarget: HTMLElement }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const current = (event.target as Element).closest('.row__link')
  if (!step || !current) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('a.row__link')]
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
