/**
 * The cache in a Redis behind the Upstash REST protocol. What is atomic is a script. Positions are
 * texts of sixteen hex digits, so that the scripts compare them as text.
 */
import { Redis } from '@upstash/redis/cloudflare'
import { LSN_ZERO, type Lsn, maxLsn } from '../domain/lsn.ts'
import { GONE, lsnFromHex, lsnToHex } from './floors.ts'
import {
  type CacheStore,
  ENTRY_TTL_MS,
  type Fill,
  FLOOR_OUTLIVES,
  FLOOR_TTL_MS,
  type Found,
} from './store.ts'

interface UpstashOptions {
  url: string
  token: string
  /** Bounds what a dead or slow Redis can cost a reader. */
  readTimeoutMs?: number
  /** The projector can wait longer, and raises many floors at once. */
  raiseTimeoutMs?: number
}

const READ_TIMEOUT_MS = 150
const RAISE_TIMEOUT_MS = 2_000
/** A script blocks Redis while it runs: this many floors take well under a millisecond. */
const FLOORS_A_SCRIPT = 500
const LSN_DIGITS = 16

/** Two positions: up to where all floors are raised, and what every floor is at least. */
const MARK = 'pt:mark'
const floorKey = (customerId: string) => `pt:floor:${customerId}`
/** The names of a customer's entries, so that they can be deleted when the person is erased. */
const entriesKey = (customerId: string) => `pt:entries:${customerId}`

/** KEYS: entry, floor, mark, names of entries. ARGV: lsn, entry, entry's ms, floor's ms, names' ms. */
const FILL = `
local mark = redis.call('GET', KEYS[3])
if not mark or #mark ~= 32 or ARGV[1] < string.sub(mark, 17) then return 0 end
local floor = redis.call('GET', KEYS[2])
if floor and #floor == 16 then
  if ARGV[1] < floor then return 0 end
else
  if ARGV[1] < string.sub(mark, 1, 16) then return 0 end
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
end
if redis.call('GETRANGE', KEYS[1], 0, 15) > ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SADD', KEYS[4], KEYS[1])
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return 1`

/**
 * KEYS: floors, and last the mark unless ARGV[3] is `part`. ARGV: lsn, floor's ms, and `part`, `mark` or
 * `all`: whether the mark moves, and with it what every floor is at least; and the mark that Redis has
 * acknowledged last. The mark is set last, as a script that fails half-way is not undone; and it never
 * expires, as without it no answer is stored or fresh. One that was lost comes back as high as can be: what
 * is stored then lies below it. So does one that is lower than was acknowledged: Redis has come back as it
 * was some time ago (a snapshot, a replica that took over), and floors are lower, too. A floor that can't
 * be set, since Redis is full, is deleted: without one nothing is fresh.
 */
const RAISE = `
local floors = #KEYS
if ARGV[3] ~= 'part' then floors = floors - 1 end
local refused
for i = 1, floors do
  local floor = redis.call('GET', KEYS[i])
  if not floor or #floor ~= 16 or floor < ARGV[1] then
    local set = redis.pcall('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
    if set.err then
      refused = set
      redis.call('DEL', KEYS[i])
    end
  end
end
if refused then return refused end
if ARGV[3] == 'part' then return 1 end
local mark = redis.call('GET', KEYS[#KEYS])
if not mark or #mark ~= 32 or string.sub(mark, 1, 16) < ARGV[4] then mark = ARGV[1] .. ARGV[1] end
local raised, base = string.sub(mark, 1, 16), string.sub(mark, 17)
if raised < ARGV[1] then raised = ARGV[1] end
if ARGV[3] == 'all' and base < ARGV[1] then base = ARGV[1] end
if raised .. base ~= redis.call('GET', KEYS[#KEYS]) then redis.call('SET', KEYS[#KEYS], raised .. base) end
return 1`

/**
 * KEYS: floors, each with its names of entries behind it. ARGV: the floor of who is gone, its ms. In one
 * step, so that no fill comes between; and the floor first, as a script that fails half-way is not undone.
 */
const FORGET = `
for i = 1, #KEYS, 2 do
  redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
  for _, entry in ipairs(redis.call('SMEMBERS', KEYS[i + 1])) do redis.call('DEL', entry) end
  redis.call('DEL', KEYS[i + 1])
end
return 1`

/** The store failed; says how, without the command, which the client's own errors repeat. */
export class CacheStoreError extends Error {
  override readonly name = 'CacheStoreError'
}

export class UpstashStore implements CacheStore {
  readonly #reader: UpstashClient
  readonly #writer: UpstashClient
  /** The highest mark that Redis has taken from here. */
  #acknowledged = LSN_ZERO

  constructor({ url, token, readTimeoutMs, raiseTimeoutMs }: UpstashOptions) {
    this.#reader = new UpstashClient(url, token, readTimeoutMs ?? READ_TIMEOUT_MS)
    this.#writer = new UpstashClient(url, token, raiseTimeoutMs ?? RAISE_TIMEOUT_MS)
  }

  async find(key: string, customerId: string): Promise<Found> {
    const [entry, floor, mark] = await this.#texts([key, floorKey(customerId), MARK])
    const [own, base] = [lsnFromHex(floor), baseOf(mark)]
    return { entry: entry ?? null, floor: own && base && maxLsn(own, base) }
  }

