/** What has to be typed before somebody is erased. */

/** The reference, else the name; for who has neither, the beginning of the id. */
export function wordToType(name: string | null, externalRef: string | null, id: string): string {
  return externalRef?.trim() || name?.trim() || id.slice(0, 8)
}

/** However it is cased or spaced: it is to be meant, not to be a dictation. */
export function isSameWord(typed: string, word: string): boolean {
  const plain = (text: string) => text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  return plain(typed) === plain(word)
}
