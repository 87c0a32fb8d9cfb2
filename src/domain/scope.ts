/**
 * What a caller may see: one tenant, and all or some of its locations. Every function that reads
 * takes a Scope, and only `scopeOf` makes one, so that no query and no cache key can go without.
 */

declare const brand: unique symbol

export interface Scope {
  readonly businessId: string
  /** `all`, or the visible locations: lower case, ascending, none twice. */
  readonly locations: 'all' | readonly string[]
  /** Equal exactly for equal sets of locations; for cache keys and signatures. */
  readonly key: string
  readonly [brand]: true
}

/**
 * The scope of a verified token. The key is a SHA-256 of the locations: a caller can't choose a
 * list that collides with another's.
 */
export async function scopeOf(
  businessId: string,
  locations: '*' | readonly string[],
): Promise<Scope> {
  if (locations === '*') return scope(businessId, 'all', 'all')
  const visible = [...new Set(locations.map((id) => id.toLowerCase()))].sort()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(visible.join()))
  const key = [...new Uint8Array(digest, 0, 16)]
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('')
  return scope(businessId, visible, key)
}

/** Whether the scope shows what happened at this location. */
export function sees(scope: Scope, locationId: string): boolean {
  return scope.locations === 'all' || scope.locations.includes(locationId)
}

function scope(businessId: string, locations: Scope['locations'], key: string): Scope {
  return { businessId: businessId.toLowerCase(), locations, key } as Scope
}
