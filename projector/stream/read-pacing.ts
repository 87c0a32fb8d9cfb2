/**
 * A server sends each row by itself, and a reader that keeps up is woken for each: under load the
 * waking costs more than the rows. So a reader that is woken often rests for a moment, and then takes
 * what has gathered in one piece. A quiet stream is read at once. Pure.
 */

/** How long to rest, milliseconds: what load may add to the way of a row. */
export const REST_MS = 3
/**
 * Chunks that follow each other this closely are one burst, milliseconds. Rests do not count: sales that
 * come one by one, hundreds a second, are no burst and are read at once.
 */
const BURST_GAP_MS = 1
/** A burst of more than this many chunks is load: a single sale is shorter. */
const BURST_CHUNKS = 12
/** A chunk of this size has gathered enough already, bytes. */
const LARGE_CHUNK = 32_768

export class ReadPacing {
  #chunks = 0
  #lastMs = 0

  /** Whether to rest after this chunk. */
  shouldRest(bytes: number, nowMs: number): boolean {
    const follows = nowMs - this.#lastMs <= BURST_GAP_MS
    this.#lastMs = nowMs
    this.#chunks = follows ? this.#chunks + 1 : 1
    return bytes < LARGE_CHUNK && this.#chunks > BURST_CHUNKS
  }

  /** A rest has ended: what comes at once was waiting. */
  rested(nowMs: number): void {
    this.#lastMs = nowMs
  }
}
