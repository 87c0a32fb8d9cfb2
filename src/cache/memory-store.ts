/** The cache inside the process: for `pt up`, and for an API that runs beside its projector. */
import { LSN_ZERO, type Lsn, maxLsn } from '../domain/lsn.ts'
import { GONE } from './floors.ts'
import type { CacheStore, Fill, Found } from './store.ts'

interface MemoryStoreOptions {
  now?: () => number
  /** Characters of entries that are kept at most; the least recently used go first. */
  maxChars?: number
  /** Customers whose floor is kept at most. A floor that is dropped is missing, which is safe. */
  maxFloors?: number
}

interface Entry {
  customerId: string
  text: string
  lsn: Lsn
  expiresAt: number
}

const DEFAULT_MAX_CHARS = 32 * 1024 * 1024
const DEFAULT_MAX_FLOORS = 200_000

/** Every method runs in one go, without an await: each is atomic by that. */
export class MemoryStore implements CacheStore {
  readonly #now: () => number
  readonly #maxChars: number
  readonly #maxFloors: number
  readonly #entries = new Map<string, Entry>()
  readonly #floors = new Map<string, Lsn>()
  /** Until when each key is claimed. */
  readonly #claims = new Map<string, number>()
  #chars = 0
  #mark: Lsn | null = null
  /** What every floor is at least; at first the first position that is raised. */
  #base = LSN_ZERO

  constructor(options: MemoryStoreOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#maxChars = options.maxChars ?? DEFAULT_MAX_CHARS
    this.#maxFloors = options.maxFloors ?? DEFAULT_MAX_FLOORS
  }

  async find(key: string, customerId: string): Promise<Found> {
    const entry = this.#live(key)
    if (entry) touch(this.#entries, key, entry)
    return { entry: entry?.text ?? null, floor: this.#floor(customerId) }
  }

  async fill({ key, customerId, lsn, entry, keepMs }: Fill): Promise<boolean> {
    const floor = this.#floor(customerId)
    const bound = floor ?? this.#mark
    if (bound === null || lsn < bound) return false
    if (floor === null) this.#setFloor(customerId, lsn)
    const old = this.#live(key)
    if (old && old.lsn > lsn) return false
    this.#drop(key)
    this.#entries.set(key, { customerId, text: entry, lsn, expiresAt: this.#now() + keepMs })
    this.#chars += entry.length
    this.#evict()
    return true
  }

  async lastChanges(customerIds: readonly string[]): Promise<Lsn[]> {
    return customerIds.map((id) => maxLsn(this.#floors.get(id) ?? LSN_ZERO, this.#base))
  }

  async claim(key: string, ms: number): Promise<boolean> {
    const now = this.#now()
    if ((this.#claims.get(key) ?? 0) > now) return false
    for (const [claimed, until] of this.#claims) if (until <= now) this.#claims.delete(claimed)
    this.#claims.set(key, now + ms)
    return true
  }

  async raise(lsn: Lsn, customerIds: readonly string[]): Promise<void> {
    for (const id of customerIds) {
      const floor = this.#floors.get(id)
      if (floor === undefined || floor < lsn) this.#setFloor(id, lsn)
    }
    if (this.#mark === null) this.#base = lsn
    if (this.#mark === null || this.#mark < lsn) this.#mark = lsn
  }

  async raiseAll(lsn: Lsn): Promise<void> {
    await this.raise(lsn, [])
    this.#base = maxLsn(this.#base, lsn)
  }

  async forget(customerIds: readonly string[]): Promise<void> {
    const gone = new Set(customerIds)
    for (const id of gone) this.#setFloor(id, GONE)
    for (const [key, { customerId }] of this.#entries) if (gone.has(customerId)) this.#drop(key)
  }

  #floor(customerId: string): Lsn | null {
    const floor = this.#floors.get(customerId)
    return floor === undefined ? null : maxLsn(floor, this.#base)
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (!entry || entry.expiresAt > this.#now()) return entry
    this.#drop(key)
    return undefined
  }

  #setFloor(customerId: string, lsn: Lsn) {
    touch(this.#floors, customerId, lsn)
    if (this.#floors.size > this.#maxFloors) this.#floors.delete(firstKey(this.#floors))
  }

  #drop(key: string) {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#chars -= entry.text.length
    this.#entries.delete(key)
  }

  #evict() {
    while (this.#chars > this.#maxChars && this.#entries.size > 0)
      this.#drop(firstKey(this.#entries))
  }
}

/** A Map keeps the order of insertion: what is put in again moves to the recently used end. */
function touch<T>(map: Map<string, T>, key: string, value: T) {
  map.delete(key)
  map.set(key, value)
}

function firstKey(map: Map<string, unknown>): string {
  return map.keys().next().value!
}
