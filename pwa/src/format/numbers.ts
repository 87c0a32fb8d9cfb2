import { locale } from '../i18n/index.ts'

/** A count or a quantity, with the decimals that it has. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale.value, { maximumFractionDigits: 3 })
    .format(value)
    .replace('-', '−')
}
