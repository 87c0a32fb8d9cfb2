/**
 * How the built app is delivered, said once for every server of it: `pt up` reads it, and the build writes it
 * into `_headers` for the Worker's static assets.
 */

/** Nothing inline, nothing from elsewhere; the API is on the same origin. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** On every file of the app. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), geolocation=(), microphone=(), payment=(), serial=(self), usb=(self)',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** Files below this path have a hash of their content in their name. */
export const HASHED = '/assets/'

/** How long a file may be kept: one whose name tells its content for ever, any other only if asked again. */
export function cacheControl(path: string): string {
  return path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache'
}

/**
 * The addresses that `index.html` answers; `*` stands for what follows. None is the API's. wrangler.toml names
 * them too.
 */
export const SCREENS = ['/', '/c/*', '/p/*', '/outbox'] as const

/** Whether the address is a screen of the app. */
export function isScreen(path: string): boolean {
  return SCREENS.some((screen) =>
    screen.endsWith('*') ? path.startsWith(screen.slice(0, -1)) : path === screen,
  )
}
