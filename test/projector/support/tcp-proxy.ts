/**
 * A TCP proxy before a server that can let connections go dead without closing them, as a crashed host
 * or a firewall does: nothing comes through any more, not even an error.
 */
import net from 'node:net'

export class TcpProxy {
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()
  #dead = new WeakSet<net.Socket>()
  #open = true
  #port = 0
  #cutAt = Number.POSITIVE_INFINITY
  #sendsLast = false
  /** Bytes that did not come through. */
  swallowed = 0
  /** How long every piece of data is held back, either way, milliseconds. */
  delayMs = 0

  private constructor(server: net.Server) {
    this.#server = server
  }

  /** @returns the proxy, and the URL with its port in place of the server's */
  static async before(url: string): Promise<{ proxy: TcpProxy; url: string }> {
    const address = new URL(url)
    const behind = Number(address.port)
    const server = net.createServer((client) => proxy.#forward(client, behind))
    const proxy = new TcpProxy(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy.#port = (server.address() as net.AddressInfo).port
    address.port = String(proxy.#port)
    return { proxy, url: address.toString() }
  }

  /** Ends all connections at once, in the middle of whatever they carry. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /**
   * Ends all connections at the client's n-th message from now on: before it is passed on, or just after.
   */
  cutAt(n: number, when: 'before' | 'after'): void {
    this.#cutAt = n
    this.#sendsLast = when === 'after'
  }

  /** Whether the message to cut at is still to come. */
  get isArmed(): boolean {
    return this.#cutAt > 0
  }

  /** Nothing comes through any more: neither on open connections nor on new ones. */
  freeze(): void {
    this.#open = false
    for (const socket of this.#sockets) this.#dead.add(socket)
  }

  /** New connections come through again; those that went dead stay so. */
  thaw(): void {
    this.#open = true
  }

  /** Closes the dead connections on the server's side, as its own keepalive would in time. */
  reset(): void {
    for (const socket of this.#sockets) if (this.#dead.has(socket)) socket.destroy()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  /** Ends all connections and takes no more, as a server does that was killed. */
  async refuse(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Takes connections again, where it did. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
  }

  #pass(to: net.Socket, data: string | Buffer) {
    if (this.delayMs === 0) to.write(data)
    else setTimeout(() => to.write(data), this.delayMs)
  }

  #forward(client: net.Socket, port: number) {
    const server = net.connect(port, '127.0.0.1')
    const pair = [client, server] as const
    for (const [from, to] of [pair, [server, client] as const]) {
      this.#sockets.add(from)
      if (!this.#open) this.#dead.add(from)
      from.on('data', (data) => {
        const isCut = from === client && --this.#cutAt === 0
        if (this.#dead.has(from)) this.swallowed += data.length
        else if (!isCut) this.#pass(to, data)
        else if (this.#sendsLast) to.write(data, () => this.cut())
        else this.cut()
      })
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        if (!this.#dead.has(from)) to.destroy()
      })
    }
  }
}
