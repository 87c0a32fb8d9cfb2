import { t } from '../i18n/index.ts'

/** `Return`; a chain's own types by their own names. */
export function typeWord({ type = 'sale' }: { type?: string }): string {
  return t.value.types[type] ?? type
}
