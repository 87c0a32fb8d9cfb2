/** How sure it is whose a purchase is, and why; and what to do where somebody was surer of something else. */
import { useMemo } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { may } from '../session/session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useAttention } from './attention.ts'
import { Attribution, EVIDENCE, type OwnedPurchase, type Person } from './attribution.ts'
import { PurchaseFacts } from './purchase-facts.tsx'
import { Refused, Waiting } from './refusal.tsx'

interface AttributionDialogProps {
  title: string
  purchase: OwnedPurchase
  /** Whose it is from now on; null: nobody's. */
  to: Person | null
  onClose: () => void
  /** Goes back to the choice of the one or the other. */
  onAnother: () => void
  /**
   * Of the customer whose it is then: the survivor of who was chosen. Fetches what is shown of it, and resolves to
   * what shows it and leaves the dialog.
   */
  onDone: (customerId: string | null) => Promise<() => void>
}

export function AttributionDialog({
  title,
  purchase,
  to,
  onClose,
  onAnother,
  onDone,
}: AttributionDialogProps) {
  const attribution = useMemo(() => new Attribution(purchase), [purchase])
  const attention = useAttention()
  const texts = t.value.people
  const state = attribution.state.value
  const busy = state.name === 'busy'
  const from = purchase.customer
  const isTheirs = to !== null && from?.id === to.id
  const isForbidden = from !== null && !isTheirs && !may('purchases:move')
  const nameOf = ({ name }: Person) => name ?? t.value.noName

  async function say() {
    const left = attention.begin()
    const customerId = await attribution.say(to, left)
    const show = customerId === undefined ? null : await onDone(customerId)
    if (left.aborted) return
    attention.end()
    show?.()
  }

  const outweighed = attribution.isOutweighed
  const canSay = !busy && !isTheirs && !isForbidden && (!outweighed || attribution.overrule.value)
  return (
    <Dialog
      title={title}
      onClose={onClose}
      busy={busy}
      actions={
        state.name === 'waiting' ? (
          <button type="button" class="button" onClick={onClose}>
            {t.value.close}
          </button>
        ) : (
          <>
            <button type="button" class="button" disabled={busy} onClick={onAnother}>
              {texts.another}
            </button>
            <button
              type="submit"
              form="attribution"
              class="button button--primary"
              disabled={!canSay}
            >
              {busy
                ? texts.linking
                : outweighed
                  ? texts.overruleNow
                  : from
                    ? texts.move
                    : texts.link}
            </button>
          </>
        )
      }
    >
      <PurchaseFacts purchase={purchase} />
      {state.name === 'waiting' && <Waiting />}
      {state.name !== 'waiting' && (
        <form
          id="attribution"
          class="act-form"
          onSubmit={(event) => {
            event.preventDefault()
            if (canSay) void say()
          }}
        >
          <p role="status">
            {isTheirs
              ? texts.isTheirs(nameOf(from))
              : isForbidden
                ? texts.isAnothers(nameOf(from))
                : to
                  ? from
                    ? texts.wouldMoveFrom(nameOf(from), nameOf(to))
                    : texts.wouldLink(nameOf(to))
                  : texts.wouldUnlink(from ? nameOf(from) : texts.thisCustomer)}
          </p>
          {!isTheirs && !isForbidden && <HowSure attribution={attribution} disabled={busy} />}
          {state.name === 'refused' && (
            <Refused failure={state.failure} nameOf={() => to && nameOf(to)} />
          )}
          {outweighed && (
            <label class="check">
              <input
                type="checkbox"
                checked={attribution.overrule.value}
                onChange={(event) => {
                  attribution.overrule.value = event.currentTarget.checked
                }}
              />
              <span>{texts.overrule}</span>
            </label>
          )}
        </form>
      )}
    </Dialog>
  )
}

function HowSure({ attribution, disabled }: { attribution: Attribution; disabled: boolean }) {
  const texts = t.value.people
  return (
    <>
      <fieldset class="evidence" disabled={disabled}>
        <legend class="field__label">{texts.howSure}</legend>
        {EVIDENCE.map((evidence) => (
          <label key={evidence} class="check evidence__kind">
            <input
              type="radio"
              name="evidence"
              checked={attribution.evidence.value === evidence}
              autofocus={attribution.evidence.value === evidence}
              onChange={() => {
                attribution.evidence.value = evidence
              }}
            />
            <span>
              <strong>{texts.evidence[evidence][0]}</strong> {texts.evidence[evidence][1]}
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span class="field__label">{texts.note}</span>
        <input
          type="text"
          class="input"
          maxLength={500}
          autocomplete="off"
          disabled={disabled}
          placeholder={texts.noteHint}
          value={attribution.note.value}
          onInput={(event) => {
            attribution.note.value = event.currentTarget.value
          }}
        />
      </label>
    </>
  )
}
