/**
 * A modal dialog for something that a person does: a title, what it is about, and what she can answer. Escape, the
 * button in its corner leave it; the focus returns to where it was.
 *
 * A browser asks about one Escape, or one gesture to go back; by the next one it closes a dialog without a question,
 * also one that is busy. Then it is left as by any other way.
 */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Icon } from './icons.tsx'

interface DialogProps {
  title: string
  /** Called when it is left. Whoever opened it takes it away. */
  onClose: () => void
  /** While something is under way that can't be taken back: nothing in it leaves it. */
  busy?: boolean
  /** The buttons at its end. */
  actions?: ComponentChildren
  /** As wide as two columns need. */
  wide?: boolean
  children: ComponentChildren
}

export function Dialog({
  title,
  onClose,
  busy = false,
  actions,
  wide = false,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const isThere = useRef(true)
  const titleId = useId()
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null
    const element = dialog.current!
    element.showModal()
    return () => {
      isThere.current = false
      // What is behind an open dialog can't have the focus.
      element.close()
      before?.focus({ preventScroll: true })
    }
  }, [])
  const leave = () => {
    if (!busy) onClose()
  }
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog dialog--wide' : 'dialog'}
      aria-labelledby={titleId}
      aria-busy={busy}
      onCancel={(event) => {
        event.preventDefault()
        // It may stand in another dialog, which stays.
        event.stopPropagation()
        leave()
      }}
      onClose={() => {
        if (isThere.current) onClose()
      }}
    >
      <div class="dialog__bar">
        <h2 id={titleId} class="dialog__title">
          {title}
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.close}
          disabled={busy}
          onClick={leave}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class="dialog__body">{children}</div>
      {actions && <div class="dialog__actions">{actions}</div>}
    </dialog>
  )
}
