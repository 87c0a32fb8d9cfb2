/**
 * One answer of server-sent events, whose text is made when the client is ready for more: for one that reads
 * slowly, or not at all, the newest event waits, and no more.
 */

/** Milliseconds after which a browser's own EventSource comes back. */
const RETRY = 'retry: 2000\n\n'
const BEAT = ':\n\n'

const encoder = new TextEncoder()

export class EventStream {
  readonly body: ReadableStream<Uint8Array>
  /** What goes out next. At first something does at once, so that the answer begins. */
  #text = RETRY
  #ended = false
  #wake: (() => void) | null = null

  /** @param onGone called when the client is gone */
  constructor(onGone: () => void) {
    this.body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          while (this.#text === '' && !this.#ended) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve
            })
          }
          if (this.#text === '') return controller.close()
          controller.enqueue(encoder.encode(this.#text))
          this.#text = ''
        },
        cancel: () => {
          this.#text = ''
          onGone()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** Stands for what has not gone out yet, too. */
  send({ name, id, data }: { name: string; id?: string; data: object }): void {
    const position = id === undefined ? '' : `id: ${id}\n`
    this.#say(`event: ${name}\n${position}data: ${JSON.stringify(data)}\n\n`)
  }

  /** Shows both sides, and what is between them, that the connection is there. */
  beat(): void {
    if (this.#text === '') this.#say(BEAT)
  }

  /** The answer is over when what waits has gone out. Nothing can be said after it. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  #say(text: string): void {
    if (this.#ended) return
    this.#text = text
    this.#wake?.()
  }
}
