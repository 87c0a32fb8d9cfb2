/** Who has no session is told where one comes from; in a demo she chooses who she is. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Failure } from '../api/failure.ts'
import { t } from '../i18n/index.ts'
import { Problem } from '../ui/problem.tsx'
import { type Demo, type DemoChain, readDemo, signInToDemo } from './demo.ts'
import { beginSession, signedOut } from './session.ts'

export function SignInScreen() {
  /** Undefined until it is known. */
  const demo = useSignal<Demo | null | undefined>(undefined)
  useEffect(() => {
    void readDemo().then((answer) => {
      demo.value = answer
    })
  }, [demo])
  const texts = t.value
  return (
    <div class="sign-in">
      <h1 class="sign-in__title">{texts.signInTitle}</h1>
      {signedOut.value === 'left' && <p role="status">{texts.signInLeft}</p>}
      {demo.value === null && (
        <p>{signedOut.value === 'ended' ? texts.signInEnded : texts.signInFromPos}</p>
      )}
      {demo.value && <DemoForm demo={demo.value} />}
    </div>
  )
}

function DemoForm({ demo: { chains, roles, visibilities } }: { demo: Demo }) {
  const texts = t.value
  const chain = useSignal<DemoChain | undefined>(chains[0])
  const role = useSignal(roles.includes('cashier') ? 'cashier' : roles[0]!)
  const all = useSignal(true)
  const stores = useSignal<ReadonlySet<string>>(new Set())
  const visibility = useSignal(visibilities[0]!)
  const failed = useSignal(false)
  const none = !all.value && stores.value.size === 0

  async function enter(event: SubmitEvent) {
    event.preventDefault()
    failed.value = false
    const locations = all.value ? ('*' as const) : [...stores.value]
    const token = await signInToDemo({
      business: chain.value!.id,
      role: role.value,
      locations,
      visibility: visibility.value,
    })
    failed.value = token === null || !(await beginSession(token))
  }
  function toggle(id: string, on: boolean) {
    const next = new Set(stores.value)
    if (on) next.add(id)
    else next.delete(id)
    stores.value = next
  }

  return (
    <form class="card demo" onSubmit={enter}>
      <h2 class="card__title">{texts.demoTitle}</h2>
      <p class="card__note">{texts.demoNote}</p>
      <Choice
        label={texts.demoChain}
        value={chain.value?.id}
        options={chains.map(({ id, name }) => [id, name])}
        onChoose={(chosen) => {
          chain.value = chains.find(({ id }) => id === chosen)
          stores.value = new Set()
        }}
      />
      <Choice
        label={texts.demoRole}
        value={role.value}
        options={roles.map((name) => [name, texts.roles[name] ?? name])}
        onChoose={(chosen) => {
          role.value = chosen
        }}
      />
      <fieldset class="stores">
        <legend class="field__label">{texts.demoStores}</legend>
        <Check
          label={texts.demoAllStores}
          checked={all.value}
          onChange={(on) => {
            all.value = on
          }}
        />
        {!all.value &&
          chain.value?.locations.map(({ id, name }) => (
            <Check
              key={id}
              label={name}
              checked={stores.value.has(id)}
              onChange={(on) => toggle(id, on)}
            />
          ))}
      </fieldset>
      {!all.value && (
        <Choice
          label={texts.demoOtherStores}
          value={visibility.value}
          options={visibilities.map((name) => [name, texts.visibilities[name] ?? name])}
          onChoose={(chosen) => {
            visibility.value = chosen
          }}
        />
      )}
      {failed.value && <Problem failure={new Failure('offline')} compact />}
      <button
        type="submit"
        class="button button--primary button--wide"
        disabled={none || !chain.value}
      >
        {none ? texts.demoNoStore : texts.demoEnter}
      </button>
    </form>
  )
}

interface ChoiceProps {
  label: string
  value: string | undefined
  options: [string, string][]
  onChoose: (value: string) => void
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface CheckProps {
  label: string
  checked: boolean
  onChange: (on: boolean) => void
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  )
}
