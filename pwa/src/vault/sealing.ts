/**
 * What makes a record unreadable at rest, apart from where it is kept: AES-GCM with a nonce of its own for each
 * record, bound to what stands beside it in clear. Pure but for the nonce.
 */

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/** Bits at random that no two records of a key share; NIST SP 800-38D, 8.2.2, allows 2^32 of them. */
const IV_BYTES = 12
/** Begins each text that stands for something that JSON has no word for. */
const MARK = '\u0000'

/**
 * The value, sealed. It opens only with the same key and beside the same `label`.
 * Values are those of JSON, and bigints.
 */
export async function seal(key: CryptoKey, label: string, value: unknown): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const data = await crypto.subtle.encrypt(parameters(iv, label), key, bytesOf(encode(value)))
  return { iv, data }
}

/** Rejects when it was sealed with another key, beside another label, or touched since. */
export async function unseal(
  key: CryptoKey,
  label: string,
  { iv, data }: Sealed,
): Promise<unknown> {
  const bytes = await crypto.subtle.decrypt(parameters(iv, label), key, data)
  return decode(new TextDecoder().decode(bytes))
}

/** As text, with every digit of a bigint. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, each) => {
    if (typeof each === 'bigint') return MARK + each
    return typeof each === 'string' && each.startsWith(MARK) ? MARK + each : each
  })
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, each) => {
    if (typeof each !== 'string' || !each.startsWith(MARK)) return each
    const marked = each.slice(MARK.length)
    return marked.startsWith(MARK) ? marked : BigInt(marked)
  })
}

function parameters(iv: Uint8Array<ArrayBuffer>, label: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: bytesOf(label) }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