  async lastChanges(customerIds: readonly string[]): Promise<Lsn[]> {
    const [mark, ...floors] = await this.#texts([MARK, ...customerIds.map(floorKey)])
    const base = baseOf(mark) ?? LSN_ZERO
    return floors.map((floor) => maxLsn(lsnFromHex(floor) ?? LSN_ZERO, base))
  }

  async fill({ key, customerId, lsn, entry, keepMs }: Fill): Promise<boolean> {
    const keys = [key, floorKey(customerId), MARK, entriesKey(customerId)]
    const times = [keepMs, keepMs * FLOOR_OUTLIVES, ENTRY_TTL_MS].map(String)
    const args = [lsnToHex(lsn), entry, ...times]
    const stored = await this.#reader.ask((redis) => redis.eval(FILL, keys, args))
    if (stored !== 0 && stored !== 1) throw new CacheStoreError('unexpected answer')
    return stored === 1
  }

  async claim(key: string, ms: number): Promise<boolean> {
    const claimed = await this.#reader.ask((redis) =>
      redis.set(`${key}:claim`, '1', { nx: true, px: ms }),
    )
    return claimed === 'OK'
  }

  async raise(lsn: Lsn, customerIds: readonly string[]): Promise<void> {
    const keys = customerIds.map(floorKey)
    // The mark goes with the last floors: until then it does not promise what is not done.
    const last = Math.max(0, Math.ceil(keys.length / FLOORS_A_SCRIPT) - 1) * FLOORS_A_SCRIPT
    for (let from = 0; from < last; from += FLOORS_A_SCRIPT)
      await this.#raise(lsn, keys.slice(from, from + FLOORS_A_SCRIPT), 'part')
    await this.#raise(lsn, [...keys.slice(last), MARK], 'mark')
  }

  raiseAll(lsn: Lsn): Promise<void> {
    return this.#raise(lsn, [MARK], 'all')
  }

  async forget(customerIds: readonly string[]): Promise<void> {
    for (let from = 0; from < customerIds.length; from += FLOORS_A_SCRIPT) {
      const ids = customerIds.slice(from, from + FLOORS_A_SCRIPT)
      const keys = ids.flatMap((id) => [floorKey(id), entriesKey(id)])
      await this.#write(FORGET, keys, [lsnToHex(GONE), String(FLOOR_TTL_MS)])
    }
  }

  /** What is stored under the keys, in their order; null where there is nothing. */
  async #texts(keys: string[]): Promise<(string | null)[]> {
    const found = await this.#reader.ask((redis) => redis.mget<unknown[]>(...keys))
    if (!Array.isArray(found) || found.length !== keys.length)
      throw new CacheStoreError('unexpected answer')
    return found.map((value) => (typeof value === 'string' ? value : null))
  }

  async #raise(lsn: Lsn, keys: string[], what: 'part' | 'mark' | 'all'): Promise<void> {
    const known = lsnToHex(this.#acknowledged)
    await this.#write(RAISE, keys, [lsnToHex(lsn), String(FLOOR_TTL_MS), what, known])
    if (what !== 'part') this.#acknowledged = maxLsn(this.#acknowledged, lsn)
  }

  async #write(script: string, keys: string[], args: string[]): Promise<void> {
    const done = await this.#writer.ask((redis) => redis.eval(script, keys, args))
    if (done !== 1) throw new CacheStoreError('unexpected answer')
  }
}

/** What every floor is at least. */
function baseOf(mark: string | null | undefined): Lsn | null {
  return lsnFromHex(mark?.slice(LSN_DIGITS))
}

/** A client whose calls end in time, bring text as it is, and fail with a `CacheStoreError`. */
export class UpstashClient {
  readonly #redis: Redis
  readonly #timeoutMs: number
  /** Of the call that is being made. */
  #signal = new AbortController().signal

  constructor(url: string, token: string, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#redis = new Redis({
      url,
      token,
      retry: false,
      // A function: with a signal itself an aborted call resolves, to its reason, as if it were data.
      signal: () => this.#signal,
      // Our values are text that is exact as it is; parsing would round big integers.
      automaticDeserialization: false,
      responseEncoding: false,
      enableAutoPipelining: false,
      enableTelemetry: false,
      readYourWrites: false,
    })
  }

  /** The result of one call. The client takes its signal before the call is first waited for. */
  async ask<T>(call: (redis: Redis) => Promise<T>): Promise<T> {
    // Not AbortSignal.timeout: what it makes lives until the time is over, long after the answer.
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), this.#timeoutMs)
    this.#signal = limit.signal
    try {
      return await call(this.#redis)
    } catch (error) {
      throw new CacheStoreError(reasonOf(error))
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Of a Redis error only the code word: the rest may hold keys and values. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code = /^[A-Z]{2,}\b/.exec(error.message)?.[0]
  if (error.name === 'UpstashError') return `Redis answered ${code ?? 'an error'}`
  if (error.name === 'UpstashJSONParseError') return 'the answer was not JSON'
  if (error.name === 'AbortError') return 'timed out'
  return 'unreachable'
}
