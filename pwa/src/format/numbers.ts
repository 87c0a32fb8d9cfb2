import { locale } from '../i18n/index.ts'

/** A count or a quantity, with the decimals that it has. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale.value, { maximumFractionDigits: 3 })
    .format(value)
    .replace('-', '−')
}

/** `820 kB`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte']
  return new Intl.NumberFormat(locale.value, {
    style: 'unit',
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  })
    .format(value)
    .replace(' ', '\u00a0')
}
