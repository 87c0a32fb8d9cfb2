/**
 * Who is signed in on this device: one person at a time, in all tabs. Her session is kept in her vault, so that it
 * survives the app being closed; where nothing may be kept it is the tab's, and survives a reload.
 *
 *   nobody ─ a token that the server accepts ─▶ signed in ─ exp, no network ─▶ may read for a day more
 *     ▲                                             │                                   │
 *     ├── locked: a 401, the end. What is kept stays sealed for her ◀───────────────────┤
 *     └── left: nothing is kept, but what she still has to send, if she wants it so ◀───┘
 */
import { batch, computed, signal } from '@preact/signals'
import { hexOf } from '../../../src/domain/hex.ts'
import { mayDo, type Permission } from '../../../src/domain/permissions.ts'
import { lookAs, navigate } from '../router.ts'
import { currentVault } from '../vault/current.ts'
import { openVault, type Vault, vaultName, vaultNames } from '../vault/vault.ts'
import { type Claims, claimsOf, scopeKey } from './claims.ts'
import { knownStandingOf, standingOf } from './standing.ts'
import { forget, remember, remembered } from './storage.ts'

export interface Session extends Claims {
  token: string
}

/** Why nobody is signed in. */
export type SignedOut = 'never' | 'ended' | 'left'

const KEY = 'token'
/** How a POS or an identity provider hands a token over: `/c/ID#access_token=…`. */
const FRAGMENT = 'access_token'
/** How long she may read on when her token has ended and nobody can be asked for another. */
const GRACE_MS = 24 * 3_600_000
/** A token that is refused so long before its end was taken back; closer to it, clocks may differ. */
const CLOCKS_DIFFER_MS = 10 * 60_000
/** setTimeout takes no longer ones. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const session = signal<Session | null>(null)
export const signedOut = signal<SignedOut>('never')
/** Whether it is still being found out if somebody is signed in. */
export const opening = signal(true)

/** Whose eyes and rights they are: another value is another person, or another view of the stores. Null: nobody's. */
export const whose = computed(() => {
  const { value } = session
  return value && JSON.stringify([value.business, value.employee, scopeKey(value)])
})

/** Until when what is kept can be read, though nobody can be asked; milliseconds since 1970. */
export const readableUntil = computed(() => {
  const { expiresAt } = session.value ?? {}
  return expiresAt === undefined ? null : expiresAt + (currentVault.value ? GRACE_MS : 0)
})

let expiry: ReturnType<typeof setTimeout> | undefined
/** What the last end has to delete; a beginning waits for it. */
let cleaning: Promise<void> = Promise.resolve()
/** Aborted when somebody else's token counts than the one that the server is asked about. */
let asking = new AbortController()

type News = { began: string } | { ended: SignedOut; token: string }
const tabs = new BroadcastChannel('pt.session')

/** Takes the token that the address brings, and takes it out of the address; else the tab's, or the device's own. */
export async function restoreSession(): Promise<void> {
  const handed = takeHanded()
  tabs.onmessage = ({ data }: MessageEvent<News>) => {
    const { token } = session.peek() ?? {}
    if ('began' in data) {
      if (data.began !== token) void beginSession(data.began)
    } else if (data.token === token) finish(data.ended)
  }
  // A POS that opens the same address in the same window loads no page.
  addEventListener('hashchange', () => {
    const next = takeHanded()
    if (next !== null) void beginSession(next, 'unknown')
  })
  // As it was left may be as somebody else has left since.
  addEventListener('pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) location.reload()
  })
  const token = handed ?? remembered<string>(KEY) ?? (await deviceToken())
  if (token) await beginSession(token, 'unknown')
  opening.value = false
}

/**
 * The token that the address brings, which is then no longer in it; null where it brings none. What it opens is asked
 * for by whose token it is, whoever was here before.
 */
function takeHanded(): string | null {
  const handed = new URLSearchParams(location.hash.slice(1)).get(FRAGMENT)
  if (handed !== null) history.replaceState(null, '', location.pathname + location.search)
  return handed
}

/**
 * Locks what is kept, and forgets the token; only if it is still `token`. One that the server has taken back before
 * its time takes along what was read by it. What is to be sent stays.
 */
export function endSession(token: string): void {
  const ended = session.peek()
  const vault = currentVault.peek()
  if (ended?.token !== token) return
  const takenBack = Date.now() < ended.expiresAt - CLOCKS_DIFFER_MS
  finish('ended', async () => {
    if (takenBack) await vault?.strip()
    else await vault?.delete('session', KEY)
  })
  tell({ ended: 'ended', token })
}

/** She leaves, and nothing of hers stays; but with `keepUnsent` what she still has to send, sealed, for her alone. */
export async function leave({ keepUnsent = false } = {}): Promise<void> {
  const vault = currentVault.peek()
  const { token } = session.peek() ?? {}
  finish('left', async () => {
    if (keepUnsent) await vault?.strip()
    else await vault?.destroy()
  })
  if (token) tell({ ended: 'left', token })
  await cleaning
}

/** Whether the person's role lets her do this. For what is offered: the API decides by itself. */
export function may(permission: Permission): boolean {
  const { role } = session.value ?? {}
  return role !== undefined && mayDo(role, permission)
}

