/**
 * Keeps the shell on the device, so that the app opens at once and without a network. It keeps nothing
 * else: an answer of the API in Cache Storage would outlive a sign-out and an erasure.
 *
 * A version's files are stored together when it installs, and served together: never the new page with the
 * old script. The next version waits until nobody uses this one, or until the page asks for it.
 */
/// <reference lib="webworker" />
import { isScreen } from '../delivery.ts'

/** The build puts the list in here. */
declare const __SHELL__: { version: string; paths: string[] }

const scope = globalThis as unknown as ServiceWorkerGlobalScope
const { version, paths } = __SHELL__
const PREFIX = 'shell-'
const NAME = PREFIX + version

scope.addEventListener('install', (event) => {
  // Past the browser's own cache: a version is whole, or it is not installed.
  const requests = paths.map((path) => new Request(path, { cache: 'no-cache' }))
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)))
})

scope.addEventListener('activate', (event) => {
  event.waitUntil(removeOthers().then(() => scope.clients.claim()))
})

scope.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void scope.skipWaiting()
})

scope.addEventListener('fetch', (event) => {
  const path = shellPath(event.request)
  if (path !== undefined) event.respondWith(fromShell(path, event.request))
})

/** The shell's file that answers the request; undefined for all that is none of its business. */
function shellPath({ method, url, mode }: Request): string | undefined {
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== scope.location.origin) return undefined
  if (mode === 'navigate') return isScreen(pathname) ? '/' : undefined
  return paths.includes(pathname) ? pathname : undefined
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(NAME)
  return (await cache.match(path)) ?? fetch(request)
}

async function removeOthers(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME)
  await Promise.all(old.map((name) => caches.delete(name)))
}
