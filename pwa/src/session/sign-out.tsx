/** The way out. Who has done something and not seen how it ended is asked what is to become of it. */
import { signal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { listed, openedOutbox, outbox } from '../outbox/state.ts'
import { Dialog } from '../ui/dialog.tsx'
import { leave, session } from './session.ts'

const asking = signal(false)

async function signOut(): Promise<void> {
  // What it has is known only then.
  await openedOutbox()
  if (listed.peek().length > 0) asking.value = true
  else await leave()
}

export function SignOutButton() {
  return (
    <button type="button" class="button button--wide" onClick={signOut}>
      {t.value.signOut}
    </button>
  )
}

export function SignOutDialog() {
  if (!asking.value || !session.value) return null
  const texts = t.value.offline
  const durable = outbox.value?.durable ?? false
  const close = () => {
    asking.value = false
  }
  const leaveAnd = (keepUnsent: boolean) => () => {
    close()
    void leave({ keepUnsent })
  }
  return (
    <Dialog
      title={texts.leaveTitle}
      onClose={close}
      actions={
        <>
          <button type="button" class="button" onClick={close}>
            {texts.leaveStay}
          </button>
          <button type="button" class="button" onClick={leaveAnd(false)}>
            {texts.leaveDiscard}
          </button>
          {durable && (
            <button type="button" class="button button--primary" onClick={leaveAnd(true)}>
              {texts.leaveKeep}
            </button>
          )}
        </>
      }
    >
      <p>{texts.leaveUnfinished(listed.value.length)}</p>
      {durable && <p>{texts.leaveKeepNote}</p>}
    </Dialog>
  )
}
