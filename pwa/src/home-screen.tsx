/** Where the app begins: whom this tab opened last, and how to find anybody else. */
import { useEffect } from 'preact/hooks'
import { Failure } from './api/failure.ts'
import { t } from './i18n/index.ts'
import { KeptLists } from './offline/kept-lists.tsx'
import { SEARCH_FIELD_ID } from './search/search-box.tsx'
import { typing } from './ui/preferences.ts'
import { Problem } from './ui/problem.tsx'

export function HomeScreen({ unknown }: { unknown: boolean }) {
  const texts = t.value
  useEffect(() => {
    // A keyboard that covers half of a phone waits until it is asked for.
    if (matchMedia('(hover: hover)').matches) document.getElementById(SEARCH_FIELD_ID)?.focus()
  }, [])
  return (
    <div class="home">
      {unknown && <Problem failure={new Failure('not-found')} />}
      <h1 class="home__title">{texts.homeTitle}</h1>
      <p class="home__hint">{texts.homeHint}</p>
      <KeptLists />
      <section class="card">
        <h2 class="card__title">{texts.searchAll}</h2>
        <dl class="tips">
          {texts.homeTips.map(([term, tip]) => (
            <div key={term} class="tips__tip">
              <dt>{term}</dt>
              <dd>{tip}</dd>
            </div>
          ))}
        </dl>
        {typing.value === 'search' && <p class="tips__key">{texts.homeShortcut}</p>}
      </section>
    </div>
  )
}
