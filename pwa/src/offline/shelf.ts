/**
 * The place of one answer of the API on this device: put there when the server has given or confirmed it, taken from
 * there when somebody asks for it again.
 */
import { currentVault } from '../vault/current.ts'
import { wasErased } from './kept-customers.ts'
import { KEEP_MS } from './lifetime.ts'

export interface Kept<T> {
  body: T
  etag: string | null
  /** When the server last said so; milliseconds since 1970. */
  checkedAt: number
}

/** How much older `checkedAt` on the disk may be than it is, while the answer is the same. */
const WRITE_AFTER_MS = 60_000

export class Shelf<T> {
  readonly #address: string
  readonly #customerId: string | null
  /** The one of who asked. An answer that comes when another has signed in is not put into hers. */
  readonly #vault = currentVault.peek()
  #writtenAt = 0

  /** `customerId`: whom the answer is about; null: nobody. */
  constructor(address: string, customerId: string | null) {
    this.#address = address
    this.#customerId = customerId
  }

  /** Null where there is none. Never rejects. */
  async take(): Promise<Kept<T> | null> {
    return (await this.#vault?.get<Kept<T>>('kept', this.#address)) ?? null
  }

  /** `isNew`: the server has just given it; else it has said that there is no other. */
  put(body: T, etag: string | null, isNew: boolean): void {
    const checkedAt = Date.now()
    if (!isNew && checkedAt - this.#writtenAt < WRITE_AFTER_MS) return
    this.#writtenAt = checkedAt
    void this.#write({ body, etag, checkedAt })
  }

  async drop(): Promise<void> {
    await this.#vault?.delete('kept', this.#address)
  }

  async #write(kept: Kept<T>): Promise<void> {
    const expiresAt = kept.checkedAt + KEEP_MS
    const group = this.#customerId ?? undefined
    await this.#vault?.put('kept', this.#address, kept, { expiresAt, group })
    // An erasure that came meanwhile did not find it.
    if (group && wasErased(group)) await this.drop()
  }
}
