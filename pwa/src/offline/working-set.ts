/**
 * Fetches what is kept of the chosen customers before anybody asks: when they are chosen, and again before it grows
 * old. One request after the other, while the device has nothing better to do, in one tab of it.
 */
import { effect } from '@preact/signals'
import { reachable } from '../api/client.ts'
import type { Failure } from '../api/failure.ts'
import { isMasked } from '../api/types.ts'
import { CustomerRecord } from '../customer/customer-record.ts'
import { filtersOf } from '../customer/filters.ts'
import { session } from '../session/session.ts'
import { currentVault } from '../vault/current.ts'
import { chosenCustomers, noteFetched } from './kept-customers.ts'

/** What was fetched so long ago is fetched again. */
const RENEW_MS = 6 * 3_600_000
/** As long as the list says that nothing has changed, a receipt is good for so long. */
const RECEIPT_MS = 24 * 3_600_000
const LOOK_EVERY_MS = 5 * 60_000
/** Between two requests. */
const PAUSE_MS = 250
const RECEIPTS = 25

/** Of whom this tab has tried to fetch everything, and when: who can't be had keeps nobody else waiting. */
const tried = new Map<string, number>()
let running = false

/** Call it once. */
export function startWorkingSet(): void {
  const look = () => void renew()
  effect(() => {
    if (!session.value) tried.clear()
    else if (reachable.value && chosenCustomers.value.length > 0) queueMicrotask(look)
  })
  setInterval(look, LOOK_EVERY_MS)
}

async function renew(): Promise<void> {
  if (running || !currentVault.peek()) return
  running = true
  try {
    await navigator.locks?.request('pt.working-set', { ifAvailable: true }, async (lock) => {
      if (!lock) return
      for (let id = nextDue(); id && reachable.peek(); id = nextDue()) {
        tried.set(id, Date.now())
        if (await fetchAll(id)) continue
        tried.delete(id)
        return
      }
    })
  } finally {
    running = false
  }
}

function nextDue(): string | undefined {
  const before = Date.now() - RENEW_MS
  return chosenCustomers
    .peek()
    .find(({ id, fetchedAt }) => Math.max(fetchedAt, tried.get(id) ?? 0) < before)?.id
}

/** Whether to go on with the next one: not while nobody answers, nor when another has signed in. */
async function fetchAll(id: string): Promise<boolean> {
  const of = session.peek()
  const record = new CustomerRecord(id)
  const { card, summary, spending } = record
  const list = record.timeline(filtersOf(new URLSearchParams()))
  let changed = false
  for (const each of [card, summary, spending, list]) {
    await idle()
    if (session.peek() !== of) return false
    changed = await each.refresh()
    if (each.failure.peek()) return !isNobodyThere(each.failure.peek()!)
  }
  for (const entry of list.entries.peek()?.slice(0, RECEIPTS) ?? []) {
    if (isMasked(entry)) continue
    const receipt = record.receipt(entry.id)
    await receipt.restore()
    const ageMs = Date.now() - (receipt.checkedAt.peek() ?? 0)
    if (!changed && ageMs < RECEIPT_MS) continue
    await idle()
    if (session.peek() !== of) return false
    await receipt.refresh()
    const failure = receipt.failure.peek()
    if (failure && isNobodyThere(failure)) return false
  }
  noteFetched(id)
  return true
}

function isNobodyThere({ kind }: Failure): boolean {
  return ['offline', 'signed-out', 'too-many', 'unavailable'].includes(kind)
}

/** Resolves when the device has had nothing to do for a moment. */
async function idle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  if ('requestIdleCallback' in globalThis)
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2_000 }))
}
