/** What the last merge did, on the screen of the one who stays, with the way back right there. */
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { customerPath } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { type DoneMerge, lastMerge, personAct } from './person-act.ts'

export function MergedNotice({ done }: { done: DoneMerge }) {
  const notice = useRef<HTMLDivElement>(null)
  // What was in the dialog goes on here.
  useEffect(() => notice.current!.focus({ preventScroll: true }), [done])
  const texts = t.value.people
  const { merge, moved, undone } = done
  const name = merge.from.name ?? t.value.noName
  return (
    <div ref={notice} class="notice notice--done" role="status" tabIndex={-1}>
      <Icon name={undone ? 'person' : 'merge'} />
      <p>
        <strong>{undone ? texts.undoneTitle : texts.mergedTitle}. </strong>
        {undone ? texts.undone(name, moved) : texts.merged(name, moved)}
      </p>
      <div class="notice__acts">
        {undone ? (
          <a class="button" href={customerPath(merge.from.id)}>
            {texts.openRecord}
          </a>
        ) : (
          <button
            type="button"
            class="button"
            onClick={() => {
              personAct.value = { name: 'undo', merge }
            }}
          >
            {texts.undo}
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-label={texts.putAway}
          onClick={() => {
            lastMerge.value = null
            document.getElementById('content')?.focus({ preventScroll: true })
          }}
        >
          <Icon name="close" />
        </button>
      </div>
    </div>
  )
}
