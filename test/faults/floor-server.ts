/** The cache's floors of one projector, kept outside of its process: they outlive each kill. */
import { lsnFromHex } from '../../src/cache/floors.ts'
import { LSN_ZERO, type Lsn, maxLsn } from '../../src/domain/lsn.ts'

export interface RaiseRequest {
  /** Sixteen hexadecimal digits. */
  lsn: string
  customers: readonly string[] | 'all'
}

export class FloorServer {
  readonly #server: Bun.Server<undefined>
  readonly #floors = new Map<string, Lsn>()
  #ofAll = LSN_ZERO

  constructor() {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: async (request) => {
        const { lsn, customers } = (await request.json()) as RaiseRequest
        const to = lsnFromHex(lsn) ?? LSN_ZERO
        if (customers === 'all') this.#ofAll = maxLsn(this.#ofAll, to)
        else for (const id of customers) this.#floors.set(id, maxLsn(this.floorOf(id), to))
        return new Response()
      },
    })
  }

  get url(): string {
    return this.#server.url.toString()
  }

  floorOf(customer: string): Lsn {
    return maxLsn(this.#floors.get(customer) ?? LSN_ZERO, this.#ofAll)
  }

  close(): void {
    this.#server.stop(true)
  }
}
