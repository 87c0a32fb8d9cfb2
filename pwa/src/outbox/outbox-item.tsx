/** One act that is not finished: what it is, whose, how it stands, and what can be done about it. */
import { useSignal } from '@preact/signals'
import { formatSpan, formatTime } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { customerPath, purchasePath, SETTLE } from '../router.ts'
import { Amount } from '../ui/amount.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import type { CommandName } from './commands.ts'
import { type Item, isOpen } from './item.ts'
import { NotKept, type Queue } from './queue.ts'
import { outbox } from './state.ts'
import { explain, type Standing, standingOf } from './words.ts'

const ICONS: Record<CommandName, IconName> = {
  return: 'return',
  merge: 'merge',
  unmerge: 'merge',
  attribution: 'person',
  erasure: 'lock',
}

/** Those that are urgent, good or patient, by the colours that such things have elsewhere. */
const CHIPS: Record<Standing, string> = {
  requested: 'chip--blocked',
  refused: 'chip--blocked',
  expired: 'chip--blocked',
  done: 'chip--done',
  unsent: 'chip--parked',
  unanswered: 'chip--parked',
  elsewhere: 'chip--parked',
}

interface OutboxItemProps {
  item: Item
  now: number
  onGone: () => void
}

export function OutboxItem({ item, now, onGone }: OutboxItemProps) {
  const texts = t.value.outbox
  const { about, command, createdAt, attempts } = item
  const standing = standingOf(item)
  const [first, ...others] = explain(item)
  return (
    <li class="card outbox-item">
      <div class="outbox-item__head">
        <Icon name={ICONS[command.name]} className="outbox-item__icon" />
        <h3 class="outbox-item__what">
          {texts.acts[command.name]}
          {about.receiptNumber && ` · ${t.value.receiptNumber(about.receiptNumber)}`}
        </h3>
        <span class={`chip ${CHIPS[standing]}`}>{texts.states[standing]}</span>
      </div>
      <p class="outbox-item__facts">
        <span>{about.customerName ?? (about.customerId ? t.value.noName : texts.guest)}</span>
        {about.amount && standing !== 'requested' && <Amount money={about.amount} />}
        <span>{texts.sinceBegun(formatSpan(now - createdAt), formatTime(createdAt))}</span>
        {attempts > 0 && <span>{texts.attempts(attempts)}</span>}
      </p>
      <p class="outbox-item__first">{first}</p>
      {others.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <Choices item={item} onGone={onGone} />
    </li>
  )
}

function Choices({ item, onGone }: Omit<OutboxItemProps, 'now'>) {
  const texts = t.value.outbox
  const asking = useSignal(false)
  const failed = useSignal(false)
  const { id, key, command, about, state, unanswered } = item
  const change = async (work: (queue: Queue) => Promise<unknown>) => {
    asking.value = false
    failed.value = false
    try {
      await work(outbox.peek()!.queue)
      onGone()
    } catch (error) {
      if (!(error instanceof NotKept)) throw error
      failed.value = true
    }
  }
  const remove = () => void change((queue) => queue.drop(item))
  const again = () =>
    void change((queue) => queue.add(id, { command, about, state: 'queued' }, { instead: key }))
  return (
    <div class="outbox-item__choices">
      <Way item={item} />
      {isOpen(item) && canGoAsItIs(item) && (
        <button type="button" class="button" onClick={again}>
          {texts.again}
        </button>
      )}
      <button
        type="button"
        class={state === 'done' ? 'button button--primary' : 'text-button'}
        onClick={() => {
          if (unanswered) asking.value = true
          else remove()
        }}
      >
        {state === 'done' ? texts.seen : unanswered ? texts.stopAsking : texts.remove}
      </button>
      {asking.value && (
        <Dialog
          title={texts.stopTitle}
          onClose={() => {
            asking.value = false
          }}
          actions={
            <>
              <button
                type="button"
                class="button button--primary"
                onClick={() => {
                  asking.value = false
                }}
              >
                {texts.keepAsking}
              </button>
              <button type="button" class="button" onClick={remove}>
                {texts.stopAsking}
              </button>
            </>
          }
        >
          <p>{texts.stopNote}</p>
        </Dialog>
      )}
      {failed.value && <p role="alert">{texts.notKept}</p>}
    </div>
  )
}

/** Others need a look at what would be done by now. */
function canGoAsItIs({ command, failure }: Item): boolean {
  return command.name !== 'return' && failure?.problem?.kind !== 'others-merged'
}

/** To where it can be looked at; a return that a person decides on goes on there. */
function Way({ item }: { item: Item }) {
  const texts = t.value.outbox
  const { command, about } = item
  if (command.name === 'return' && isOpen(item)) {
    const address = purchasePath(about.customerId, command.to.purchaseId)
    return (
      <a class="button button--primary" href={`${address}?${SETTLE}=${item.id}`}>
        {item.state === 'requested' ? texts.settle : texts.again}
      </a>
    )
  }
  if ('purchaseId' in command.to) {
    return (
      <a class="button" href={purchasePath(about.customerId, command.to.purchaseId)}>
        {texts.openReceipt}
      </a>
    )
  }
  return (
    <a class="button" href={customerPath(command.to.customerId)}>
      {texts.openCustomer}
    </a>
  )
}
