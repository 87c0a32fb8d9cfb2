/** The frame of every screen: the head with the search, what is wrong with the connection, and the screen. */
import { useEffect } from 'preact/hooks'
import { reachable } from './api/client.ts'
import { CustomerScreen } from './customer/customer-screen.tsx'
import { PurchaseScreen } from './customer/purchase-screen.tsx'
import { formatTime } from './format/dates.ts'
import { HomeScreen } from './home-screen.tsx'
import { t } from './i18n/index.ts'
import { now } from './offline/now.ts'
import { OutboxChip } from './outbox/outbox-chip.tsx'
import { leftBehind } from './outbox/state.ts'
import { screen } from './router.ts'
import { SearchBox } from './search/search-box.tsx'
import { applyUpdate, updateReady } from './service-worker.ts'
import { opening, readableUntil, session, whose } from './session/session.ts'
import { SignInScreen } from './session/sign-in-screen.tsx'
import { AppMenu } from './ui/app-menu.tsx'
import { Icon } from './ui/icons.tsx'
import { lazy } from './ui/lazy.tsx'
import { Skeleton } from './ui/skeleton.tsx'

const OutboxScreen = lazy(() =>
  import('./outbox/outbox-screen.tsx').then(({ OutboxScreen }) => OutboxScreen),
)

export function App() {
  const texts = t.value
  const signedIn = session.value !== null
  useEffect(() => {
    document.title = texts.appName
  }, [texts, signedIn])
  return (
    <>
      <a class="skip-link" href="#content">
        {texts.skipToContent}
      </a>
      <header class="bar">
        <a class="bar__home" href="/" aria-label={texts.appName}>
          <Icon name="sale" />
          <span class="bar__name">{texts.appName}</span>
        </a>
        {signedIn ? <SearchBox key={whose.value} /> : <span class="bar__space" />}
        {signedIn && <OutboxChip />}
        <AppMenu />
      </header>
      <Banners />
      <main id="content" tabIndex={-1}>
        {/* What one person has on the screen is not the next one's, though no page is loaded between them. */}
        {signedIn ? <Screen key={whose.value} /> : opening.value ? <Opening /> : <SignInScreen />}
      </main>
    </>
  )
}

/** Long only where a token was brought on a bad connection, and the server is asked about it. */
function Opening() {
  return (
    <div class="home" aria-busy="true">
      <p class="visually-hidden" role="status">
        {t.value.loading}
      </p>
      <Skeleton lines={6} className="skeleton--rows" />
    </div>
  )
}

function Screen() {
  const current = screen.value
  if (current.name === 'customer') {
    const { customerId, purchaseId } = current
    return <CustomerScreen key={customerId} customerId={customerId} purchaseId={purchaseId} />
  }
  if (current.name === 'purchase') return <PurchaseScreen purchaseId={current.purchaseId} />
  if (current.name === 'outbox') return <OutboxScreen />
  return <HomeScreen unknown={current.name === 'unknown'} />
}

function offlineText(): string {
  const until = readableUntil.value
  return until && session.value!.expiresAt <= now()
    ? t.value.offline.readUntil(formatTime(until))
    : t.value.offlineBanner
}

function Banners() {
  const waiting = updateReady.value
  return (
    <div role="status">
      {!reachable.value && (
        <p class="banner banner--offline">
          <Icon name="offline" /> {offlineText()}
        </p>
      )}
      {leftBehind.value.map(({ count, where }) => (
        <p key={where} class="banner">
          {t.value.outbox.left[where](count)}
        </p>
      ))}
      {waiting && (
        <p class="banner">
          {t.value.updateReady}
          <button type="button" class="button" onClick={() => applyUpdate(waiting)}>
            {t.value.updateNow}
          </button>
        </p>
      )}
    </div>
  )
}
