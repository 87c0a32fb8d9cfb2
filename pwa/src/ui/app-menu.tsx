/** Who is signed in, the language, the appearance, and the way out. */
import { useEffect, useRef } from 'preact/hooks'
import { chooseLanguage, LANGUAGES, type Language, language, t } from '../i18n/index.ts'
import { session, whose } from '../session/session.ts'
import { SignOutButton, SignOutDialog } from '../session/sign-out.tsx'
import { Icon } from './icons.tsx'
import { type Theme, type Typing, theme, typing } from './preferences.ts'

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
        <label class="field">
          <span class="field__label">{texts.menuLanguage}</span>
          <select
            value={language.value}
            onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
          >
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span class="field__label">{texts.menuTheme}</span>
          <select
            value={theme.value}
            onChange={(event) => {
              theme.value = event.currentTarget.value as Theme
            }}
          >
            {Object.entries(themes).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {session.value && (
          <label class="field">
            <span class="field__label">{texts.menuTyping}</span>
            <select
              value={typing.value}
              onChange={(event) => {
                typing.value = event.currentTarget.value as Typing
              }}
            >
              {Object.entries(texts.typing).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {session.value && <SignOutButton />}
      </div>
      <SignOutDialog />
    </>
  )
}

function whoIsIn(): string {
  const { role, locations } = session.value!
  return t.value.signedInAs(
    t.value.roles[role] ?? role,
    locations === '*' ? null : locations.length,
  )
}
