/** In the head of every screen: that something waits, for how long, and whether it waits for the person. */
import { useEffect, useState } from 'preact/hooks'
import { formatSpan } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { now } from '../offline/now.ts'
import { OUTBOX_PATH } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { doneSince, undecided, unreadable, waiting } from './state.ts'

/** What passes sooner is not worth an announcement. */
const SETTLED_MS = 1_000

export function OutboxChip() {
  const facts = factsAt(now())
  const [first] = facts
  return (
    <>
      <Announcement text={facts.map(({ text }) => text).join(', ')} />
      {first && (
        <a
          class={`outbox-chip outbox-chip--${first.tone}`}
          href={OUTBOX_PATH}
          aria-label={t.value.outbox.chipLabel(facts.map(({ text }) => text).join(', '))}
        >
          <Icon
            name={first.tone === 'done' ? 'check' : first.tone === 'undecided' ? 'alert' : 'up'}
          />
          <span class="outbox-chip__text">{first.text}</span>
          <span class="outbox-chip__count" aria-hidden="true">
            {first.count}
          </span>
        </a>
      )}
    </>
  )
}

interface Fact {
  tone: 'undecided' | 'done' | 'waiting'
  /** `!`: nobody can say. */
  count: number | '!'
  text: string
}

/** The most pressing first. */
function factsAt(now: number): Fact[] {
  const texts = t.value.outbox
  const oldest = Math.min(...waiting.value.map(({ createdAt }) => createdAt))
  const facts: Fact[] = [
    ...(unreadable.value
      ? [{ tone: 'undecided', count: '!', text: texts.chipUnreadable } as const]
      : []),
    {
      tone: 'undecided',
      count: undecided.value.length,
      text: texts.chipUndecided(undecided.value.length),
    },
    { tone: 'done', count: doneSince.value.length, text: texts.chipDone(doneSince.value.length) },
    {
      tone: 'waiting',
      count: waiting.value.length,
      text: texts.chipWaiting(waiting.value.length, formatSpan(now - oldest)),
    },
  ]
  return facts.filter(({ count }) => count !== 0)
}

/** Says it to who listens, when it has changed and stays so. */
function Announcement({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(setSaid, SETTLED_MS, text)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  )
}
