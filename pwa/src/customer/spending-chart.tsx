/** A small chart of spending: bars of equal times, up for bought and down for more given back. */
import { useMemo } from 'preact/hooks'
import { formatShortMonth, formatYear } from '../format/dates.ts'
import { formatMoney } from '../format/money.ts'
import { t } from '../i18n/index.ts'
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
  const answer = record.spending.value.value
  const spending = useMemo(() => answer && spendingOf(answer.months, currency), [answer, currency])
  if (!spending) return null
  const { bars, unit } = spending
  const texts = t.value
  const money = (amount: bigint) => formatMoney({ amount, currency })
  const time = ({ from }: SpendingBar) => (unit === 'year' ? formatYear : formatShortMonth)(from)
  const [first, last] = [bars[0]!, bars.at(-1)!]
  const most = bars.reduce((best, bar) => (bar.net > best.net ? bar : best))
  const label = texts.spendingLabel(time(first), time(last), money(most.net), time(most))
  return (
    <details class="chart" open={isWide()}>
      <summary class="chart__caption">
        <span class="chart__title">
          <Icon name="chevron" />
          {texts.spending}
        </span>
        <span>{texts.spendingBy[unit]}</span>
      </summary>
      <svg
        class="chart__plot"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <Bars bars={bars} describe={(bar) => texts.spendingBar(time(bar), money(bar.net))} />
      </svg>
      <p class="chart__axis" aria-hidden="true">
        <span>{time(first)}</span>
        <span>{time(last)}</span>
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
  const nets = bars.map(({ net }) => Number(net))
  const [highest, lowest] = [Math.max(0, ...nets), Math.min(0, ...nets)]
  const scale = HEIGHT / (highest - lowest || 1)
  const baseline = highest * scale
  const step = WIDTH / bars.length
  const width = Math.min(step - GAP, MAX_WIDTH)
  return (
    <>
      {bars.map((bar, at) => {
        const net = nets[at]!
        const height = net === 0 ? 0 : Math.max(MIN_HEIGHT, Math.abs(net) * scale)
        return (
          <rect
            key={bar.from.getTime()}
            class={net < 0 ? 'chart__bar chart__bar--below' : 'chart__bar'}
            x={at * step + (step - width) / 2}
            y={net < 0 ? baseline : baseline - height}
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
