/**
 * What a caller may see and do: one tenant, all or some of its locations, and how much of the others.
 * Every function that reads takes a Scope, and only `scopeOf` makes one, so that no query and no cache
 * key can go without.
 */
import { hexOf } from './hex.ts'

/**
 * How much a caller sees of what happened elsewhere in the chain: nothing; that and when there was a
 * purchase; or all of it. Nobody acts elsewhere.
 */
export const VISIBILITIES = ['own', 'masked', 'chain'] as const
export type Visibility = (typeof VISIBILITIES)[number]

declare const brand: unique symbol

export interface Scope {
  readonly businessId: string
  /** `all`, or the caller's own locations: lower case, ascending, none twice. */
  readonly locations: 'all' | readonly string[]
  /** `own` where all locations are. */
  readonly visibility: Visibility
  /** Equal exactly for equal locations and visibility; for cache keys and signatures. */
  readonly key: string
  readonly [brand]: true
}

/**
 * The scope of a verified token. The key is a SHA-256 of visibility and locations: a caller can't choose
 * a list that collides with another's.
 */
export async function scopeOf(
  businessId: string,
  locations: '*' | readonly string[],
  visibility: Visibility = 'own',
): Promise<Scope> {
  if (locations === '*') return scope(businessId, 'all', 'own', 'all')
  const own = [...new Set(locations.map((id) => id.toLowerCase()))].sort()
  const text = `${visibility}:${own.join()}`
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return scope(businessId, own, visibility, hexOf(new Uint8Array(digest, 0, 16)))
}

/** The locations whose purchases the scope shows in full. */
export function seenLocations({ locations, visibility }: Scope): 'all' | readonly string[] {
  return visibility === 'chain' ? 'all' : locations
}

/** Whether the scope shows what happened at this location. */
export function sees(scope: Scope, locationId: string): boolean {
  const seen = seenLocations(scope)
  return seen === 'all' || seen.includes(locationId)
}

/** Whether the scope's holder may act upon what happened, or happens, at this location. */
export function actsAt({ locations }: Scope, locationId: string): boolean {
  return locations === 'all' || locations.includes(locationId)
}

function scope(
  businessId: string,
  locations: Scope['locations'],
  visibility: Visibility,
  key: string,
): Scope {
  return { businessId: businessId.toLowerCase(), locations, visibility, key } as Scope
}
