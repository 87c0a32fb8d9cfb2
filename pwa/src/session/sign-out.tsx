/** The way out. Who has done something and not seen how it ended is asked what is to become of it. */
import { signal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { NotKept } from '../outbox/queue.ts'
import { listed, openedOutbox, outbox, unreadable } from '../outbox/state.ts'
import { Dialog } from '../ui/dialog.tsx'
import { leave, session } from './session.ts'

const asking = signal(false)

async function signOut(): Promise<void> {
  // What it has is known only then.
  await openedOutbox()
  if (listed.peek().length > 0 || unreadable.peek()) asking.value = true
  else await leaveAll()
}

/** Also of what this tab alone holds. */
async function leaveAll(): Promise<void> {
  await outbox
    .peek()
    ?.queue.clear()
    .catch((error) => {
      // The vault goes with all that is in it.
      if (!(error instanceof NotKept)) throw error
    })
  await leave()
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
    void (keepUnsent ? leave({ keepUnsent }) : leaveAll())
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
      {listed.value.length > 0 && <p>{texts.leaveUnfinished(listed.value.length)}</p>}
      {unreadable.value && <p>{texts.leaveUnreadable}</p>}
      {durable && <p>{texts.leaveKeepNote}</p>}
    </Dialog>
  )
}
