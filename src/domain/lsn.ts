/**
 * A position in a server's WAL (log sequence number). The only place where the text form `X/Y`
 * becomes a number: LSNs are compared as 64-bit integers, never as text.
 */

declare const brand: unique symbol
export type Lsn = bigint & { readonly [brand]: 'Lsn' }

export const LSN_ZERO = 0n as Lsn

/** `0/16B3748` → Lsn. Throws a RangeError that names the text when it is no LSN. */
export function parseLsn(text: string): Lsn {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text)
  if (!match) throw new RangeError(`not an LSN: ${JSON.stringify(text.slice(0, 40))}`)
  return ((BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`)) as Lsn
}

/** Lsn → `0/16B3748`, as Postgres prints it. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`
}

/** The two 32-bit halves, as the replication protocol sends them, to an Lsn. */
export function lsnOfHalves(high: number, low: number): Lsn {
  return ((BigInt(high) << 32n) | BigInt(low)) as Lsn
}

export function maxLsn(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b
}

export function minLsn(a: Lsn, b: Lsn): Lsn {
  return a < b ? a : b
}
