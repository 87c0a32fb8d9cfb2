/** Who is signed in, the language, the appearance, and the way out. */
import { useEffect, useRef } from 'preact/hooks'
import { chooseLanguage, LANGUAGES, language, t } from '../i18n/index.ts'
import { session, whose } from '../session/session.ts'
import { SignOutButton, SignOutDialog } from '../session/sign-out.tsx'
import { Icon } from './icons.tsx'
import { type Theme, theme, typing } from './preferences.ts'

export function AppMenu() {
  const texts = t.value
  const menu = useRef<HTMLDivElement>(null)
  const person = whose.value
  // It was opened by another, who may be gone.
  useEffect(() => menu.current!.hidePopover(), [person])
  const themes: Record<Theme, string> = {
    auto: texts.themeAuto,
    light: texts.themeLight,
    dark: texts.themeDark,
  }
  return (
    <>
      <button type="button" class="icon-button" popovertarget="app-menu" aria-label={texts.menu}>
        <Icon name="menu" />
      </button>
      <div ref={menu} id="app-menu" popover="auto" class="menu">
        {session.value && (
          <p>
            {session.value.name && <strong class="menu__who">{session.value.name}</strong>}
            {whoIsIn()}
          </p>
        )}
        <Choice
          label={texts.menuLanguage}
          value={language.value}
          options={LANGUAGES}
          namedInTheirOwn
          onChoose={chooseLanguage}
        />
        <Choice
          label={texts.menuTheme}
          value={theme.value}
          options={themes}
          onChoose={(chosen) => {
            theme.value = chosen
          }}
        />
        {session.value && (
          <Choice
            label={texts.menuTyping}
            value={typing.value}
            options={texts.typing}
            onChoose={(chosen) => {
              typing.value = chosen
            }}
          />
        )}
        {session.value && <SignOutButton />}
      </div>
      <SignOutDialog />
    </>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  /** What each is called. */
  options: Readonly<Record<T, string>>
  /** The options are languages, each called by its own word. */
  namedInTheirOwn?: boolean
  onChoose: (value: T) => void
}

function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, value, options, namedInTheirOwn = false, onChoose } = props
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
        {Object.entries<string>(options).map(([option, name]) => (
          <option key={option} value={option} lang={namedInTheirOwn ? option : undefined}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function whoIsIn(): string {
  const { role, locations } = session.value!
  return t.value.signedInAs(
    t.value.roles[role] ?? role,
    locations === '*' ? null : locations.length,
  )
}
