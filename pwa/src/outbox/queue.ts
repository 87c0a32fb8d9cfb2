/**
 * One person's acts on this device. Each is stored before it is sent. Every tab adds to them and takes away; one
 * tab sends. The store is the truth: a tab's own copy is what it saw last.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { CommandName, Commands } from './commands.ts'
import {
  type Attempt,
  afterAttempt,
  aged,
  attempted,
  awake,
  due,
  type Item,
  inOrder,
  isOpen,
  type KeptFailure,
  MAX_SENDING,
  type NewItem,
  NO_SILENCE,
  newItem,
  nextWait,
  silenceAfter,
  staysOpen,
  waitUntil,
} from './item.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'

/** How an act stands when the one who began it is told. */
export type Ending =
  | { state: 'done'; answer: Commands[CommandName]['answer'] }
  | { state: 'refused'; failure: KeptFailure }
  | { state: 'waiting' }

export interface QueueParts {
  store: Store
  tabs: Tabs
  /** The stores that the session acts for. */
  standing: string
  /** One attempt. Never rejects. */
  send(item: Item): Promise<Attempt>
  clock?: Clock
}

export interface Clock {
  now(): number
  random(): number
  /** Calls it once after so many milliseconds, unless what it returns is called before. */
  after(ms: number, call: () => void): () => void
}

/** The store did not take it: it is full, or gone, or what it holds can't be read; or its person has gone. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

interface Edit {
  put?: Item[]
  remove?: string[]
}

/** Looks after what no event tells of. */
const HEARTBEAT_MS = 30_000
/** So long does a person wait in front of a dialog; an attempt takes less. */
const PATIENCE_MS = 15_000

/** Of hundreds that wait all are due within a minute anyway; each that is woken is written. */
const MAX_AWAKE = 4 * MAX_SENDING

interface Waiter {
  resolve: (ending: Ending) => void
  /** Ends her patience. */
  cancel: () => void
  left: AbortSignal | undefined
}

export class Queue {
  readonly #parts: Omit<QueueParts, 'clock'>
  readonly #clock: Clock
  readonly #items = signal<readonly Item[]>([])
  readonly #readable = signal(true)
  readonly #stop = new AbortController()
  readonly #sending = new Set<string>()
  readonly #waiting = new Map<string, Waiter>()
  /** Whether it is, or waits to become, the tab that sends. */
  #stands = false
  #leads = false
  #silence = NO_SILENCE
  /** The look at what is stored whose turn has not come yet. */
  #looking: Promise<void> | undefined
  #cancelTimer = () => {}
  #cancelLook = () => {}
  /** Ends this tab's turn as the one that sends. */
  #resign = () => {}

  constructor({ clock = browserClock, ...parts }: QueueParts) {
    this.#parts = parts
    this.#clock = clock
  }

  /** In the order in which they were begun. */
  get items(): ReadonlySignal<readonly Item[]> {
    return this.#items
  }

  /**
   * Whether what is stored could be read at last. While it can not, `items` are those of before, nothing is sent by
   * this tab, and it looks again with each heartbeat.
   */
  get readable(): ReadonlySignal<boolean> {
    return this.#readable
  }

  /** Resolves when it knows what is stored, or that it can't; sends from then on whenever its turn comes. */
  async start(): Promise<void> {
    const { signal } = this.#stop
    const { tabs } = this.#parts
    tabs.hear(signal, (news) => {
      if (news.kind === 'changed') void this.#look()
      else void this.#tell(news.id, news.ending)
    })
    await this.#look()
  }

  /** Sends nothing more; what is stored stays. */
  stop(): void {
    this.#stop.abort()
    this.#cancelTimer()
    this.#cancelLook()
    this.#stepDown()
    for (const id of [...this.#waiting.keys()]) this.#claim(id)?.resolve({ state: 'waiting' })
  }

  /**
   * Stores an act under the id, and resolves to its key. With `instead`, the key of the one that has the id as the
   * person looked at it, it takes that one's place. Null: that one does not wait for her any more, or another tab
   * has been quicker. Rejects with NotKept.
   */
  async add(
    id: string,
    act: Omit<NewItem, 'standing' | 'settles'>,
    { instead }: { instead?: string | undefined } = {},
  ): Promise<string | null> {
    const key = crypto.randomUUID()
    const settles = instead !== undefined
    let added = false
    this.#assertOn()
    await this.#change((items) => {
      const before = items.find((item) => item.id === id)
      added = !settles || (before !== undefined && isOpen(before) && before.key === instead)
      if (!added) return {}
      const { standing } = this.#parts
      const now = this.#clock.now()
      // A clock may be set back; the order stays.
      const seq = Math.max(now, ...items.map((item) => item.seq + 1))
      return { put: [newItem({ ...act, standing, settles }, { id, key, seq, now })] }
    })
    return added ? key : null
  }