/**
 * Whether somebody is signed in by it now. A token that nobody has vouched for opens nothing that is kept, as anybody
 * can write one: the server is asked first, unless it is the one that is kept itself, or there is nothing to open.
 */
export async function beginSession(
  token: string,
  vouched: 'accepted' | 'unknown' = 'accepted',
): Promise<boolean> {
  await cleaning
  const claims = claimsOf(token)
  if (!claims) return refuse()
  const name = claims.keeps ? await nameOf(claims) : null
  const vault = name === null ? null : await openVault(name)
  const known = await vault?.get<string>('session', KEY)
  const isGood = token === known || vouched === 'accepted'
  const isHarmless = !isGood && (await isOnlyVault(name, vault))
  const standing = isGood || isHarmless ? 'accepted' : await standingOf(token)
  if (standing === 'accepted') {
    await dropOthers(name)
    if (!(await start({ token, ...claims }, vault))) return false
    // Other tabs may have somebody who keeps nothing: only a good token takes her place there.
    if (isHarmless)
      void standingOf(token).then((said) => said === 'accepted' && tell({ began: token }))
    else if (token !== known) tell({ began: token })
    return true
  }
  vault?.close()
  if (standing === 'refused') return refuse()
  // Hers of before is as good while nobody can be asked.
  const began = known
    ? await beginSession(known, 'unknown')
    : await start({ token, ...claims }, null)
  if (began) void settle(token)
  return began
}

/** Begins with the token once the server can say that it is good, unless somebody is signed in by another till then. */
async function settle(token: string): Promise<void> {
  const standing = await knownStandingOf(token, asking.signal)
  if (standing === 'accepted') await beginSession(token)
  else if (standing === 'refused') endSession(token)
}

async function start(next: Session, vault: Vault | null): Promise<boolean> {
  const endsAt = next.expiresAt + (vault ? GRACE_MS : 0)
  if (endsAt <= Date.now()) return refuse()
  if (vault) {
    await vault.sweep()
    const scope = scopeKey(next)
    // What she has seen with other rights is not hers now.
    if ((await vault.get('meta', 'scope')) !== scope) await vault.clear('customers', 'kept', 'meta')
    await vault.put('meta', 'scope', scope)
    await vault.put('session', KEY, next.token, { expiresAt: endsAt })
  }
  const person = await blindPerson(next)
  const before = currentVault.peek()
  stopAsking()
  forget()
  // In her vault it is sealed; the tab's own store is a file in clear.
  if (!vault) remember(KEY, next.token)
  lookAs(person)
  batch(() => {
    currentVault.value = vault
    session.value = next
  })
  before?.close()
  clearTimeout(expiry)
  const end = () => endSession(next.token)
  expiry = setTimeout(end, Math.min(endsAt - Date.now(), LONGEST_TIMER_MS))
  return true
}

/** Nobody is signed in from here on; `clean` is done behind that. */
function finish(why: SignedOut, clean: () => Promise<void> = async () => {}): void {
  const vault = currentVault.peek()
  clearTimeout(expiry)
  stopAsking()
  forget()
  batch(() => {
    signedOut.value = why
    currentVault.value = null
    session.value = null
  })
  if (why === 'left') void navigate('/', { replace: true, insist: true })
  cleaning = clean().finally(() => vault?.close())
}

/** Equal for the same person. A token that names nobody may be anybody's: only who brings the very same is the same. */
export function personOf({ business, employee, token }: Session): string {
  return JSON.stringify(employee === null ? [token] : [business, employee])
}

/** The same in a word that says nothing of her. */
async function blindPerson(current: Session): Promise<string> {
  // Without a secure context there is none: each beginning is another's.
  if (!globalThis.crypto?.subtle) return String(Math.random())
  const bytes = new TextEncoder().encode(personOf(current))
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).slice(0, 32)
}

function stopAsking(): void {
  asking.abort()
  asking = new AbortController()
}

function refuse(): boolean {
  finish('ended')
  return false
}

function nameOf({ business, employee }: Claims): Promise<string | null> {
  // Without a secure context there is no way to seal anything.
  if (!globalThis.crypto?.subtle) return Promise.resolve(null)
  return vaultName({ business, employee: employee! })
}

/** The token of who was signed in when the app was closed. */
async function deviceToken(): Promise<string | null> {
  for (const name of await vaultNames()) {
    const vault = await openVault(name)
    await vault?.sweep()
    const token = await vault?.get<string>('session', KEY)
    vault?.close()
    if (token) return token
  }
  return null
}

/** Whether nothing but this, which is empty, is on the device: whoever comes then sees what the server answers, and no more. */
async function isOnlyVault(own: string | null, vault: Vault | null): Promise<boolean> {
  if (!vault) return false
  const names = await vaultNames()
  if (names.length !== 1 || names[0] !== own) return false
  const stores = ['session', 'customers', 'kept', 'outbox'] as const
  const held = await Promise.all(stores.map((store) => vault.count(store)))
  // One that can't be read may have anything in it.
  return held.every((count) => count === 0)
}

/** Another person's customers are no business of this one's: of hers only what is to be sent stays, sealed. */
async function dropOthers(own: string | null): Promise<void> {
  for (const name of await vaultNames()) {
    if (name === own) continue
    const vault = await openVault(name)
    await vault?.strip()
    vault?.close()
  }
}

/** Says it to the other tabs. */
function tell(news: News): void {
  tabs.postMessage(news)
}
