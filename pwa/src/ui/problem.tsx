/** What went wrong, and what the person can do about it. */
import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'
import { t } from '../i18n/index.ts'
import { Icon, type IconName } from './icons.tsx'

const ICONS: Partial<Record<Failure['kind'], IconName>> = {
  offline: 'offline',
  forbidden: 'lock',
  'not-found': 'search',
}

interface ProblemProps {
  failure: Failure
  /** Nothing to try again where that would not help. */
  onRetry?: () => void
  /** In the middle of other things rather than in their place. */
  compact?: boolean
}

export function Problem({ failure, onRetry, compact = false }: ProblemProps) {
  const [title, advice] = t.value.failures[failure.kind]!
  const retry = failure.kind === 'not-found' || failure.kind === 'forbidden' ? undefined : onRetry
  return (
    <div class={`problem ${compact ? 'problem--compact' : ''}`} role="alert">
      <Icon name={ICONS[failure.kind] ?? 'alert'} className="problem__icon" />
      <div>
        <p class="problem__title">{title}</p>
        <p class="problem__advice">{advice}</p>
        {failure.problem?.instance && (
          <p class="problem__number">{t.value.failureNumber(failure.problem.instance)}</p>
        )}
        {retry && <RetryButton failure={failure} onRetry={retry} />}
      </div>
    </div>
  )
}

/** Counts the seconds down that the server asked to wait for, and then asks again by itself. */
function RetryButton({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const [left, setLeft] = useState(failure.retryAfter ?? 0)
  useEffect(() => {
    setLeft(failure.retryAfter ?? 0)
    if (!failure.retryAfter) return
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000)
    const again = setTimeout(onRetry, failure.retryAfter * 1000)
    return () => {
      clearInterval(timer)
      clearTimeout(again)
    }
  }, [failure])
  return (
    <button type="button" class="button" onClick={onRetry}>
      {left > 0 ? t.value.retryIn(left) : t.value.retry}
    </button>
  )
}
