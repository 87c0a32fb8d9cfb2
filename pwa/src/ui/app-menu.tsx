/** Who is signed in, the language, the appearance, and the way out. */
import { chooseLanguage, LANGUAGES, type Language, language, t } from '../i18n/index.ts'
import { session } from '../session/session.ts'
import { SignOutButton, SignOutDialog } from '../session/sign-out.tsx'
import { Icon } from './icons.tsx'
import { type Theme, theme } from './preferences.ts'

export function AppMenu() {
  const texts = t.value
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
      <div id="app-menu" popover="auto" class="menu">
        {session.value && <p class="menu__who">{whoIsIn()}</p>}
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
