/** Finds customers among those that this device knows, as the API finds them among all. Pure. */
import type { FoundCustomer } from '../api/types.ts'
import type { KeptCustomer } from './kept-customers.ts'

/** By the beginnings of words of the name in any order, of the reference, or by the phone number's last four digits. */
export function searchKept(query: string, customers: readonly KeptCustomer[]): FoundCustomer[] {
  const words = wordsOf(query)
  if (words.length === 0) return []
  const reference = fold(query.trim())
  const digits = query.replaceAll(/\D/g, '')
  const matches = ({ name, externalRef, phoneEnding }: KeptCustomer) => {
    const names = wordsOf(name ?? '')
    return (
      words.every((word) => names.some((each) => each.startsWith(word))) ||
      (externalRef !== null && fold(externalRef).startsWith(reference)) ||
      (phoneEnding !== null && digits.length >= 4 && digits.endsWith(phoneEnding))
    )
  }
  return customers.filter(matches).map(({ id, name, externalRef, phoneEnding, status }) => {
    return { id, name, externalRef, phoneEnding, status, mergedInto: null, survivor: null }
  })
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}
