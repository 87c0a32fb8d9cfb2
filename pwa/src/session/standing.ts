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
