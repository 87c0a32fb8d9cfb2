/** Where this device stands: the store that takes goods back. Staff act at the stores of their token only. */
import { computed } from '@preact/signals'
import type { Location, PurchaseReceipt } from '../api/types.ts'
import { locations } from '../session/locations.ts'
import { session } from '../session/session.ts'
import { preference } from '../ui/preferences.ts'

const lastUsed = preference<string>('counter', '')

/** The stores where the session may take goods back. */
export const ownLocations = computed<readonly Location[]>(() => {
  const own = session.value?.locations ?? []
  return own === '*' ? locations.value : locations.value.filter(({ id }) => own.includes(id))
})

/** The one of last time on this device, else where it was bought, else the first; null until they are known. */
export function counterFor(boughtAt: string): string | null {
  const own = ownLocations.value
  const has = (id: string) => own.some((location) => location.id === id)
  return [lastUsed.value, boughtAt].find(has) ?? own[0]?.id ?? null
}

/** As a receipt names it. */
export function counterOf(id: string): PurchaseReceipt['location'] {
  return { id, name: ownLocations.peek().find((location) => location.id === id)?.name ?? null }
}

export function rememberCounter(locationId: string): void {
  lastUsed.value = locationId
}
