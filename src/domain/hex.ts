/** Bytes as lower-case hex digits. Pure; by a table, as every request has ids written so. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hexOf(bytes: Uint8Array): string {
  let text = ''
  // By index: an iterator costs more than the digits.
  for (let at = 0; at < bytes.length; at += 1) text += DIGITS[bytes[at]!]
  return text
}
