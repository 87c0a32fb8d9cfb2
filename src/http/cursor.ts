/**
 * The list's cursor: the last row of a page, signed. It is opaque to the client, never expires (the
 * sort key of a purchase does not change by itself), and is good only for the list it came from: the
 * signature covers tenant, scope and filters; the customer is inside.
 *
 *   version 1 | micros of occurred_at 8 | purchase 16 | customer 16 | MAC 16   (bytes, base64url)
 */
import { hexOf } from '../domain/hex.ts'
import { instantOfMicros, microsOfInstant } from '../domain/instant.ts'
import type { Scope } from '../domain/scope.ts'
import type { ListFilters, Position } from '../read/list.ts'
import { Problem } from './problem.ts'

const VERSION = 1
const PAYLOAD_BYTES = 41
const MAC_BYTES = 16
/** 57 bytes are 19 groups of three: no padding, and no spare bits that could be spelled otherwise. */
const TEXT = /^[A-Za-z0-9_-]{76}$/

interface Cursor extends Position {
  customerId: string
}

export class CursorCodec {
  readonly #key: Promise<CryptoKey>

  constructor(secret: string) {
    this.#key = derivedKey(secret)
    // Whoever signs or opens awaits it; a rejection before that is not unhandled.
    this.#key.catch(() => {})
  }

  async sign(cursor: Cursor, scope: Scope, filters: ListFilters): Promise<string> {
    const bytes = new Uint8Array(PAYLOAD_BYTES + MAC_BYTES)
    bytes[0] = VERSION
    new DataView(bytes.buffer).setBigInt64(1, microsOfInstant(cursor.occurredAt))
    bytes.set(bytesOfUuid(cursor.purchaseId), 9)
    bytes.set(bytesOfUuid(cursor.customerId), 25)
    const message = signed(bytes.subarray(0, PAYLOAD_BYTES), scope, filters)
    const mac = await crypto.subtle.sign('HMAC', await this.#key, message)
    bytes.set(new Uint8Array(mac, 0, MAC_BYTES), PAYLOAD_BYTES)
    return btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
  }

  /** Throws an `invalid-cursor` problem unless the text was signed here for this scope and filters. */
  async open(text: string, scope: Scope, filters: ListFilters): Promise<Cursor> {
    if (!TEXT.test(text)) throw invalidCursor()
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const payload = bytes.subarray(0, PAYLOAD_BYTES)
    const mac = await crypto.subtle.sign('HMAC', await this.#key, signed(payload, scope, filters))
    if (!equal(new Uint8Array(mac, 0, MAC_BYTES), bytes.subarray(PAYLOAD_BYTES)))
      throw invalidCursor()
    if (bytes[0] !== VERSION) throw invalidCursor()
    return {
      occurredAt: instantOfMicros(new DataView(bytes.buffer).getBigInt64(1)),
      purchaseId: uuidOfBytes(bytes.subarray(9, 25)),
      customerId: uuidOfBytes(bytes.subarray(25, 41)),
    }
  }
}

export function invalidCursor(): Problem {
  return new Problem('invalid-cursor', {
    detail:
      'The cursor is not one of this list: of this customer, with these filters, for this token.',
    errors: [{ parameter: 'cursor', detail: 'is not a cursor of this list; start without one' }],
  })
}

/** A key of its own, so that a cursor's MAC is worth nothing where the secret signs something else. */
async function derivedKey(secret: string): Promise<CryptoKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const encode = (text: string) => new TextEncoder().encode(text)
  const root = await crypto.subtle.importKey('raw', encode(secret), hmac, false, ['sign'])
  const bytes = await crypto.subtle.sign('HMAC', root, encode('purchase-timeline/cursor/1'))
  return crypto.subtle.importKey('raw', bytes, hmac, false, ['sign'])
}

function signed(payload: Uint8Array, scope: Scope, filters: ListFilters): Uint8Array<ArrayBuffer> {
  const { from, to, kind, saleType, locationId } = filters
  const context = JSON.stringify([
    scope.businessId,
    scope.key,
    from,
    to,
    kind,
    saleType,
    locationId,
  ])
  const text = new TextEncoder().encode(context)
  const message = new Uint8Array(payload.length + text.length)
  message.set(payload)
  message.set(text, payload.length)
  return message
}

/** In time that does not depend on where the first difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at += 1) difference |= a[at]! ^ (b[at] ?? 0)
  return difference === 0
}

function bytesOfUuid(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  )
}

function uuidOfBytes(bytes: Uint8Array): string {
  return hexOf(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
