import { t } from '../i18n/index.ts'

/** What a record is called: by its name, else by its reference, which is on a card or a mail. */
export function titleOf({ name, externalRef }: Called): string {
  return name ?? (externalRef === null ? t.value.noName : t.value.reference(externalRef))
}

export interface Called {
  name: string | null
  externalRef: string | null
}
