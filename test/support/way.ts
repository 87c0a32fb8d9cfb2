import { connect, createServer, type Server, type Socket } from 'node:net'

/** The way to a database, which can be cut and mended. It keeps its port. */
export class Way {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  /** Whether bytes get through; while they do not, connections stay open and silent. */
  passes = true

  constructor(url: string) {
    this.#target = new URL(url)
  }

  get url(): string {
    const url = new URL(this.#target)
    url.port = String(this.#port)
    return url.href
  }

  async mend(): Promise<void> {
    this.#server = createServer((from) => {
      const to = connect(Number(this.#target.port), this.#target.hostname)
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(one)
        one.on('data', (bytes) => this.passes && other.write(bytes))
        one.on('close', () => other.destroy())
        one.on('error', () => other.destroy())
      }
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(this.#port, '127.0.0.1', resolve)
    await promise
    this.#port = (this.#server.address() as { port: number }).port
  }

  async cut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.#server?.close(resolve)
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    await promise
  }
}
