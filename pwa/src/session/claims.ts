/** What a token says of itself. The app never checks it, the API does; this is only whose session it would be. */
import { ROLES, type Role } from '../../../src/domain/access.ts'

export interface Claims {
  /** The chain's id. */
  business: string
  /** The person's id; null for one whom the chain does not know by name. */
  employee: string | null
  /** What she is called, as far as the token tells it. */
  name: string | null
  role: Role
  /** `*`, or the ids of the locations whose purchases are seen. */
  locations: '*' | string[]
  /** What is seen of other locations. */
  visibility: string
  /** Milliseconds since 1970. */
  expiresAt: number
  /** Whether anything may be kept on the device: not where the chain says no, nor where it would be nobody's. */
  keeps: boolean
}

/** Null when it can't be read as one of the API's. */
export function claimsOf(token: string): Claims | null {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    const { business, employee, role, locations, visibility, exp, offline, name } = claims
    if (typeof business !== 'string' || !ROLES.includes(role) || typeof exp !== 'number')
      return null
    const person = typeof employee === 'string' ? employee : null
    return {
      business,
      employee: person,
      name: typeof name === 'string' && name.trim() !== '' ? name : null,
      role,
      locations: Array.isArray(locations) ? locations : '*',
      visibility: typeof visibility === 'string' ? visibility : 'own',
      expiresAt: exp * 1000,
      keeps: person !== null && offline !== false,
    }
  } catch {
    return null
  }
}

/** The same for tokens that see the same of the same people. */
export function scopeKey({ role, locations, visibility }: Claims): string {
  return JSON.stringify([role, locations === '*' ? '*' : [...locations].sort(), visibility])
}
