/** The way out. Who has done something and not seen how it ended is asked what is to become of it. */
import { computed, signal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { listed, openedOutbox, outbox, unreadable } from '../outbox/state.ts'
import { Dialog } from '../ui/dialog.tsx'
import { currentVault } from '../vault/current.ts'
import { inTime, leaveAll } from './leave-all.ts'
import { leave, session } from './session.ts'

const asking = signal(false)

/** What it has is known only when it is open, and then if it can be read. */
const isUnknown = computed(() => !outbox.value || unreadable.value)

async function signOut(): Promise<void> {
  await inTime(openedOutbox())
  if (listed.peek().length > 0 || isUnknown.peek()) asking.value = true
  else await leaveAll()
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
  const durable = outbox.value?.durable ?? currentVault.value !== null
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
      {isUnknown.value && <p>{texts.leaveUnreadable}</p>}
      {durable && <p>{texts.leaveKeepNote}</p>}
    </Dialog>
  )
}
