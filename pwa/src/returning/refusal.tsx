/** Why it was not taken back, and what to do about it. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'
import { formatNumber } from '../format/numbers.ts'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { unitsOf } from './quantities.ts'
import type { ReturnIntent } from './return-intent.ts'

/** Looking again changes nothing of these. */
const FINAL = new Set(['not-permitted', 'actor-unknown', 'location-not-found', 'tender-exhausted'])

export function Refusal({ intent, failure }: { intent: ReturnIntent; failure: Failure }) {
  const texts = t.value.returning
  const box = useRef<HTMLDivElement>(null)
  const kind = failure.problem?.kind ?? ''
  const [title, advice] = texts.refusals[kind] ?? t.value.failures[failure.kind]!
  useLayoutEffect(() => box.current!.scrollIntoView({ block: 'nearest' }), [failure])
  return (
    <div ref={box} class="problem" role="alert">
      <Icon name={failure.kind === 'offline' ? 'offline' : 'alert'} className="problem__icon" />
      <div>
        <p class="problem__title">{title}</p>
        <p class="problem__advice">
          {intent.unreachable.value ? texts.unreachable : (lessLeft(intent, failure) ?? advice)}
        </p>
        {failure.problem?.instance && kind === 'internal' && (
          <p class="problem__number">{t.value.failureNumber(failure.problem.instance)}</p>
        )}
        {kind === 'tender-exhausted' && (
          <button type="button" class="button" onClick={() => intent.chooseTender('cash')}>
            {texts.inCash}
          </button>
        )}
        {intent.quote.value.state === 'failed' && !FINAL.has(kind) && (
          <button type="button" class="button" onClick={() => intent.retry()}>
            {t.value.retry}
          </button>
        )}
      </div>
    </div>
  )
}

/** What is left now, of the line that somebody else took back from. */
function lessLeft(intent: ReturnIntent, { problem }: Failure): string | null {
  if (problem?.kind !== 'more-than-remains') return null
  const line = intent.receipt.value?.lines.find(({ id }) => id === problem.culprit)
  if (!line) return null
  const left = intent.lines.value.find((each) => each.line === line)?.left ?? 0
  return t.value.returning.lessLeft(line.productName, formatNumber(unitsOf(left)))
}
