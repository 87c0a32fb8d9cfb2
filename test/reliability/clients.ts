/** Clients that ask an API without pause, and what came of it. */

export interface Seen {
  /** `performance.now()` when the answer was there. */
  at: number
  ms: number
  /** 0: no answer. */
  status: number
  stale: boolean
  hit: boolean
}

/** Patience of a client; a person at a till has less. */
const GIVE_UP_MS = 15_000

export class Clients {
  readonly #working: Promise<void>[] = []
  #stopped = false
  seen: Seen[] = []

  /** @param path the next thing to ask for */
  constructor(url: string, token: string, path: () => string, clients = 4, restMs = 10) {
    const headers = { Authorization: `Bearer ${token}` }
    const work = async () => {
      while (!this.#stopped) {
        this.seen.push(await ask(`${url}${path()}`, headers))
        await Bun.sleep(restMs)
      }
    }
    for (let n = 0; n < clients; n += 1) this.#working.push(work())
  }

  /** What has been seen since the last call. */
  take(): Seen[] {
    return this.seen.splice(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#working)
  }
}

async function ask(url: string, headers: Record<string, string>): Promise<Seen> {
  const began = performance.now()
  const seen = (status: number, stale = false, hit = false) => {
    const at = performance.now()
    return { at, ms: at - began, status, stale, hit }
  }
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(GIVE_UP_MS) })
    const cache = response.headers.get('Cache-Status') ?? ''
    await response.arrayBuffer()
    return seen(response.status, cache.includes('stale'), cache.includes('; hit'))
  } catch {
    return seen(0)
  }
}
