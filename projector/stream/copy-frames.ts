/**
 * Takes the CopyData messages of a connection out of the driver's hands. The driver makes several
 * objects and events of each, which costs more than decoding it does; here a message is a range of the
 * bytes that came from the socket. Everything else (errors, the end of the copy) goes on to the driver.
 */

/** The part of a socket that is used. */
export interface DataSocket {
  listeners(event: 'data'): unknown[]
  removeAllListeners(event: 'data'): void
  on(event: 'data', listener: (chunk: Buffer) => void): void
}

/** Gets a message's content as `buffer[at..end)`; the bytes are only good during the call. */
type CopyDataListener = (buffer: Buffer, at: number, end: number) => void

const COPY_DATA = 0x64
/** A tag and a length that counts itself. */
const HEADER = 5

/**
 * Must be called between two messages: when the driver has no answer outstanding.
 * @param onChunk called after each chunk of bytes with its length
 */
export function interceptCopyData(
  socket: DataSocket,
  onCopyData: CopyDataListener,
  onChunk: (bytes: number) => void,
): void {
  const driver = socket.listeners('data') as ((chunk: Buffer) => void)[]
  const frames = new CopyFrames(onCopyData, (message) => {
    for (const listener of driver) listener(message)
  })
  socket.removeAllListeners('data')
  socket.on('data', (chunk) => {
    frames.push(chunk)
    onChunk(chunk.length)
  })
}

/** Cuts a byte stream into protocol messages, whatever the boundaries of its chunks. */
export class CopyFrames {
  readonly #onCopyData: CopyDataListener
  readonly #onOther: (message: Buffer) => void
  /** The beginning of a message whose end has not come, in parts: it may be far larger than a chunk. */
  #parts: Buffer[] = []
  #held = 0
  #needed = 0

  constructor(onCopyData: CopyDataListener, onOther: (message: Buffer) => void) {
    this.#onCopyData = onCopyData
    this.#onOther = onOther
  }

  push(chunk: Buffer): void {
    let buffer = chunk
    if (this.#held > 0) {
      this.#parts.push(chunk)
      this.#held += chunk.length
      if (this.#held < this.#needed) return
      buffer = Buffer.concat(this.#parts, this.#held)
      this.#parts = []
      this.#held = 0
    }
    let at = 0
    let needed = HEADER
    while (buffer.length - at >= HEADER) {
      const size = 1 + buffer.readUInt32BE(at + 1)
      if (buffer.length - at < size) {
        needed = size
        break
      }
      const end = at + size
      if (buffer[at] === COPY_DATA) this.#onCopyData(buffer, at + HEADER, end)
      else this.#onOther(buffer.subarray(at, end))
      at = end
    }
    if (at < buffer.length) {
      this.#parts = [buffer.subarray(at)]
      this.#held = buffer.length - at
      this.#needed = needed
    }
  }
}
