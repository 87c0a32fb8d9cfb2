/** Asks who may be the same person once the screen has everything that it was opened for. */
import { useEffect, useState } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { may } from '../session/session.ts'
import { lazy } from '../ui/lazy.tsx'
import { whenIdle } from '../ui/when-idle.ts'

const SuggestionNotice = lazy<{ record: CustomerRecord }>(() =>
  import('./suggestion-notice.tsx').then((module) => module.SuggestionNotice),
)

export function IdleSuggestions({ record }: { record: CustomerRecord }) {
  const wanted = may('merges:suggest') && record.card.value.value?.status === 'active'
  const ready =
    wanted && record.summary.value.value !== null && record.spending.value.value !== null
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    if (!ready) return
    return whenIdle(() => setIdle(true))
  }, [ready, record])
  return ready && idle ? <SuggestionNotice record={record} /> : null
}
