/**
 * Answers about one customer, kept as the text that goes out. An entry is fresh when it is not older
 * than a minute and does not lie below the customer's floor; whether the store is up, slow or full of
 * rubbish changes how fast an answer comes, never whether it is right.
 *
 *   find entry + floor ─ fresh ──────────────────────────────▶ hit
 *        └ not fresh, or no cache ─ compute ─▶ miss ─ fill, behind the answer
 *                                      └ read store down ─ entry young enough ─▶ stale
 */
import { LSN_ZERO, type Lsn, maxLsn } from '../domain/lsn.ts'
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
  lsn: Lsn
  /** Whether it may be stored under its key: not so when the key's customer has been merged. */
  storable: boolean
}

export interface Answered {
  body: string
  /** A strong validator of the body. */
  etag: string
  from: 'hit' | 'miss' | 'stale'
  ageMs: number
}

export interface AnswerCacheOptions {
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
}

interface Made {
  lsn: Lsn
  etag: string
  body: string
}

interface Entry extends Made {
  storedAt: number
}

/** Change it when the shape of an answer changes: entries of the old shape are then never found. */
const SCHEMA_VERSION = 1
const FRESH_MS = 60_000

export class AnswerCache {
  readonly #options: AnswerCacheOptions
  readonly #now: () => number
  readonly #breaker: Breaker
  readonly #flights = new Map<string, Promise<Made>>()

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
    const entry = text === null ? null : entryOf(text)
    const ageMs = entry ? Math.abs(this.#now() - entry.storedAt) : 0
    if (entry && floor !== null && entry.lsn >= floor && ageMs < FRESH_MS) {
      return { body: entry.body, etag: entry.etag, from: 'hit', ageMs }
    }
    const make = () => this.#make(name, key.customerId, compute, waitUntil)
    try {
      const { body, etag } = await this.#share(
        name,
        maxLsn(floor ?? LSN_ZERO, atLeast ?? LSN_ZERO),
        make,
      )
      return { body, etag, from: 'miss', ageMs: 0 }
    } catch (error) {
      // Who has a floor of its own asks for what it knows to be there: an older answer is none.
      if (!entry || atLeast !== null || ageMs >= ENTRY_TTL_MS) throw error
      // Of who was erased nothing is told, however bad the day.
      if (floor === GONE) throw error
      if (!this.#options.isUnavailable(error)) throw error
      const body = `{"stale":true,${entry.body.slice(1)}`
      return { body, etag: await etagOf(body), from: 'stale', ageMs }
    }
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
   * A flight that took off before this request saw the floor may land below it; then it is of no use
   * here, and this request asks for itself.
   */
  async #share(name: string, floor: Lsn, make: () => Promise<Made>): Promise<Made> {
    if (this.#options.singleFlight === false) return make()
    const flying = this.#flights.get(name)
    if (flying) {
      const made = await flying
      return made.lsn >= floor ? made : make()
    }
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
    const { body, lsn, storable } = await compute()
    const etag = await etagOf(body)
    if (storable) {
      const entry = textOf({ lsn, storedAt: this.#now(), etag, body })
      waitUntil(this.#ask(() => this.#options.store.fill({ key: name, customerId, lsn, entry })))
    }
    return { body, etag, lsn }
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

/** `lsn 16 hex | ms since 1970, 13 digits | etag 24 | body`: read by position, the body untouched. */
const LSN_END = 16
const TIME_END = 29
const ETAG_END = 53

function textOf({ lsn, storedAt, etag, body }: Entry): string {
  return `${lsnToHex(lsn)}${String(storedAt).padStart(13, '0')}${etag}${body}`
}

/** Null for a text that this code did not write. */
function entryOf(text: string): Entry | null {
  const lsn = lsnFromHex(text.slice(0, LSN_END))
  const storedAt = text.slice(LSN_END, TIME_END)
  const etag = text.slice(TIME_END, ETAG_END)
  const body = text.slice(ETAG_END)
  if (lsn === null || !/^\d{13}$/.test(storedAt) || !/^"[\w-]{22}"$/.test(etag)) return null
  if (!body.startsWith('{') || !body.endsWith('}')) return null
  return { lsn, storedAt: Number(storedAt), etag, body }
}

/** A strong ETag: half of the body's SHA-256, quoted. */
async function etagOf(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  const text = btoa(String.fromCharCode(...new Uint8Array(digest, 0, 16)))
  return `"${text.slice(0, 22).replace(/\+/g, '-').replace(/\//g, '_')}"`
}
