/** How old something is that the server has not just confirmed: `As of 14:05, 3 h ago`. */
import { formatTime } from '../format/dates.ts'
import { locale, t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { OLD_MS } from './lifetime.ts'
import { now } from './now.ts'

const MINUTE_MS = 60_000

/** Whether a person should ask herself if it is still so. */
export function isOld(at: number): boolean {
  return now() - at >= OLD_MS
}

/** `at` in milliseconds since 1970. */
export function Age({ at }: { at: number }) {
  const ageMs = Math.max(0, now() - at)
  const ago = ageMs < MINUTE_MS ? t.value.offline.justNow : formatAge(ageMs)
  return (
    <span class={isOld(at) ? 'age age--old' : 'age'}>
      <Icon name="layaway" />
      {t.value.offline.asOf(formatTime(at), ago)}
    </span>
  )
}

function formatAge(ageMs: number): string {
  const relative = new Intl.RelativeTimeFormat(locale.value, { style: 'narrow' })
  const minutes = Math.floor(ageMs / MINUTE_MS)
  if (minutes < 60) return relative.format(-minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  return hours < 48
    ? relative.format(-hours, 'hour')
    : relative.format(-Math.floor(hours / 24), 'day')
}
