/**
 * The customers that were opened last. Names of people are not left on a till's disk: they are kept for the
 * tab's session alone, as the token is, and go with it.
 */
import { effect, signal } from '@preact/signals'
import { session } from './session.ts'
import { remember, remembered } from './storage.ts'

export interface RecentCustomer {
  id: string
  name: string | null
  externalRef: string | null
}

const KEY = 'recent'
const MAX = 8

export const recentCustomers = signal<readonly RecentCustomer[]>([])

effect(() => {
  recentCustomers.value = session.value ? (remembered<RecentCustomer[]>(KEY) ?? []) : []
})

export function addRecent({ id, name, externalRef }: RecentCustomer): void {
  const others = recentCustomers.peek().filter((customer) => customer.id !== id)
  keep([{ id, name, externalRef }, ...others].slice(0, MAX))
}

/** For whom was merged or erased since. */
export function dropRecent(id: string): void {
  keep(recentCustomers.peek().filter((customer) => customer.id !== id))
}

function keep(customers: readonly RecentCustomer[]): void {
  recentCustomers.value = customers
  remember(KEY, customers)
}
