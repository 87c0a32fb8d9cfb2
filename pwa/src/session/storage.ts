/**
 * What a tab remembers: gone when it is closed, and at sign-out. A browser that forbids storage remembers
 * nothing, and the app works on.
 */

const PREFIX = 'pt.'

export function remember(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // Full, or forbidden: it only has to be typed again.
  }
}

export function remembered<T>(key: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null')
  } catch {
    return null
  }
}

/** All of it. */
export function forget(): void {
  try {
    sessionStorage.clear()
  } catch {
    // Forbidden: there is nothing.
  }
}
