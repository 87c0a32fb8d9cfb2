/** Chooses a customer to be kept on the device, or lets go of them; nothing where nothing can be kept. */
import { useSignal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { Icon } from '../ui/icons.tsx'
import { currentVault } from '../vault/current.ts'
import { choose, isChosen } from './kept-customers.ts'

export function KeepButton({ customerId }: { customerId: string }) {
  const full = useSignal(false)
  if (!currentVault.value) return null
  const texts = t.value.offline
  const chosen = isChosen(customerId)
  const word = chosen ? texts.kept : texts.keep
  return (
    <>
      <button
        type="button"
        class="button keep"
        aria-pressed={chosen}
        aria-label={word}
        title={word}
        onClick={() => {
          full.value = !choose(customerId, !chosen)
        }}
      >
        <Icon name={chosen ? 'check' : 'keep'} />
        <span class="keep__word">{word}</span>
      </button>
      <p role="status" class="keep__note" hidden={!full.value}>
        {full.value && texts.keepFull}
      </p>
    </>
  )
}
