/** A small chart of spending: bars of equal times, up for bought and down for more given back. */
import { useMemo } from 'preact/hooks'
import { formatShortMonth, monthOf } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { t } from '../i18n/index.ts'
import { zoneOf } from '../session/locations.ts'
import { Icon } from '../ui/icons.tsx'
import type { CustomerRecord } from './customer-record.ts'
import { type SpendingBar, spendingOf } from './spending.ts'

const WIDTH = 320
const HEIGHT = 72
const GAP = 3
/** Few bars are no blocks. */
const MAX_WIDTH = 24
/** Something was bought: it is seen, however little. */
const MIN_HEIGHT = 2

export function SpendingChart({ record, currency }: { record: CustomerRecord; currency: string }) {
  const page = record.newest.value.value
  const spending = useMemo(
    () =>
      page &&
      spendingOf(
        page.data,
        currency,
        page.page.next === null,
        ({ location }) => zoneOf(location.id),
        monthOf,
      ),
    [page, currency],
  )
  if (!page || !spending) return null
  const { bars } = spending
  const texts = t.value
  const money = (net: number) => formatMoney({ amount: Math.round(net), currency })
  const most = bars.reduce((best, bar) => (bar.net > best.net ? bar : best))
  const label = texts.spendingLabel(
    formatShortMonth(bars[0]!.from),
    formatShortMonth(bars.at(-1)!.from),
    money(most.net),
    formatShortMonth(most.from),
  )
  return (
    <details class="chart" open={isWide()}>
      <summary class="chart__caption">
        <span class="chart__title">
          <Icon name="chevron" />
          {texts.spending}
        </span>
        {page.page.next !== null && <span>{texts.spendingRecent(page.data.length)}</span>}
      </summary>
      <svg
        class="chart__plot"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <Bars
          bars={bars}
          describe={(bar) => texts.spendingBar(formatShortMonth(bar.from), money(bar.net))}
        />
      </svg>
      <p class="chart__axis" aria-hidden="true">
        <span>{formatShortMonth(bars[0]!.from)}</span>
        <span>{formatShortMonth(bars.at(-1)!.from)}</span>
      </p>
    </details>
  )
}

/** On a phone the purchases come first: there the chart is a touch away. */
function isWide(): boolean {
  return matchMedia('(min-width: 48rem)').matches
}

interface BarsProps {
  bars: readonly SpendingBar[]
  describe: (bar: SpendingBar) => string
}

function Bars({ bars, describe }: BarsProps) {
  const highest = Math.max(0, ...bars.map(({ net }) => net))
  const lowest = Math.min(0, ...bars.map(({ net }) => net))
  const scale = HEIGHT / (highest - lowest || 1)
  const baseline = highest * scale
  const step = WIDTH / bars.length
  const width = Math.min(step - GAP, MAX_WIDTH)
  return (
    <>
      {bars.map((bar, at) => {
        const height = bar.net === 0 ? 0 : Math.max(MIN_HEIGHT, Math.abs(bar.net) * scale)
        return (
          <rect
            key={bar.from.getTime()}
            class={bar.net < 0 ? 'chart__bar chart__bar--below' : 'chart__bar'}
            x={at * step + (step - width) / 2}
            y={bar.net < 0 ? baseline : baseline - height}
            width={width}
            height={height}
            rx={1.5}
          >
            <title>{describe(bar)}</title>
          </rect>
        )
      })}
      <line class="chart__baseline" x1={0} x2={WIDTH} y1={baseline} y2={baseline} />
    </>
  )
}
