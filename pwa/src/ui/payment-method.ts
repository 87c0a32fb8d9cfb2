import { t } from '../i18n/index.ts'

/** How the import of a shop that noted no way to pay says so. */
export const UNRECORDED = 'unknown'

/** `Gift card`; a chain's own ways to pay by their own names. */
export function paymentWord(method: string): string {
  return t.value.paymentMethods[method] ?? method.replaceAll('_', ' ')
}
