import { render } from 'preact'
import { startKnocking } from './api/knocking.ts'
import { App } from './app.tsx'
import { askAhead } from './customer/customer-record.ts'
import { startLanguage } from './i18n/index.ts'
import { startKeptCustomers } from './offline/kept-customers.ts'
import { startPurge } from './offline/purge.ts'
import { startWorkingSet } from './offline/working-set.ts'
import { startOutbox } from './outbox/outbox.ts'
import { startRouter } from './router.ts'
import { startServiceWorker } from './service-worker.ts'
import { startLocations } from './session/locations.ts'
import { restoreSession } from './session/session.ts'
import { startTheme } from './ui/preferences.ts'
import './styles/index.css'

startTheme()
// Before the router reads the address, which may bring a token.
void restoreSession()
startRouter(askAhead)
startKnocking()
startKeptCustomers()
startLocations()
startOutbox()
startPurge()
startWorkingSet()
await startLanguage()
// The browser gets a turn between taking the app in and drawing it.
await new Promise((resolve) => setTimeout(resolve))
render(<App />, document.getElementById('app')!)
startServiceWorker()
