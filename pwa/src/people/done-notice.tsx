/** What was done last about this customer, with what one may want next right there: the way back, or there. */
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { customerPath, purchasePath } from '../router.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { type DoneAct, lastDone, personAct } from './person-act.ts'

const ICONS: Record<DoneAct['name'], IconName> = {
  merged: 'merge',
  undone: 'person',
  linked: 'check',
  moved: 'check',
}

export function DoneNotice({ done }: { done: DoneAct }) {
  const notice = useRef<HTMLDivElement>(null)
  // What was in the dialog goes on here.
  useEffect(() => notice.current!.focus({ preventScroll: true }), [done])
  const [title, text] = wordsOf(done)
  return (
    <div ref={notice} class="notice notice--done" role="status" tabIndex={-1}>
      <Icon name={ICONS[done.name]} />
      <p>
        <strong>{title}. </strong>
        {text}
      </p>
      <div class="notice__acts">
        <Next done={done} />
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.people.putAway}
          onClick={() => {
            lastDone.value = null
            document.getElementById('content')?.focus({ preventScroll: true })
          }}
        >
          <Icon name="close" />
        </button>
      </div>
    </div>
  )
}

function Next({ done }: { done: DoneAct }) {
  const texts = t.value.people
  if (done.name === 'merged') {
    return (
      <button
        type="button"
        class="button"
        onClick={() => {
          personAct.value = { name: 'undo', merge: done.merge }
        }}
      >
        {texts.undo}
      </button>
    )
  }
  const [href, text] = wayOf(done)
  return href ? (
    <a class="button" href={href}>
      {text}
    </a>
  ) : null
}

function wayOf(done: Exclude<DoneAct, { name: 'merged' }>): [string | null, string] {
  const texts = t.value.people
  if (done.name === 'linked') {
    return [purchasePath(done.customerId, done.purchaseId), texts.openReceipt]
  }
  const id = done.name === 'moved' ? done.to?.id : done.merge.from.id
  return [id ? customerPath(id) : null, texts.openRecord]
}

function wordsOf(done: DoneAct): [string, string] {
  const texts = t.value.people
  const nameOf = ({ name }: { name: string | null }) => name ?? t.value.noName
  switch (done.name) {
    case 'merged':
      return [texts.mergedTitle, texts.merged(nameOf(done.merge.from), done.moved)]
    case 'undone':
      return [texts.undoneTitle, texts.undone(nameOf(done.merge.from), done.moved)]
    case 'linked':
      return [texts.linkedTitle, texts.linked(done.receiptNumber)]
    case 'moved':
      return [texts.movedTitle, texts.movedTo(done.receiptNumber, done.to && nameOf(done.to))]
  }
}
