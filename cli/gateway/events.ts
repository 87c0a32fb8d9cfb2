/** What is published on a channel, as the server-sent events that @upstash/redis reads. */
import type { RedisLink } from './redis-link.ts'

/** What a slow reader may leave unread before it is cut off. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** A comment, so that a reader that is gone is noticed. */
const ALIVE_MS = 15_000

export class Subscriptions {
  readonly #link: RedisLink
  readonly #ends = new Set<() => void>()

  constructor(link: RedisLink) {
    this.#link = link
  }

  /** One reader's stream; its first event says that it hears. Rejects when Redis is away. */
  async open(kind: 'subscribe' | 'psubscribe', channel: string): Promise<Response> {
    let controller!: ReadableStreamDefaultController<Uint8Array>
    let end = () => {}
    const body = new ReadableStream<Uint8Array>(
      {
        start(to) {
          controller = to
        },
        cancel: () => end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    )
    const write = (text: string) => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(Buffer.from(text))
      else end()
    }
    const leave = await this.#link.subscribe(kind, channel, (message, from) => {
      const head = kind === 'subscribe' ? `message,${from}` : `pmessage,${channel},${from}`
      write(event(`${head},${message}`))
    })
    const alive = setInterval(() => write(':\n\n'), ALIVE_MS)
    end = () => {
      if (!this.#ends.delete(end)) return
      clearInterval(alive)
      leave()
      // Whoever has gone already has closed it.
      if (controller.desiredSize !== null) controller.close()
    }
    this.#ends.add(end)
    write(event(`${kind},${channel},1`))
    return new Response(body, {
      headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' },
    })
  }

  /** Ends all streams. */
  close(): void {
    for (const end of this.#ends) end()
  }
}

/** A line break inside of the data begins another `data:` line, as the format wants it. */
function event(data: string): string {
  const lines = data.split(/\r\n|\r|\n/)
  return `${lines.map((line) => `data: ${line}\n`).join('')}\n`
}
