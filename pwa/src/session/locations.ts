/** The stores that the session sees, and their clocks. Until they are known, the device's clock serves. */
import { computed, effect, signal } from '@preact/signals'
import { Query } from '../api/query.ts'
import type { Location, Locations } from '../api/types.ts'
import { DEVICE_ZONE } from '../format/dates.ts'
import { session } from './session.ts'

const query = signal<Query<Locations> | null>(null)

export const locations = computed<readonly Location[]>(() => query.value?.value.value?.data ?? [])

const zones = computed(() => new Map(locations.value.map(({ id, timezone }) => [id, timezone])))

/** An IANA name. */
export function zoneOf(locationId: string | undefined): string {
  return (locationId && zones.value.get(locationId)) || DEVICE_ZONE
}

/** Asks for them with each new session, and again when they could not be had. */
export function startLocations(): void {
  effect(() => {
    query.value = session.value ? new Query('/locations', {}, { keepFor: null }) : null
    void query.peek()?.refresh()
  })
  addEventListener('online', () => {
    const asked = query.peek()
    if (asked?.failure.peek()) void asked.refresh()
  })
}
