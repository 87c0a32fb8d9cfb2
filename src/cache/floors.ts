/**
 * The projector's side of the cache. For each customer the cache holds a *floor*: the position of the
 * last change that touched the customer. An answer computed before it is not fresh. Beside the floors
 * stands one *mark*: every change up to it has had its floor raised.
 */
import { LSN_ZERO, type Lsn } from '../domain/lsn.ts'

export interface FloorSink {
  /**
   * Raises the floors of these customers to `lsn`, and then the mark. Both only ever rise, so raising
   * again, late or twice changes nothing. With no customers only the mark moves. Resolves when it is
   * done; rejects when any of it may not be, and must then be called again.
   *
   * `lsn` is the read model's position (of one source: the checkpoint's `applied_lsn`, an *end* LSN)
   * after the transaction that wrote the change. A commit LSN would not do: the commit before it may
   * end exactly there, and an answer computed at that end would pass for fresh.
   *
   * The mark promises that no change at or below it still waits for its floor. So calls are made in
   * the order of their LSNs, and what a crash left over is raised before anything newer.
   */
  raise(lsn: Lsn, customerIds: readonly string[]): Promise<void>
  /** As `raise`, for every customer: the read model was replaced, or emptied. */
  raiseAll(lsn: Lsn): Promise<void>
  /**
   * These customers were erased. Their floors become `GONE`: nothing about them is fresh, stored or
   * answered from here any more, and what was stored is deleted. Again or late changes nothing.
   */
  forget(customerIds: readonly string[]): Promise<void>
}

/** The floor of a customer who was erased: no answer ever comes up to it. */
export const GONE = 0xffff_ffff_ffff_ffffn as Lsn

/** Fixed width, so that scripts in the store compare positions as text. */
export function lsnToHex(lsn: Lsn): string {
  return lsn.toString(16).padStart(16, '0')
}

/** Null for a text that is no position, as a store may hold anything. */
export function lsnFromHex(text: string | null | undefined): Lsn | null {
  if (!text || !/^[0-9a-f]{16}$/.test(text)) return null
  const lsn = BigInt(`0x${text}`) as Lsn
  return lsn === LSN_ZERO ? null : lsn
}
