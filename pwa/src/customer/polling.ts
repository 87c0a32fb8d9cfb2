/**
 * Keeps what is shown up to date, as long as somebody looks: by the stream of the customer's changes, and where
 * there is none by asking every few seconds; less often while nobody answers.
 */
import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { openStream, reachable } from '../api/client.ts'
import type { Failure } from '../api/failure.ts'
import { ChangeFeed } from '../live/change-feed.ts'

const EVERY_MS = 4_000
/** While every change is told: for what a stream can't know of. */
const EVERY_MS_WHEN_LIVE = 60_000
const MAX_WAIT_MS = 60_000
/** Changes that follow each other closer are one. */
const CHANGES_APART_MS = 1_000

/** Whether every change of the customer on the screen appears at once. */
export const isLive = signal(false)

/**
 * Runs `refresh` now and whenever `key` is another, when something of the customer has changed, and again and
 * again, while the tab is visible. It says why it failed, or null; it is asked at once when the tab is seen again
 * or the server is reached again. While it is not, no stream is held.
 */
export function usePolling(
  refresh: () => Promise<Failure | null>,
  key: unknown,
  customerId: string,
): void {
  const latest = useRef(refresh)
  latest.current = refresh
  const polling = useRef<Polling>(null)
  // Before the first frame, not after it: the answers are on their way while it is painted.
  useLayoutEffect(() => {
    polling.current = startPolling(() => latest.current(), customerId)
    return () => polling.current!.stop()
  }, [customerId])
  useLayoutEffect(() => polling.current!.runNow(), [customerId, key])
}

interface Polling {
  runNow(): void
  stop(): void
}

/** As `usePolling`, until it is stopped; `runNow` begins it. */
export function startPolling(refresh: () => Promise<Failure | null>, customerId: string): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined
  let startedAt = Number.NEGATIVE_INFINITY
  let running = false
  /** Before it has, a stream would come between what is waited for and the screen. */
  let hasAsked = false
  let again = false
  let stopped = false
  let failures = 0

  async function run() {
    clearTimeout(timer)
    if (running || stopped || document.hidden) return
    running = true
    again = false
    startedAt = performance.now()
    const failure = await refresh()
    running = false
    hasAsked = true
    if (!stopped) followIfSeen()
    failures = failure ? failures + 1 : 0
    runIn(again ? untilNext() : waitAfter(failure, failures, isLive.peek()))
  }
  function runIn(ms: number) {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(run, ms)
  }
  function runSoon() {
    again = true
    if (!running) runIn(untilNext())
  }
  /** Not by a timer, which would be behind the next frame. */
  function runNow() {
    startedAt = Number.NEGATIVE_INFINITY
    again = true
    void run()
  }
  const untilNext = () => startedAt + CHANGES_APART_MS - performance.now()
  const feed = new ChangeFeed({
    open: (signal) => openStream(`/customers/${customerId}/changes`, signal, 'text/event-stream'),
    onChange: runSoon,
    onLive(live) {
      isLive.value = live
      if (live) runSoon()
      else if (!running) runIn(waitAfter(null, failures, false))
    },
  })
  const followIfSeen = () => (document.hidden || !reachable.peek() ? feed.stop() : feed.start())
  const onVisibility = () => {
    followIfSeen()
    runNow()
  }
  // What was open in another network is not heard of again.
  const onOnline = () => {
    feed.reset()
    onVisibility()
  }
  const unsubscribe = reachable.subscribe((isReachable) => {
    if (!hasAsked) return
    followIfSeen()
    if (isReachable && !running) runNow()
  })
  document.addEventListener('visibilitychange', onVisibility)
  addEventListener('online', onOnline)
  return {
    runNow,
    stop() {
      stopped = true
      unsubscribe()
      feed.stop()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
      removeEventListener('online', onOnline)
    },
  }
}

function waitAfter(failure: Failure | null, failures: number, live: boolean): number {
  if (failure?.retryAfter) return failure.retryAfter * 1000
  const every = live ? EVERY_MS_WHEN_LIVE : EVERY_MS
  return Math.min(every * 2 ** failures, MAX_WAIT_MS)
}
