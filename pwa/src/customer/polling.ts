/** Asks again every few seconds, as long as somebody looks, and less often while nobody answers. */
import { useEffect } from 'preact/hooks'
import type { Failure } from '../api/failure.ts'

const EVERY_MS = 4_000
const MAX_WAIT_MS = 60_000

/**
 * Runs `refresh` now, and again and again while the tab is visible. It says why it failed, or null; it is
 * asked at once when the tab is seen again or the network is back.
 */
export function usePolling(refresh: () => Promise<Failure | null>, key: unknown): void {
  useEffect(() => startPolling(refresh), [key])
}

function startPolling(refresh: () => Promise<Failure | null>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let stopped = false
  let failures = 0

  async function run() {
    clearTimeout(timer)
    if (running || stopped || document.hidden) return
    running = true
    const failure = await refresh()
    running = false
    failures = failure ? failures + 1 : 0
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(run, waitAfter(failure, failures))
  }
  const wake = () => void run()
  document.addEventListener('visibilitychange', wake)
  addEventListener('online', wake)
  wake()
  return () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', wake)
    removeEventListener('online', wake)
  }
}

function waitAfter(failure: Failure | null, failures: number): number {
  if (failure?.retryAfter) return failure.retryAfter * 1000
  return Math.min(EVERY_MS * 2 ** failures, MAX_WAIT_MS)
}
