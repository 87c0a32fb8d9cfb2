/**
 * Who is told when a customer has changed. While anybody watches, the cache is asked some times a second for
 * where each watched customer was last changed; one that rose makes one look for all who see the same of the
 * customer, and they are told if that look shows a difference.
 *
 *   positions ─ none rose ─▶ (nothing)
 *       └ rose ─▶ look ─ differs, or the scope sees all ─▶ told
 *                  ├ behind that position, or the store is away ─▶ again, less and less often
 *                  └ erased, gone ─▶ told, over
 *
 * Nothing has to arrive for it to be right: what happens while the cache, the store or the projector is away
 * is found by the next comparison. Once a minute there is a look in any case.
 */
import { LSN_ZERO, type Lsn, maxLsn } from '../../domain/lsn.ts'
import { type Scope, seenLocations } from '../../domain/scope.ts'
import { CustomerErased } from '../../read/customer.ts'
import { Problem } from '../problem.ts'

/** What a scope sees of a customer. */
export interface Sight {
  /** Whose it is: the survivor's, after a merge. */
  customerId: string
  /** What is at or below it has been seen. */
  position: Lsn
  /** Equal where all is equal that the scope sees. */
  digest: string
}

/** Rejects with CustomerErased, with a 404 problem, or when there is nothing to see now. */
export type Look = () => Promise<Sight>

export interface Watcher {
  changed(customerId: string, lsn: Lsn): void
  erased(customerId: string): void
  /** There is no such customer any more. */
  gone(): void
}

export interface ChangeWatchOptions {
  /** See `AnswerCache.lastChanges`. */
  lastChanges(customerIds: readonly string[]): Promise<Lsn[] | null>
  /** Milliseconds between two comparisons. */
  everyMs: number
  /** Milliseconds between two looks that nothing gave a reason for. */
  lookEveryMs?: number
}

/** All who see the same of one customer. */
interface Group {
  readonly customerId: string
  readonly seesAll: boolean
  readonly look: Look
  readonly watchers: Set<Watcher>
  readonly begun: Promise<void>
  /** Null before the first look. */
  sight: Sight | null
  /** Changes up to it have been looked at. */
  seenTo: Lsn
  looking: boolean
  /** `performance.now()` from which there may be, and will be, another look. */
  notBefore: number
  lookAt: number
  failures: number
}

const LOOK_EVERY_MS = 60_000
/** Looks at once: the rest of the connections is for those who ask. */
const MAX_LOOKS = 4
const FIRST_PAUSE_MS = 100
const LAST_PAUSE_MS = 5_000

export class ChangeWatch {
  readonly #options: Required<ChangeWatchOptions>
  readonly #groups = new Map<string, Group>()
  #looks = 0
  #running = false

  constructor(options: ChangeWatchOptions) {
    this.#options = { lookEveryMs: LOOK_EVERY_MS, ...options }
  }

  /**
   * Resolves once every later change will be told, to what ends it. Rejects as `look` does.
   * @param look the same for all watchers with this scope and customer
   */
  async watch(scope: Scope, customerId: string, look: Look, watcher: Watcher): Promise<() => void> {
    const name = `${scope.businessId} ${scope.key} ${customerId}`
    let group = this.#groups.get(name)
    if (!group) {
      group = this.#begin(customerId, seenLocations(scope) === 'all', look)
      this.#groups.set(name, group)
    }
    const joined = group
    joined.watchers.add(watcher)
    const leave = () => {
      joined.watchers.delete(watcher)
      if (joined.watchers.size === 0) this.#remove(name, joined)
    }
    try {
      await joined.begun
    } catch (error) {
      leave()
      throw error
    }
    if (!this.#running) void this.#run()
    return leave
  }

  #begin(customerId: string, seesAll: boolean, look: Look): Group {
    // The position first: a change that comes between the two is looked at once more.
    const first = async () => {
      const [position] = (await this.#options.lastChanges([customerId])) ?? []
      group.seenTo = position ?? LSN_ZERO
      group.sight = await look()
    }
    const group: Group = {
      customerId,
      seesAll,
      look,
      watchers: new Set(),
      begun: Promise.resolve().then(first),
      sight: null,
      seenTo: LSN_ZERO,
      looking: false,
      notBefore: 0,
      lookAt: performance.now() + this.#options.lookEveryMs,
      failures: 0,
    }
    return group
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#groups.size > 0) {
      await this.#compare()
      await new Promise((resolve) => setTimeout(resolve, this.#options.everyMs))
    }
    this.#running = false
  }

  async #compare(): Promise<void> {
    const groups = [...this.#groups].filter(([, { sight, looking }]) => sight && !looking)
    const ids = [...new Set(groups.flatMap(([, group]) => idsOf(group)))]
    const positions = await this.#options.lastChanges(ids)
    const last = new Map(positions?.map((position, at) => [ids[at]!, position]))
    const now = performance.now()
    for (const [name, group] of groups) {
      if (this.#looks >= MAX_LOOKS) return
      const changedAt = idsOf(group)
        .map((id) => last.get(id) ?? LSN_ZERO)
        .reduce(maxLsn)
      const isDue = changedAt > group.seenTo || now >= group.lookAt
      if (isDue && now >= group.notBefore && this.#groups.get(name) === group)
        void this.#lookAt(name, group, changedAt)
    }
  }

  async #lookAt(name: string, group: Group, changedAt: Lsn): Promise<void> {
    group.looking = true
    this.#looks += 1
    try {
      const sight = await group.look()
      // Read from a replica that has not come so far, or erased a moment ago.
      if (sight.position < changedAt) return this.#pause(name, group)
      const rose = changedAt > group.seenTo
      const isNew = sight.digest !== group.sight!.digest || (group.seesAll && rose)
      group.sight = sight
      group.seenTo = maxLsn(group.seenTo, changedAt)
      group.failures = 0
      group.lookAt = performance.now() + this.#options.lookEveryMs
      this.#moveBack(name, group)
      const lsn = rose ? changedAt : sight.position
      if (isNew) for (const watcher of group.watchers) watcher.changed(sight.customerId, lsn)
    } catch (error) {
      const tell = lastWordOf(error)
      if (!tell) return this.#pause(name, group)
      this.#remove(name, group)
      for (const watcher of group.watchers) tell(watcher)
    } finally {
      group.looking = false
      this.#looks -= 1
    }
  }

  #pause(name: string, group: Group): void {
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** group.failures, LAST_PAUSE_MS)
    group.failures += 1
    group.notBefore = performance.now() + ms
    this.#moveBack(name, group)
  }

  /** Who was looked at waits behind those who were not. */
  #moveBack(name: string, group: Group): void {
    if (this.#remove(name, group)) this.#groups.set(name, group)
  }

  /** Whether it was there: the name may be another group's by now. */
  #remove(name: string, group: Group): boolean {
    return this.#groups.get(name) === group && this.#groups.delete(name)
  }
}

/** Null for a failure that passes. */
function lastWordOf(error: unknown): ((watcher: Watcher) => void) | null {
  if (error instanceof CustomerErased) return (watcher) => watcher.erased(error.customerId)
  const isGone = error instanceof Problem && error.kind === 'customer-not-found'
  return isGone ? (watcher) => watcher.gone() : null
}

/** Whose changes may be changes of what is seen: an undone merge may show in the merged id alone. */
function idsOf({ customerId, sight }: Group): string[] {
  const survivor = sight!.customerId
  return survivor === customerId ? [customerId] : [customerId, survivor]
}