  /**
   * What was requested under this key is confirmed: it is sent from now on. False: it is requested no more, or with
   * another amount, which is somebody else's to confirm. Rejects with NotKept.
   */
  async confirm(id: string, key: string): Promise<boolean> {
    let confirmed = false
    this.#assertOn()
    await this.#change((items) => {
      const item = items.find((each) => each.id === id)
      confirmed = item?.state === 'requested' && item.key === key
      return confirmed ? { put: [{ ...item!, state: 'queued' }] } : {}
    })
    return confirmed
  }

  /**
   * How the act ends, or that it waits; within 15 s. Ask before the act is stored.
   * @param left aborted when she goes before she was shown how it ended: then it waits, and the list says it
   */
  endingOf(id: string, left?: AbortSignal): Promise<Ending> {
    return new Promise((resolve) => {
      const giveUp = () => this.#claim(id)?.resolve({ state: 'waiting' })
      this.#waiting.set(id, { resolve, cancel: this.#clock.after(PATIENCE_MS, giveUp), left })
      if (left?.aborted) giveUp()
      else left?.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** She does not wait for it any more: it was not begun. */
  giveUp(id: string): void {
    this.#claim(id)?.resolve({ state: 'waiting' })
  }

  /** Takes it away; unless it may have been done since the person looked at it. Rejects with NotKept. */
  async drop({ id, unanswered }: Item): Promise<void> {
    await this.#change((items) => {
      const item = items.find((each) => each.id === id)
      return item && (unanswered || !item.unanswered) ? { remove: [id] } : {}
    })
  }

  /** Takes away all: whoever began them wants none of it any more. Rejects with NotKept. */
  async clear(): Promise<void> {
    await this.#change((items) => ({ remove: items.map(({ id }) => id) }))
  }

  /** Takes away all that are about the customer. Rejects with NotKept. */
  async forgetCustomer(customerId: string): Promise<void> {
    await this.#change((items) => ({
      remove: items.filter(({ lanes }) => lanes.includes(customerId)).map(({ id }) => id),
    }))
  }

  /** The network seems to be back, or a person looks: nothing waits any longer than the server asked for. */
  async wake(): Promise<void> {
    this.#silence = NO_SILENCE
    if (!this.#readable.peek()) return this.#look()
    const now = this.#clock.now()
    if (this.#items.peek().some((item) => awake(item, now) !== item)) {
      await this.#change((items) => ({
        put: items
          .filter((item) => awake(item, now) !== item)
          .slice(0, MAX_AWAKE)
          .map((item) => awake(item, now)),
      })).catch(ignoreNotKept)
    }
    this.#pump()
  }

  /** It sends as soon as no other tab does. */
  #stand(): void {
    if (this.#stands || this.#stop.signal.aborted) return
    this.#stands = true
    const over = () => {
      this.#stands = false
    }
    void this.#parts.tabs.lead(this.#stop.signal, () => this.#lead()).then(over, over)
  }

  /** What is being sent is still waited for: nobody else sends it before. */
  #stepDown(): void {
    this.#leads = false
    if (this.#sending.size > 0) return
    this.#resign()
    if (this.#stop.signal.aborted) this.#parts.tabs.close()
  }

  #lead(): Promise<void> {
    if (this.#stop.signal.aborted || !this.#readable.peek()) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resign = resolve
      this.#leads = true
      // Another tab may have sent, and died, since this one looked.
      void this.#look()
    })
  }

  /** Sends what is due, and comes back when more is. */
  #pump(): void {
    if (!this.#leads || this.#stop.signal.aborted) return
    const { standing } = this.#parts
    const now = this.#clock.now()
    const items = this.#items.peek()
    if (items.some((item) => aged(item, now) !== item)) {
      void this.#change((stored) => agedOf(stored, now)).catch(ignoreNotKept)
    }
    const silence = waitUntil(this.#silence.until, now)
    if (silence === 0)
      for (const item of due(items, { now, standing, sending: this.#sending })) {
        void this.#attempt(item.id)
      }
    this.#cancelTimer()
    const next = silence || (nextWait(items, { now, standing }) ?? HEARTBEAT_MS)
    const wait = Math.min(next, HEARTBEAT_MS)
    this.#cancelTimer = this.#clock.after(wait, () => this.#pump())
  }

  async #attempt(id: string): Promise<void> {
    this.#sending.add(id)
    let kept = true
    try {
      const before = await this.#begin(id)
      // Whoever is signed in by now may be another: what is sent goes with her token.
      if (before && !this.#stop.signal.aborted)
        await this.#finish(before, await this.#parts.send(before))
    } catch (error) {
      ignoreNotKept(error)
      kept = false
    } finally {
      this.#sending.delete(id)
      if (!this.#leads) this.#stepDown()
    }
    if (kept) this.#pump()
  }

  /** Notes the attempt. Null: it was taken away meanwhile. Rejects with NotKept: then nothing may be sent. */
  async #begin(id: string): Promise<Item | null> {
    let before: Item | undefined
    await this.#change((items) => {
      before = items.find((item) => item.id === id && item.state === 'queued')
      return before ? { put: [attempted(before)] } : {}
    })
    return before ?? null
  }

  async #finish(before: Item, result: Attempt): Promise<void> {
    const now = this.#clock.now()
    const moment = { now, random: this.#clock.random() }
    this.#silence = silenceAfter(this.#silence, result, moment)
    const after = afterAttempt(before, result, moment)
    const ending = endingOf(after)
    // From here on nothing else can be said to the person who waits: that she knows is stored with it.
    const waiter = ending.state === 'waiting' ? undefined : this.#claim(before.id)
    const told = waiter !== undefined && !staysOpen(after)
    try {
      await this.#change((items) => {
        const there = items.some(({ id, key }) => id === before.id && key === before.key)
        return there ? agedOf([{ ...after, told }], now, { always: true }) : {}
      })
      if (told) this.#untellWhoLeaves(waiter, after)
    } finally {
      if (waiter) waiter.resolve(ending)
      else await this.#tell(before.id, ending)
      this.#parts.tabs.tell({ kind: 'ended', id: before.id, ending })
    }
  }

  /** Tells the person who waits for it in this tab, and notes that she knows. */
  async #tell(id: string, ending: Ending): Promise<void> {
    const waiter = this.#claim(id)
    if (!waiter) return
    waiter.resolve(ending)
    if (ending.state === 'waiting') return
    let told: Item | undefined
    await this.#change((items) => {
      const item = items.find((each) => each.id === id)
      if (!item || item.told || item.state !== ending.state || staysOpen(item)) return {}
      told = item
      return agedOf([{ ...item, told: true }], this.#clock.now(), { always: true })
    }).catch(ignoreNotKept)
    if (told) this.#untellWhoLeaves(waiter, told)
  }

  /** The one who waits for it in this tab; nobody else can answer her from then on. */
  #claim(id: string): Waiter | undefined {
    const waiter = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiter?.cancel()
    return waiter
  }

  /** She goes between the answer and the sight of it: it is in the list as if nobody had waited. */
  #untellWhoLeaves({ left }: Waiter, item: Item): void {
    const untell = () => {
      void this.#change((items) => {
        const there = items.find(({ id }) => id === item.id)
        // By now another act may have its place.
        return !there || there.key === item.key ? { put: [{ ...item, told: false }] } : {}
      }).catch(ignoreNotKept)
    }
    if (left?.aborted) untell()
    else left?.addEventListener('abort', untell, { once: true })
  }

  /** Once for all that is heard until its turn has come. */
  #look(): Promise<void> {
    this.#looking ??= this.#change(() => {
      this.#looking = undefined
      return {}
    })
      .catch(ignoreNotKept)
      .then(() => {
        this.#looking = undefined
        this.#pump()
      })
    return this.#looking
  }

  #assertOn(): void {
    if (this.#stop.signal.aborted) throw new NotKept('the session has ended')
  }

  /** What is stored. Rejects with NotKept where nobody knows: an edit of a guess would lose what is there. */
  async #read(): Promise<Item[]> {
    const stored = await this.#parts.store.all()
    this.#readable.value = stored !== null
    if (stored) {
      this.#stand()
      return stored
    }
    // Another tab may see better.
    this.#stepDown()
    this.#cancelLook()
    if (!this.#stop.signal.aborted)
      this.#cancelLook = this.#clock.after(HEARTBEAT_MS, () => void this.#look())
    throw new NotKept('what is stored can not be read')
  }

  /** What is stored, changed by one tab at a time. Rejects with NotKept. */
  async #change(edit: (items: readonly Item[]) => Edit): Promise<void> {
    const { store, tabs } = this.#parts
    const changed = await tabs.exclusively(async () => {
      const items = new Map((await this.#read()).map((item) => [item.id, item]))
      const { put = [], remove = [] } = edit([...items.values()])
      try {
        for (const item of put) {
          if (!(await store.put(item))) throw new NotKept('an act could not be stored')
          items.set(item.id, item)
        }
        for (const id of remove) {
          if (!(await store.remove(id))) throw new NotKept('an act could not be taken away')
          items.delete(id)
        }
      } finally {
        this.#items.value = inOrder([...items.values()])
      }
      return put.length + remove.length > 0
    })
    if (!changed) return
    tabs.tell({ kind: 'changed' })
    this.#pump()
  }
}

function agedOf(items: readonly Item[], now: number, { always = false } = {}): Edit {
  const edit = { put: [] as Item[], remove: [] as string[] }
  for (const item of items) {
    const next = aged(item, now)
    if (!next) edit.remove.push(item.id)
    else if (always || next !== item) edit.put.push(next)
  }
  return edit
}

function endingOf({ state, answer, failure }: Item): Ending {
  if (state === 'done') return { state, answer: answer! }
  // What a person had to decide on is hers again.
  if (state === 'refused' || (state === 'requested' && failure))
    return { state: 'refused', failure: failure! }
  return { state: 'waiting' }
}

/** What could not be stored now is tried again with the next heartbeat. */
function ignoreNotKept(error: unknown): void {
  if (!(error instanceof NotKept)) throw error
}

const browserClock: Clock = {
  now: Date.now,
  random: Math.random,
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
