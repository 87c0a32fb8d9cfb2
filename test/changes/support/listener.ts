/** A client of a stream of changes, with the staff app's own reader. */
import { eventsOf, type LiveEvent } from '../../../pwa/src/live/events.ts'
import { until } from '../../projector/support/until.ts'

export interface Told {
  name: string
  customerId: string
  lsn?: string
}

export class Listener {
  readonly told: Told[] = []
  /** Whether the server has ended the stream. */
  ended = false
  readonly #reading: AbortController

  private constructor(body: ReadableStream<Uint8Array>, reading: AbortController) {
    this.#reading = reading
    void this.#read(body)
  }

  /** @param open sends the request; rejects unless the answer is a stream */
  static async open(open: (signal: AbortSignal) => Response | Promise<Response>) {
    const reading = new AbortController()
    const response = await open(reading.signal)
    if (response.headers.get('Content-Type') !== 'text/event-stream')
      throw new Error(`${response.status} ${await response.text()}`)
    return new Listener(response.body!, reading)
  }

  /** Resolves to the nth of what was told, counted from 1. */
  nth(n: number): Promise<Told> {
    return until(() => this.told[n - 1], `an event ${n}, after ${JSON.stringify(this.told)}`)
  }

  untilEnded(): Promise<boolean> {
    return until(() => this.ended, 'the end of the stream')
  }

  /** Goes away without a word. */
  leave(): void {
    this.#reading.abort()
  }

  async #read(body: ReadableStream<Uint8Array>) {
    try {
      for await (const event of eventsOf(body)) if (event) this.told.push(toldBy(event))
    } catch (error) {
      if (!this.#reading.signal.aborted) throw error
    }
    this.ended = true
  }
}

function toldBy({ name, data }: NonNullable<LiveEvent>): Told {
  return { name, ...JSON.parse(data) }
}
