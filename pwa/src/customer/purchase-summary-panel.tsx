/**
 * What the customer is to the chain, as far as this session sees it: when and how often they come, which is the
 * person's, and what that is worth, which is a currency's.
 */
import { useSignal } from '@preact/signals'
import { reachable } from '../api/client.ts'
import type { Summary, Totals } from '../api/types.ts'
import { formatAgo, formatDate, formatTime } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { Age, isOld } from '../offline/age.tsx'
import { Amount } from '../ui/amount.tsx'
import { lazy } from '../ui/lazy.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { CustomerRecord } from './customer-record.ts'
import { isLive } from './polling.ts'
import { byUse, howOften, visitsOf } from './visits.ts'

/** Its figures come after the others, and so may it. */
const SpendingChart = lazy<{ record: CustomerRecord; currency: string }>(() =>
  import('./spending-chart.tsx').then((module) => module.SpendingChart),
)

export function PurchaseSummaryPanel({ record }: { record: CustomerRecord }) {
  const summary = record.summary.value.value
  const failure = record.summary.failure.value
  const chosen = useSignal<string | null>(null)
  if (!summary) {
    return (
      <section class="summary" aria-busy="true" aria-label={t.value.lifetimeValue}>
        {failure ? (
          <Problem failure={failure} onRetry={() => void record.summary.refresh()} compact />
        ) : (
          <Skeleton lines={5} className="skeleton--summary" />
        )}
      </section>
    )
  }
  const sorted = byUse(summary.totals)
  const totals = sorted.find(({ currency }) => currency === chosen.value) ?? sorted[0]
  return (
    <section class="summary" aria-label={t.value.lifetimeValue}>
      <Figures totals={sorted} />
      {sorted.length > 1 && (
        <Currencies
          all={sorted}
          current={totals!.currency}
          onChoose={(currency) => {
            chosen.value = currency
          }}
        />
      )}
      {totals ? <Worth totals={totals} /> : <NoWorth />}
      {totals && <SpendingChart record={record} currency={totals.currency} />}
      <Freshness record={record} summary={summary} />
    </section>
  )
}

function Figures({ totals }: { totals: readonly Totals[] }) {
  const texts = t.value
  const visits = visitsOf(totals)
  const { count, lastAt } = visits
  return (
    <dl class="figures">
      <Figure term={texts.lastVisit} hint={lastAt && formatDate(lastAt)}>
        {lastAt ? formatAgo(lastAt) : texts.never}
      </Figure>
      <Figure term={texts.visits}>{formatNumber(count)}</Figure>
      <Figure term={texts.howOften}>{howOften(visits)}</Figure>
    </dl>
  )
}

function Worth({ totals }: { totals: Totals }) {
  const texts = t.value
  const { currency, net, gross, refunded, averageTicket } = totals
  const money = (amount: typeof net) => ({ amount, currency })
  return (
    <div class="worth">
      <p class="worth__label">{texts.lifetimeValue}</p>
      <p class={`worth__value ${sizeOf(formatMoney(money(net)))}`}>
        <Amount money={money(net)} />
      </p>
      <p class="worth__parts">
        <span>
          {texts.gross} <Amount money={money(gross)} />
        </span>
        <span>
          {texts.refunded} <Amount money={money(refunded)} />
        </span>
        {averageTicket !== null && (
          <span>
            {texts.averageTicket} <Amount money={money(averageTicket)} />
          </span>
        )}
        <GivenBack totals={totals} />
      </p>
    </div>
  )
}

/** How often something came back; nothing where nothing did. */
function GivenBack({ totals: { returnCount, exchangeCount } }: { totals: Totals }) {
  const texts = t.value
  const parts = [
    returnCount > 0 && texts.returns(returnCount, formatNumber(returnCount)),
    exchangeCount > 0 && texts.exchanges(exchangeCount, formatNumber(exchangeCount)),
  ].filter(Boolean)
  return parts.length > 0 ? <span>{parts.join(', ')}</span> : null
}

interface FigureProps {
  term: string
  hint?: string | null
  children: preact.ComponentChildren
}

function Figure({ term, hint, children }: FigureProps) {
  return (
    <div class={hint ? 'figure figure--dated' : 'figure'}>
      <dt>{term}</dt>
      <dd>{children}</dd>
      {hint && <dd class="figure__hint">{hint}</dd>}
    </div>
  )
}

function NoWorth() {
  return (
    <div class="worth">
      <p class="worth__label">{t.value.lifetimeValue}</p>
      <p class="worth__value worth__value--none">–</p>
    </div>
  )
}

interface CurrenciesProps {
  all: readonly Totals[]
  current: string
  onChoose: (currency: string) => void
}

/** What each is worth stands on its choice: none is hidden behind another. */
function Currencies({ all, current, onChoose }: CurrenciesProps) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{t.value.currencies}</legend>
      {all.map(({ currency, net }) => (
        <label key={currency} class="segment">
          <input
            type="radio"
            name="currency"
            class="visually-hidden"
            checked={currency === current}
            onChange={() => onChoose(currency)}
          />
          {currency}
          <span class="segment__worth">
            <Amount money={{ amount: net, currency }} />
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Whether the figures are as the tills have it, and if not, since when. */
function Freshness({ record, summary }: { record: CustomerRecord; summary: Summary }) {
  const texts = t.value
  const { committedAt } = summary.asOf
  const includes = committedAt && texts.includesUntil(formatTime(committedAt))
  if (summary.stale) {
    const time = committedAt ? formatTime(committedAt) : '–'
    return <p class="freshness freshness--stale">{texts.staleSince(time)}</p>
  }
  const { isCurrent, checkedAt, failure } = record.summary
  if (!(isCurrent.value && reachable.value) && checkedAt.value) {
    // Nobody is alarmed by the moment until the server has answered.
    const isStale = failure.value || !reachable.value || isOld(checkedAt.value)
    return (
      <p class={isStale ? 'freshness freshness--stale' : 'freshness'}>
        <Age at={checkedAt.value} />
      </p>
    )
  }
  return (
    <p class="freshness">
      <span class="freshness__dot" />
      <strong>{isLive.value ? texts.live : texts.checkedNow}</strong>
      {includes && <span>{includes}</span>}
    </p>
  )
}

/** A long number is set smaller, so that it stays on one line. */
function sizeOf(text: string): string {
  if (text.length > 17) return 'worth__value--longest'
  return text.length > 11 ? 'worth__value--long' : ''
}
