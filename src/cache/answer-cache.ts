/**
 * Answers about one customer, kept as the text that goes out. An entry is fresh when it is not older
 * than a minute and does not lie below the customer's floor; whether the store is up, slow or full of
 * rubbish changes how fast an answer comes, never whether it is right.
 *
 *   find entry + floor ─ fresh ──────────────────────────────▶ hit ─ old soon ─▶ one refreshes it, behind
 *        └ not fresh, or no cache ─ compute ─▶ miss ─ fill, behind the answer
 *                            └ read store down or stuck ─ entry young enough ─▶ stale
 *
 * An answer that many ask for is never found missing when its minute is over: somebody who was answered
 * from it has refreshed it before. After a change those who miss at once share one computation in a
 * process; between processes nobody waits for another, as that would cost what it spares: a look into
 * the index.
 *
 * That something is not there is an answer, too, kept for seconds: what makes it appear raises the floor
 * of the id that it is looked for under.
 *
 * A key needs no generation of the read model: a switch to another one raises the position, and all floors
 * to it, so that whatever was read from the former lies below them.
 */
import { type Lsn, maxLsn } from '../domain/lsn.ts'
import type { Scope } from '../domain/scope.ts'
import type { Log } from '../log.ts'
import { Breaker } from './breaker.ts'
import { GONE, lsnFromHex, lsnToHex } from './floors.ts'
import { type CacheStore, ENTRY_TTL_MS, type Found } from './store.ts'

/** What an answer depends on besides the read model. */
export interface AnswerKey {
  scope: Scope
  customerId: string
  endpoint: string
  /** All parameters that change the answer, in one spelling. */
  parameters: string
}

export interface Computed {
  body: string
  /** Whether what was asked for is there; if not, `body` says so. */
  found: boolean
  lsn: Lsn
  /** Whether it may be stored under its key: not so when the key's customer has been merged. */
  storable: boolean
}

export interface Answered {
  body: string
  /** The position that it was computed at. */
  lsn: Lsn
  found: boolean
  /** A strong validator of the body. */
  etag: string
  from: 'hit' | 'miss' | 'stale'
  ageMs: number
}

interface AnswerCacheOptions {
  store: CacheStore
  log: Log
  now?: () => number
  /** Which errors of a computation mean that the read store is down, so that a stale entry will do. */
  isUnavailable: (error: unknown) => boolean
  /**
   * Whether concurrent misses of one key share one computation. Not on workerd, where a request must
   * not wait for another request's sockets.
   */
  singleFlight?: boolean
  /** How long a computation is waited for while there is an older answer, milliseconds. */
  patienceMs?: number
}

interface Made {
  lsn: Lsn
  found: boolean
  etag: string
  body: string
}

interface Entry extends Made {
  storedAt: number
}

/** Change it when the shape of an answer changes: entries of the old shape are then never found. */
const SCHEMA_VERSION = 4
const FRESH_MS = 60_000
/** For how long it is believed, and kept, that something is not there. */
const ABSENT_MS = 10_000
/** From this age on an entry is refreshed; each at another moment of the ten seconds that follow. */
const REFRESH_MS = 40_000
const REFRESH_SPREAD_MS = 10_000
/** Whoever refreshes has this long; then somebody else may. */
const CLAIM_MS = 5_000
/** How long the read store is waited for while there is an older answer. */
const PATIENCE_MS = 1_000
/** Names of entries that are remembered as being refreshed: a bound, far above what is. */
const MAX_CLAIMS = 10_000

export class AnswerCache {
  readonly #options: AnswerCacheOptions
  readonly #now: () => number
  readonly #breaker: Breaker
  readonly #flights = new Map<string, Promise<Made>>()
  /** Entries that somebody is refreshing, and until when that is believed. */
  readonly #claimedUntil = new Map<string, number>()

