/**
 * Where the app is: few screens, told by the address. Links are plain `<a href>`; a click on one of ours
 * changes the address without loading a page.
 */
import { computed, signal } from '@preact/signals'

export type Screen =
  | { name: 'home' }
  | { name: 'customer'; customerId: string; purchaseId: string | null }
  /** A receipt by itself: a guest's. */
  | { name: 'purchase'; purchaseId: string }
  /** What this device has still to send, and what came of it. */
  | { name: 'outbox' }
  | { name: 'unknown' }

export const OUTBOX_PATH = '/outbox'
/** Of a receipt's address: the return in the outbox that is to be settled. */
export const SETTLE = 'settle'

export interface NavigateOptions {
  /** The entry of what is on the screen becomes the one of the new address; by default, one more follows it. */
  replace?: boolean
  /** Whatever is on its way to be shown is not shown; by default, what is replaced then is only what is gone back to. */
  insist?: boolean
  /** Kept with the entry of the history. */
  state?: Record<string, unknown>
}

/** Read by `startRouter`: what only knows of addresses needs no page. */
const address = signal({ path: '/', search: '' })

/** Who was here last, also before a reload; kept with each entry of the history. Null: nobody yet. */
let person: string | null = null

/** The parameters of the address. */
export const parameters = computed(() => new URLSearchParams(address.value.search))

export const screen = computed<Screen>(() => screenOf(address.value.path))

export function screenOf(path: string): Screen {
  if (path === '/') return { name: 'home' }
  if (path === OUTBOX_PATH) return { name: 'outbox' }
  const [, alone] = /^\/p\/([0-9a-f-]{36})$/.exec(path) ?? []
  if (alone) return { name: 'purchase', purchaseId: alone }
  const [, customerId, purchaseId] =
    /^\/c\/([0-9a-f-]{36})(?:\/p\/([0-9a-f-]{36}))?$/.exec(path) ?? []
  if (!customerId) return { name: 'unknown' }
  return { name: 'customer', customerId, purchaseId: purchaseId ?? null }
}

/** The address of a customer's screen, with the filters of `search`. */
export function customerPath(customerId: string, search: URLSearchParams | string = ''): string {
  return withSearch(`/c/${customerId}`, search)
}

/** Of a purchase among its customer's; of a guest's (null) by itself. */
export function purchasePath(
  customerId: string | null,
  purchaseId: string,
  search: URLSearchParams | string = '',
): string {
  if (customerId === null) return `/p/${purchaseId}`
  return withSearch(`/c/${customerId}/p/${purchaseId}`, search)
}

function withSearch(path: string, search: URLSearchParams | string): string {
  const text = String(search)
  return text ? `${path}?${text}` : path
}

/**
 * How long the last screen stays while the next one gets what it shows. Less than is felt; after it, a screen shows
 * what it has, and placeholders.
 */
const PATIENCE_MS = 60

/** What a screen needs before it can be shown whole, if that is not there yet. */
type Prepare = (next: Screen, search: URLSearchParams) => Promise<unknown> | null

let prepare: Prepare = () => null
/** How often another address was gone to: who waits for an earlier one is late. */
let turns = 0
/** The turn of an address that comes behind the one on the screen, and is not shown yet; null when there is none. */
let onItsWay: number | null = null

/**
 * Goes to another address, which is that of the page from the moment its screen is shown. Resolves then, or when
 * another one was gone to meanwhile.
 */
export async function navigate(
  to: string,
  { replace = false, insist = false, state = {} }: NavigateOptions = {},
): Promise<void> {
  const enter = () => {
    const whose = person === null ? {} : { person }
    if (replace) history.replaceState({ ...history.state, ...state, ...whose }, '', to)
    else history.pushState({ ...state, ...whose, ours: true }, '', to)
  }
  // By a screen that is left already, such as that of a record that turns out to be merged: it takes nobody back.
  if (replace && !insist && onItsWay === turns) return enter()
  turns += 1
  const turn = turns
  const { pathname, search } = new URL(to, location.origin)
  const nextScreen = screenOf(pathname)
  const isOther = !isSameScreen(screen.peek(), nextScreen)
  const ready = isOther ? prepare(nextScreen, new URLSearchParams(search)) : null
  if (ready) {
    if (!replace) onItsWay = turn
    await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
    if (turn !== turns) return
    onItsWay = null
  }
  enter()
  if (!replace && isOther)
    // With the frame that shows the other screen: at once, this one would be laid out once more for it.
    requestAnimationFrame(() => scrollTo({ top: 0, behavior: 'instant' }))
  address.value = current()
}

/** A receipt opens over its customer, who stays where she was read. */
function isSameScreen(one: Screen, other: Screen): boolean {
  if (one.name === 'customer' && other.name === 'customer')
    return one.customerId === other.customerId
  return one.name === other.name
}

/** One step back if that stays in the app, else to `otherwise`. */
export function back(otherwise: string): void {
  if (history.state?.ours) history.back()
  else void navigate(otherwise, { replace: true })
}

/**
 * From here on, what is looked at is looked at by `next`, a word that names nobody to who reads it. Whom another looked
 * at is not shown to her, now or by a step back: she has not asked for it, and it would be noted as her look. An
 * address that nobody was at yet is one that she came by.
 */
export function lookAs(next: string): void {
  person = next
  arrive()
}

/** Shows what the address says, unless another was at it. */
function arrive(): void {
  turns += 1
  if (person !== null) {
    const isOthers = (history.state?.person ?? person) !== person
    history.replaceState({ ...history.state, person }, '', isOthers ? '/' : undefined)
  }
  address.value = current()
}

/**
 * Follows the browser's buttons and clicks on links; call it once.
 *
 * @param prepareScreen called with the screen that is gone to, before it is shown; null where it need not wait
 */
export function startRouter(prepareScreen: Prepare): void {
  prepare = prepareScreen
  person = history.state?.person ?? null
  address.value = current()
  addEventListener('popstate', arrive)
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>('a[href]')
    if (!link || link.origin !== location.origin || link.target || link.hash) return
    event.preventDefault()
    void navigate(link.pathname + link.search, { replace: 'replace' in link.dataset })
  })
}

function current() {
  return { path: location.pathname, search: location.search }
}
