/**
 * A device with tabs that can die at any moment, a clock that goes when it is told to, and a server with a bad
 * line: what the outbox stands on, without a browser.
 */
import { Failure, type Problem } from '../../../pwa/src/api/failure.ts'
import type { Attempt, Item } from '../../../pwa/src/outbox/item.ts'
import { type Clock, Queue } from '../../../pwa/src/outbox/queue.ts'
import type { News, Tabs } from '../../../pwa/src/outbox/tabs.ts'

/** What becomes of one request. */
export type Fate =
  | 'answered'
  | 'lost-before'
  | 'lost-after'
  | 'busy'
  | 'refused'
  /** By the door, which does not look at the key. */
  | 'denied'
  | 'signed-out'

const LINE_MS = 50
/** What one who is dead waits for. */
const NEVER = new Promise<never>(() => {})

export class FakeServer {
  /** Keys, in the order in which their acts were done. */
  readonly done: string[] = []
  readonly #answers = new Map<string, Attempt>()
  /** Of the next requests; later ones are answered. */
  fates: Fate[] = []
  /** Lanes whose requests are never answered. */
  readonly doomed = new Set<string>()
  requests = 0
  /** Keys of acts that were sent, and were on no disk. */
  readonly unkept: string[] = []
  atOnce = 0
  mostAtOnce = 0

  async answer({ key, lanes }: Item, clock: FakeClock): Promise<Attempt> {
    this.requests += 1
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    const fate = this.fates.shift() ?? 'answered'
    await clock.sleep(LINE_MS)
    this.atOnce -= 1
    if (fate === 'lost-before' || lanes.some((lane) => this.doomed.has(lane)))
      return { failure: new Failure('offline') }
    if (fate === 'busy') return { failure: failure('unavailable', 'source-busy', 1) }
    if (fate === 'signed-out') return { failure: failure('signed-out', 'invalid-token') }
    if (fate === 'denied') return { failure: failure('forbidden', 'not-permitted') }
    if (!this.#answers.has(key)) {
      if (fate !== 'refused') this.done.push(key)
      this.#answers.set(
        key,
        fate === 'refused'
          ? { failure: failure('conflict', 'more-than-remains') }
          : { answer: { mergeId: key, moved: { sale: 1, order: 0 } } },
      )
    }
    return fate === 'lost-after' ? { failure: new Failure('offline') } : this.#answers.get(key)!
  }
}

function failure(kind: Failure['kind'], problem: string, retryAfter: number | null = null) {
  const body = { kind: problem, detail: null, culprit: null, instance: null } as Problem
  return new Failure(kind, retryAfter, body)
}

class FakeClock implements Clock {
  #now = 1_800_000_000_000
  #timers: { at: number; call: () => void }[] = []

  now = () => this.#now
  random = () => 0.999

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve))
  }

  /** Lets so much time go by, with all that happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await idle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((each) => each !== next)
      this.#now = Math.max(this.#now, next.at)
      next.call()
      await idle()
    }
    this.#now = end
  }
}

/** Nothing here waits for anything but promises and the clock. */
function idle(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve))
}

export class FakeDevice {
  readonly clock = new FakeClock()
  readonly disk = new Map<string, Item>()
  full = false
  /** What is on the disk can't be read. */
  unreadable = false
  /** Called with what has just been written. */
  onPut: (item: Item) => void = () => {}
  readonly #tabs = new Set<FakeTab>()
  #writing: Promise<unknown> = Promise.resolve()
  #leading: Promise<unknown> = Promise.resolve()

  constructor(readonly server: FakeServer) {}

  async open(): Promise<FakeTab> {
    const tab: FakeTab = new FakeTab(this)
    this.#tabs.add(tab)
    await tab.queue.start()
    return tab
  }

  tabsOf(tab: FakeTab): Tabs {
    return {
      exclusively: (work) => {
        const mine = this.#writing.then(() => (tab.dead ? NEVER : work()))
        this.#writing = Promise.race([mine.catch(() => {}), tab.death])
        return mine
      },
      lead: (signal, work) => {
        const mine = this.#leading.then(() => (signal.aborted || tab.dead ? undefined : work()))
        this.#leading = Promise.race([mine, tab.death])
        return mine
      },
      tell: (news) => {
        for (const other of this.#tabs) if (other !== tab && !tab.dead) other.hear(news)
      },
      hear: (_signal, listen) => {
        tab.hear = (news) => queueMicrotask(() => tab.dead || listen(structuredClone(news)))
      },
      close: () => {
        tab.closed = true
      },
    }
  }

  /** It dies as a page that is killed: it writes, sends and hears nothing more. */
  kill(tab: FakeTab): void {
    this.#tabs.delete(tab)
    tab.die()
  }
}

export class FakeTab {
  dead = false
  /** Whether it tells and hears nothing more. */
  closed = false
  /** It alone can't read what is on the disk. */
  blind = false
  die = () => {}
  hear: (news: News) => void = () => {}
  readonly death = new Promise<void>((resolve) => {
    this.die = () => {
      this.dead = true
      resolve()
    }
  })
  readonly queue: Queue

  constructor(device: FakeDevice) {
    const { clock, disk, server } = device
    const alive = <T>(work: () => T): Promise<T> => (this.dead ? NEVER : Promise.resolve(work()))
    this.queue = new Queue({
      standing: 'all',
      clock: {
        now: clock.now,
        random: clock.random,
        after: (ms, call) => clock.after(ms, () => this.dead || call()),
      },
      store: {
        all: () =>
          alive(() =>
            device.unreadable || this.blind ? null : structuredClone([...disk.values()]),
          ),
        put: (item) =>
          alive(() => {
            if (device.full) return false
            disk.set(item.id, structuredClone(item))
            device.onPut(item)
            return true
          }),
        remove: (id) =>
          alive(() => {
            if (!device.full) disk.delete(id)
            return !device.full
          }),
      },
      tabs: device.tabsOf(this),
      send: async (item) => {
        if (this.dead) return NEVER
        if (disk.get(item.id)?.key !== item.key) server.unkept.push(item.key)
        const answer = await server.answer(item, clock)
        return this.dead ? NEVER : answer
      },
    })
  }
}
