/** All that was done on this device and is not finished, with what each needs of the person. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { now } from '../offline/now.ts'
import { Icon } from '../ui/icons.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { Item } from './item.ts'
import { OutboxItem } from './outbox-item.tsx'
import { saveForSupport } from './save-for-support.ts'
import { doneSince, listed, outbox, undecided, unreadable } from './state.ts'

/** What a person does about hundreds begins with the first of them; each is work to show. */
const PAGE = 50

export function OutboxScreen() {
  const texts = t.value.outbox
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${texts.title} · ${t.value.appName}`
    title.current!.focus()
  }, [texts])
  const opened = outbox.value
  const queued = listed.value.filter(({ state }) => state === 'queued')
  return (
    <div class="outbox">
      <h1 ref={title} class="outbox__title" tabIndex={-1}>
        {texts.title}
      </h1>
      {opened && !opened.durable && listed.value.length > 0 && (
        <div class="notice">
          <Icon name="alert" />
          <p>{texts.volatile}</p>
        </div>
      )}
      {unreadable.value && (
        <div class="notice" role="status">
          <Icon name="alert" />
          <p>{texts.unreadable}</p>
        </div>
      )}
      {!opened ? (
        <div aria-busy="true">
          <p class="visually-hidden">{texts.opening}</p>
          <Skeleton lines={3} className="skeleton--rows" />
        </div>
      ) : listed.value.length === 0 ? (
        !unreadable.value && (
          <div class="card outbox__empty">
            <Icon name="check" />
            <div>
              <p class="problem__title">{texts.emptyTitle}</p>
              <p class="problem__advice">{texts.emptyNote}</p>
            </div>
          </div>
        )
      ) : (
        <>
          <p class="outbox__intro">{texts.intro}</p>
          <Group title={texts.groups.undecided} items={undecided.value} onGone={focusTitle} />
          <Group title={texts.groups.done} items={doneSince.value} onGone={focusTitle} />
          <Group title={texts.groups.waiting} items={queued} onGone={focusTitle} />
          <div class="outbox__support">
            <button type="button" class="text-button" onClick={() => saveForSupport(listed.peek())}>
              {texts.save}
            </button>
            <p class="card__note">{texts.saveNote}</p>
          </div>
        </>
      )}
    </div>
  )

  function focusTitle() {
    title.current?.focus()
  }
}

interface GroupProps {
  title: string
  items: readonly Item[]
  /** Called when one was taken away, with the button that had the focus. */
  onGone: () => void
}

function Group({ title, items, onGone }: GroupProps) {
  const most = useSignal(PAGE)
  if (items.length === 0) return null
  const hidden = items.length - most.value
  return (
    <section class="outbox__group">
      <h2 class="outbox__heading">{title}</h2>
      <ul class="outbox__items">
        {items.slice(0, most.value).map((item) => (
          <OutboxItem key={item.id} item={item} now={now()} onGone={onGone} />
        ))}
      </ul>
      {hidden > 0 && (
        <button
          type="button"
          class="button button--wide"
          onClick={() => {
            most.value += PAGE
          }}
        >
          {t.value.outbox.more(Math.min(hidden, PAGE), hidden)}
        </button>
      )}
    </section>
  )
}
