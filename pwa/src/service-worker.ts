/** The shell's copy on the device, and the news that a newer one waits. */
import { signal } from '@preact/signals'

/** A newer version is ready and waits to be asked in. */
export const updateReady = signal<ServiceWorker | null>(null)

/** Not while developing, when the files change under it. */
export function startServiceWorker(): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  const container = navigator.serviceWorker
  void container.register('/sw.js', { updateViaCache: 'none' }).then(watch, () => {
    // Forbidden, or no secure context: the app works, and needs the network to open.
  })
}

/** Lets the newer version in, and starts the app anew in it. */
export function applyUpdate(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  })
  waiting.postMessage('take-over')
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = () => {
    // The first one ever has nothing to replace.
    if (registration.waiting && navigator.serviceWorker.controller)
      updateReady.value = registration.waiting
  }
  look()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
  // A till's tab stays open for weeks.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void registration.update().catch(() => {})
  })
}
