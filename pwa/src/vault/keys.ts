/**
 * The keys of a vault. They can be used and not read, not even by this app: WebCrypto makes them so, and IndexedDB
 * keeps them as the objects that they are.
 */
import { hexOf } from '../../../src/domain/hex.ts'

export interface VaultKeys {
  /** Seals records. */
  cipher: CryptoKey
  /** Names records, so that no id of a customer stands beside them. */
  mac: CryptoKey
}

export async function makeKeys(): Promise<VaultKeys> {
  const [cipher, mac] = await Promise.all([
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
    crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  ])
  return { cipher, mac }
}

/** A name for these words that tells nothing of them, and is always the same. */
export async function blind({ mac }: VaultKeys, ...words: string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(words))
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', mac, bytes)))
}
