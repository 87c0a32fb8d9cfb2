/**
 * Who is signed in. The token is in memory and in sessionStorage: it survives a reload, and goes with the
 * tab. The app never checks it, the API does; its claims are only read to show whose session this is.
 */
import { signal } from '@preact/signals'
import { ROLES, type Role } from '../../../src/domain/access.ts'
import { mayDo, type Permission } from '../../../src/domain/permissions.ts'
import { forget, remember, remembered } from './storage.ts'

export interface Session {
  token: string
  /** The chain's id. */
  business: string
  /** The person's id; null for one whom the chain does not know by name. */
  employee: string | null
  role: Role
  /** `*`, or the ids of the locations whose purchases are seen. */
  locations: '*' | string[]
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Why nobody is signed in. */
export type SignedOut = 'never' | 'ended' | 'left'

const KEY = 'token'
/** How a POS or an identity provider hands a token over: `/c/ID#access_token=…`. */
const FRAGMENT = 'access_token'
/** setTimeout takes no longer ones. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const session = signal<Session | null>(null)
export const signedOut = signal<SignedOut>('never')

let expiry: ReturnType<typeof setTimeout> | undefined

/** Takes the token that the address brings, and takes it out of the address; else the tab's own. */
export function restoreSession(): void {
  const handed = new URLSearchParams(location.hash.slice(1)).get(FRAGMENT)
  if (handed !== null) history.replaceState(history.state, '', location.pathname + location.search)
  const token = handed ?? remembered<string>(KEY)
  if (token) beginSession(token)
}

/** Whether the token looks like one that could be believed: readable, and not over. */
export function beginSession(token: string): boolean {
  const claims = claimsOf(token)
  if (!claims || claims.expiresAt <= Date.now()) {
    endSession('ended')
    return false
  }
  // Another person's customers are no business of this one's.
  if (remembered<string>(KEY) !== token) forget()
  remember(KEY, token)
  session.value = { token, ...claims }
  clearTimeout(expiry)
  expiry = setTimeout(
    () => endSession('ended', token),
    Math.min(claims.expiresAt - Date.now(), LONGEST_TIMER_MS),
  )
  return true
}

/** Forgets the token and all that was kept beside it; only if it is still `token`, where one is given. */
export function endSession(why: SignedOut, token?: string): void {
  if (token !== undefined && session.peek()?.token !== token) return
  clearTimeout(expiry)
  forget()
  signedOut.value = why
  session.value = null
}

/** Whether the person's role lets her do this. For what is offered: the API decides by itself. */
export function may(permission: Permission): boolean {
  const { role } = session.value ?? {}
  return role !== undefined && mayDo(role, permission)
}

function claimsOf(token: string): Omit<Session, 'token'> | null {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    const { business, employee, role, locations, exp } = claims
    if (typeof business !== 'string' || !ROLES.includes(role) || typeof exp !== 'number')
      return null
    return {
      business,
      employee: typeof employee === 'string' ? employee : null,
      role,
      locations: Array.isArray(locations) ? locations : '*',
      expiresAt: exp * 1000,
    }
  } catch {
    return null
  }
}