  constructor(options: AnswerCacheOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#breaker = new Breaker({
      now: this.#now,
      onChange: (state) =>
        state === 'open'
          ? options.log.warn('cache is not asked for a while: it fails')
          : options.log.info('cache answers again'),
    })
  }

  /** Whether the store fails, and is not asked for a while. */
  get breakerOpen(): boolean {
    return this.#breaker.open
  }

  /**
   * The answer for the key, computed when there is no fresh one. Rejects only as `compute` does. With
   * `atLeast` the caller has a floor of its own: what lies below that position is not fresh for it.
   * Storing goes on behind the answer, in a promise that is handed to `waitUntil`.
   */
  async answer(
    key: AnswerKey,
    compute: () => Promise<Computed>,
    waitUntil: (work: Promise<unknown>) => void,
    atLeast: Lsn | null = null,
  ): Promise<Answered> {
    const name = entryKey(key)
    const { entry: text, floor: raised } = await this.#find(name, key.customerId)
    const floor = raised && maxLsn(raised, atLeast ?? raised)
    const entry = text === null ? null : entryOf(text, name)
    const ageMs = entry ? Math.abs(this.#now() - entry.storedAt) : 0
    const make = () => this.#make(name, key.customerId, compute, waitUntil)
    if (entry && floor !== null && entry.lsn >= floor && ageMs < freshMs(entry)) {
      if (entry.found && ageMs >= refreshAge(entry)) this.#refresh(name, make, waitUntil)
      const { body, lsn, found, etag } = entry
      return { body, lsn, found, etag, from: 'hit', ageMs }
    }
    // Who has a floor of its own asks for what it knows to be there: an older answer is none. Of who was
    // erased nothing is told, however bad the day.
    const isLastResort = atLeast === null && floor !== GONE && ageMs < ENTRY_TTL_MS
    const lastResort = entry?.found && isLastResort ? entry : null
    const making = this.#share(name, floor, make)
    try {
      const { body, lsn, found, etag } = await (lastResort
        ? inTime(making, this.#options.patienceMs ?? PATIENCE_MS)
        : making)
      return { body, lsn, found, etag, from: 'miss', ageMs: 0 }
    } catch (error) {
      if (!lastResort || !(error === TOO_SLOW || this.#options.isUnavailable(error))) throw error
      waitUntil(making.catch(() => null))
      const body = `{"stale":true,${lastResort.body.slice(1)}`
      const { lsn } = lastResort
      return { body, lsn, found: true, etag: await etagOf(body), from: 'stale', ageMs }
    }
  }

  /** Where each customer was last changed, as `CacheStore.lastChanges`; null while that can't be known. */
  lastChanges(customerIds: readonly string[]): Promise<Lsn[] | null> {
    return this.#ask(() => this.#options.store.lastChanges(customerIds))
  }

  /**
   * Deletes what is stored about customers who were erased, and keeps it from being stored again. Resolves
   * to whether that is done; if not, the projector does it as soon as it can.
   */
  async forget(customerIds: readonly string[]): Promise<boolean> {
    return (
      (await this.#ask(async () => {
        await this.#options.store.forget(customerIds)
        return true
      })) === true
    )
  }

  async #find(name: string, customerId: string): Promise<Found> {
    const found = await this.#ask(() => this.#options.store.find(name, customerId))
    return found ?? { entry: null, floor: null }
  }

  /**
   * A flight that took off before this request came is of use here only if what it lands with is known to
   * be new enough; else this request shares the next one with all who wait for that.
   * @param floor null when nothing is known
   */
  async #share(name: string, floor: Lsn | null, make: () => Promise<Made>): Promise<Made> {
    if (this.#options.singleFlight === false) return make()
    const flying = this.#flights.get(name)
    if (!flying) return this.#takeOff(name, make)
    const made = await flying
    if (floor !== null && made.lsn >= floor) return made
    return this.#flights.get(name) ?? this.#takeOff(name, make)
  }

  #takeOff(name: string, make: () => Promise<Made>): Promise<Made> {
    const flight = make().finally(() => this.#flights.delete(name))
    this.#flights.set(name, flight)
    return flight
  }

  async #make(
    name: string,
    customerId: string,
    compute: () => Promise<Computed>,
    waitUntil: (work: Promise<unknown>) => void,
  ): Promise<Made> {
    const { body, found, lsn, storable } = await compute()
    const etag = await etagOf(body)
    if (storable) {
      const entry = textOf({ lsn, storedAt: this.#now(), found, etag, body }, name)
      const keepMs = found ? ENTRY_TTL_MS : ABSENT_MS
      const fill = { key: name, customerId, lsn, entry, keepMs }
      waitUntil(this.#ask(() => this.#options.store.fill(fill)))
    }
    return { body, found, etag, lsn }
  }

  /**
   * Makes the entry anew behind an answer, if nobody else is at it: in this process by its name, in
   * others by a claim. Names are remembered with a time, not until the work is done: on workerd the work of
   * a request that is cancelled never ends.
   */
  #refresh(
    name: string,
    make: () => Promise<Made>,
    waitUntil: (work: Promise<unknown>) => void,
  ): void {
    const now = this.#now()
    if (now < (this.#claimedUntil.get(name) ?? 0)) return
    if (this.#claimedUntil.size >= MAX_CLAIMS) this.#claimedUntil.clear()
    this.#claimedUntil.set(name, now + CLAIM_MS)
    const refreshed = this.#ask(() => this.#options.store.claim(name, CLAIM_MS)).then((isOurs) =>
      isOurs ? make() : null,
    )
    // What fails here fails nobody: the entry is good until its minute is over.
    waitUntil(refreshed.catch(() => null))
  }

  /** Null when the store failed, or is not to be asked for now. */
  async #ask<T>(call: () => Promise<T>): Promise<T | null> {
    if (!this.#breaker.allows()) return null
    try {
      const result = await call()
      this.#breaker.succeeded()
      return result
    } catch {
      this.#breaker.failed()
      return null
    }
  }
}

function entryKey({ scope, customerId, endpoint, parameters }: AnswerKey): string {
  return `pt:${SCHEMA_VERSION}:${scope.businessId}:${scope.key}:${customerId}:${endpoint}:${parameters}`
}

const TOO_SLOW = new Error('the read store takes its time')

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(TOO_SLOW), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function freshMs({ found }: Made): number {
  return found ? FRESH_MS : ABSENT_MS
}

/** The ETag differs from body to body, and says when; so all who look agree on it. */
function refreshAge({ etag }: Made): number {
  const [high, low] = [etag.charCodeAt(1), etag.charCodeAt(2)]
  return REFRESH_MS + (((high * 61 + low) % 1_000) / 1_000) * REFRESH_SPREAD_MS
}

/**
 * `lsn 16 hex | ms since 1970, 13 digits | + or - | etag 24 | key | line break | body`: read by position, the
 * body untouched. By its key an entry says whose it is: an answer that some pool of connections gave to the
 * wrong request is none.
 */
const LSN_END = 16
const TIME_END = 29
const FOUND_END = 30
const ETAG_END = 54

function textOf({ lsn, storedAt, found, etag, body }: Entry, key: string): string {
  const time = String(storedAt).padStart(13, '0')
  return `${lsnToHex(lsn)}${time}${found ? '+' : '-'}${etag}${key}\n${body}`
}

/** Null for a text that this code did not write under this key. */
function entryOf(text: string, key: string): Entry | null {
  if (!text.startsWith(`${key}\n`, ETAG_END)) return null
  const lsn = lsnFromHex(text.slice(0, LSN_END))
  const storedAt = text.slice(LSN_END, TIME_END)
  const found = text.slice(TIME_END, FOUND_END)
  const etag = text.slice(FOUND_END, ETAG_END)
  const body = text.slice(ETAG_END + key.length + 1)
  if (lsn === null || !/^\d{13}$/.test(storedAt) || !/^[+-]$/.test(found)) return null
  if (!/^"[\w-]{22}"$/.test(etag) || !body.startsWith('{') || !body.endsWith('}')) return null
  return { lsn, storedAt: Number(storedAt), found: found === '+', etag, body }
}

/** A strong ETag: half of the body's SHA-256, quoted. */
async function etagOf(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  const text = btoa(String.fromCharCode(...new Uint8Array(digest, 0, 16)))
  return `"${text.slice(0, 22).replace(/\+/g, '-').replace(/\//g, '_')}"`
}
