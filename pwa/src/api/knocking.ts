/**
 * Finds out whether the server is reached when nothing else asks it: when the browser says that the network has gone
 * or is back, when the app is looked at again, and while nobody answers, again and again. What the browser says of the
 * network decides nothing: it is an occasion to knock.
 */
import type { ReadonlySignal } from '@preact/signals'
import { reachable, reaches } from './client.ts'

/** Until the first knock; twice as long until each other. */
const WAIT_MS = 1_000
/** A server that is back is noticed within this. One that was there for so long is there. */
const LONGEST_WAIT_MS = 15_000

interface KnockingOptions {
  /** Whether the last request reached the server, whoever sent it. */
  reachable: ReadonlySignal<boolean>
  /** Sends one, which is told by `reachable`. Never rejects. */
  knock(signal: AbortSignal): Promise<boolean>
  /** Where `online`, `offline` and `visibilitychange` are heard. */
  events: EventTarget
  isHidden(): boolean
  /** Calls it once, in so many milliseconds, unless the function that it returns is called before. */
  later(run: () => void, ms: number): () => void
  random?: () => number
}

/** Goes on until the function that it returns is called. */
export function startKnocking(options: KnockingOptions = inBrowser()): () => void {
  const { reachable, events, isHidden, later, random = Math.random } = options
  let forget = () => {}
  let running: AbortController | null = null
  let waits = 0

  async function knock() {
    forget()
    // It was sent into another network, if it was.
    running?.abort()
    if (isHidden()) return
    const mine = new AbortController()
    running = mine
    const isThere = await options.knock(mine.signal)
    if (running !== mine) return
    running = null
    if (!isThere) knockLater()
  }
  function knockLater() {
    const longest = Math.min(WAIT_MS * 2 ** waits, LONGEST_WAIT_MS)
    waits += 1
    forget()
    // For every device another time: a server that comes back is not met by all of a shop at once.
    forget = later(() => void knock(), longest * (0.5 + 0.5 * random()))
  }
  const onChange = () => {
    waits = 0
    void knock()
  }
  const types = ['online', 'offline', 'visibilitychange']
  for (const type of types) events.addEventListener(type, onChange)
  const unsubscribe = reachable.subscribe((isReachable) => {
    if (!isReachable) {
      if (!running) knockLater()
      return
    }
    forget()
    // A line on which a knock comes through and nothing else is not tried ever again at once.
    forget = later(() => {
      waits = 0
    }, LONGEST_WAIT_MS)
  })
  return () => {
    for (const type of types) events.removeEventListener(type, onChange)
    unsubscribe()
    forget()
    running?.abort()
    running = null
  }
}

/** `visibilitychange` comes up from the document to the window. */
function inBrowser(): KnockingOptions {
  return {
    reachable,
    knock: reaches,
    events: globalThis,
    isHidden: () => document.hidden,
    later(run, ms) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
}
