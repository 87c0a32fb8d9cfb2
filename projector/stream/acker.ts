/**
 * What the source may forget. The slot is acknowledged up to what is durably applied, exactly; what has
 * merely been received or decoded never moves it.
 *
 * `flush` moves the slot. `write` and `apply` only inform the source: while nothing is pending they
 * follow the keepalives, so that `pg_stat_replication` tells an idle projector from one that lags, and
 * so that the server, which has been answered, does not ask again.
 */
import { LSN_ZERO, type Lsn, maxLsn } from '../../src/domain/lsn.ts'
import { invariant } from '../errors.ts'

interface StandbyStatus {
  write: Lsn
  flush: Lsn
  apply: Lsn
}

export class Acker {
  #durable: Lsn
  #idleAt: Lsn = LSN_ZERO
  #pending = 0

  /** @param durable end LSN of what is applied already: the checkpoint */
  constructor(durable: Lsn) {
    this.#durable = durable
  }

  /** A transaction has begun to arrive. */
  received(): void {
    this.#pending++
  }

  /** Transactions up to this end LSN are durable, `count` of them since the last call. */
  applied(endLsn: Lsn, count: number): void {
    invariant(endLsn >= this.#durable, 'the checkpoint never moves back')
    this.#pending -= count
    invariant(this.#pending >= 0, 'nothing is applied that was not received')
    this.#durable = endLsn
  }

  /** The server has sent everything below this LSN. Counts only when all of that is applied. */
  keepalive(walEnd: Lsn): void {
    if (this.#pending === 0) this.#idleAt = maxLsn(this.#idleAt, walEnd)
  }

  /** Where the checkpoint may move without any rows; null while something is pending. */
  get idleAt(): Lsn | null {
    return this.#pending === 0 && this.#idleAt > this.#durable ? this.#idleAt : null
  }

  get pending(): number {
    return this.#pending
  }

  status(): StandbyStatus {
    const seen = this.#pending === 0 ? maxLsn(this.#idleAt, this.#durable) : this.#durable
    return { write: seen, flush: this.#durable, apply: seen }
  }
}

/** The protocol's standby status update. */
export function encodeStatus(status: StandbyStatus, nowMs: number, askForReply: boolean): Buffer {
  const message = Buffer.alloc(34)
  message[0] = 0x72
  message.writeBigUInt64BE(status.write, 1)
  message.writeBigUInt64BE(status.flush, 9)
  message.writeBigUInt64BE(status.apply, 17)
  message.writeBigInt64BE(BigInt(nowMs - Date.UTC(2000, 0, 1)) * 1000n, 25)
  message[33] = askForReply ? 1 : 0
  return message
}
