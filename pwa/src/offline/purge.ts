/**
 * Forgets on this device whom the chain has erased elsewhere: the list of erasures is asked for when the app
 * opens, when the network is back, when it is looked at again, and each minute while it is.
 */
import { effect } from '@preact/signals'
import { read } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { PurgeList } from '../api/types.ts'
import { forgetCustomer as forgetActs } from '../outbox/outbox.ts'
import { NotKept } from '../outbox/queue.ts'
import { type Session, session } from '../session/session.ts'
import { currentVault } from '../vault/current.ts'
import { forgetCustomers, forgetEverybody } from './kept-customers.ts'

/** The API's own `max-age`. */
const EVERY_MS = 60_000
const CURSOR = 'purged-until'

let timer: ReturnType<typeof setTimeout> | undefined
let running = false
/** Of this tab, which has people in memory that another tab has forgotten already. */
let place: { of: Session; after: string | undefined } | null = null

/** Call it once. */
export function startPurge(): void {
  const wake = () => void run()
  effect(() => {
    if (session.value) queueMicrotask(wake)
  })
  addEventListener('online', wake)
  document.addEventListener('visibilitychange', wake)
}

async function run(): Promise<void> {
  clearTimeout(timer)
  if (running || document.hidden || !session.peek()) return
  running = true
  let waitMs = EVERY_MS
  try {
    await catchUp()
  } catch (error) {
    // What it could not take away is asked for again.
    if (error instanceof NotKept) return
    if (!(error instanceof Failure)) throw error
    waitMs = Math.max(waitMs, (error.retryAfter ?? 0) * 1000)
    if (error.kind === 'refused') await startAnew()
  } finally {
    running = false
    timer = setTimeout(() => void run(), waitMs)
  }
}

/** The place in the list is written down behind what it makes to be forgotten: a crash repeats it. */
async function catchUp(): Promise<void> {
  const of = session.peek()!
  const vault = currentVault.peek()
  if (place?.of !== of)
    place = { of, after: (await vault?.get<string>('meta', CURSOR)) ?? undefined }
  for (let more = true; more && session.peek() === of; ) {
    const query = { after: place.after }
    const page: PurgeList = await read('/devices/purge', { query })
    const ids = page.data.map(({ customerId }) => customerId)
    if (ids.length > 0) await forgetCustomers(ids, 'erased')
    for (const id of ids) await forgetActs(id)
    place = { of, after: page.next }
    await vault?.put('meta', CURSOR, page.next)
    more = page.more
  }
}

/** The place is none in the chain's list: what was missed since can't be known. */
async function startAnew(): Promise<void> {
  place = null
  await currentVault.peek()?.delete('meta', CURSOR)
  await forgetEverybody()
}
