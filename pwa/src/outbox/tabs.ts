/** How the tabs of one person on one device agree: who sends, who writes, and what has happened. */
import type { Ending } from './queue.ts'

export type News =
  /** What is stored has changed. */
  | { kind: 'changed' }
  /** An act came to this; whichever tab began it tells its person. */
  | { kind: 'ended'; id: string; ending: Ending }

export interface Tabs {
  /** Runs the work while no other tab is at its own. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /**
   * Runs the work once this tab is the one that sends, which it is until the work ends or the tab dies: then the
   * next one is at once. Nothing is run when the signal is aborted before.
   */
  lead(signal: AbortSignal, work: () => Promise<void>): Promise<void>
  /** To all other tabs. */
  tell(news: News): void
  hear(signal: AbortSignal, listen: (news: News) => void): void
  /** Nothing is told or heard from here on. */
  close(): void
}

/**
 * By Web Locks and a BroadcastChannel; null where the browser has none. `name` is the person's. Only sessions of the
 * same standing send for each other: the server binds a key to the stores of the token that it came with.
 */
export function browserTabs(name: string, standing: string): Tabs | null {
  const { locks } = navigator
  if (!locks || typeof BroadcastChannel === 'undefined') return null
  const prefix = `outbox ${name}`
  const channel = new BroadcastChannel(prefix)
  let closed = false
  return {
    exclusively: (work) => locks.request(`${prefix} writing`, work) as ReturnType<typeof work>,
    async lead(signal, work) {
      await locks.request(`${prefix} sending ${standing}`, { signal }, work).catch((error) => {
        if (!signal.aborted) throw error
      })
    },
    tell(news) {
      if (!closed) channel.postMessage(news)
    },
    hear(signal, listen) {
      channel.addEventListener('message', ({ data }: MessageEvent<News>) => listen(data), {
        signal,
      })
    },
    close() {
      closed = true
      channel.close()
    },
  }
}

/** A tab that knows of no other. */
export function aloneTab(): Tabs {
  let last: Promise<unknown> = Promise.resolve()
  return {
    exclusively(work) {
      const next = last.then(work)
      last = next.catch(() => {})
      return next
    },
    async lead(signal, work) {
      if (!signal.aborted) await work()
    },
    tell() {},
    hear() {},
    close() {},
  }
}
