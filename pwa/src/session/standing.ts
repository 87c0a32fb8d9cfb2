/** What the server thinks of a token that somebody brings. */

export type Standing = 'accepted' | 'refused' | 'unknown'

/** A person waits for it. */
const TIMEOUT_MS = 5_000

/** `unknown`: the server can't be reached, or can't tell. Never rejects. */
export async function standingOf(token: string): Promise<Standing> {
  try {
    const { ok, status } = await fetch('/locations', {
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (status === 401) return 'refused'
    return ok || status === 403 ? 'accepted' : 'unknown'
  } catch {
    return 'unknown'
  }
}

interface KnownOptions {
  ask?: (token: string) => Promise<Standing>
  /** Milliseconds before it is asked again at first; twice as many after every time. */
  waitMs?: number
  random?: () => number
  /** Calls it whenever the server may be back; what it returns ends that. */
  onReturn?: (call: () => void) => () => void
}

const WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000

/**
 * What the server thinks of a token, as soon as it can be asked: after a moment, later from time to time, at once when
 * the network is back or somebody looks at the app. Null once it is stopped. Never rejects.
 */
export async function knownStandingOf(
  token: string,
  stop: AbortSignal,
  options: KnownOptions = {},
): Promise<'accepted' | 'refused' | null> {
  const { ask = standingOf, waitMs = WAIT_MS, random = Math.random, onReturn = whenBack } = options
  let wait = waitMs
  /** Also while it is being asked, on the line of before. */
  let isBack = false
  let wake = () => {}
  const forget = onReturn(() => {
    isBack = true
    wake()
  })
  stop.addEventListener('abort', () => wake())
  try {
    for (;;) {
      if (!isBack && !stop.aborted) {
        // Full jitter: a shop full of tablets does not come back as one.
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.ceil(wait * random()))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      if (stop.aborted) return null
      wait = isBack ? waitMs : Math.min(2 * wait, LONGEST_WAIT_MS)
      isBack = false
      const standing = await ask(token)
      if (stop.aborted) return null
      if (standing !== 'unknown') return standing
    }
  } finally {
    forget()
  }
}

function whenBack(call: () => void): () => void {
  const whenSeen = () => {
    if (!document.hidden) call()
  }
  addEventListener('online', call)
  document.addEventListener('visibilitychange', whenSeen)
  return () => {
    removeEventListener('online', call)
    document.removeEventListener('visibilitychange', whenSeen)
  }
}
