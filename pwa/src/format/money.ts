/** Money as people read it: exact to the last minor unit, by locale, with a real minus sign. */
import type { MinorUnits, Money } from '../api/types.ts'
import { locale } from '../i18n/index.ts'

/**
 * Whose symbol nobody takes for another currency's, and every till can print: Spanish would write `GBP` for `£`.
 * All others are as the language has them: where they share a symbol (`$`, `¥`, `kr`), it tells them apart.
 */
const OWN_SYMBOL: ReadonlySet<string> = new Set(['EUR', 'GBP'])

const formats = new Map<string, Intl.NumberFormat | null>()

/** Null for a code that is no currency's. */
function formatOf(currency: string): Intl.NumberFormat | null {
  const key = `${locale.value} ${currency}`
  let format = formats.get(key)
  if (format === undefined) {
    try {
      format = new Intl.NumberFormat(locale.value, {
        style: 'currency',
        currency,
        currencyDisplay: OWN_SYMBOL.has(currency) ? 'narrowSymbol' : 'symbol',
      })
    } catch {
      format = null
    }
    formats.set(key, format)
  }
  return format
}

export function formatMoney({ amount, currency }: Money): string {
  const format = formatOf(currency)
  if (!format) return `${amount} ${currency}`.replace('-', '−')
  const { maximumFractionDigits: digits = 2 } = format.resolvedOptions()
  // A decimal text is formatted exactly; a division would round beyond 2^53.
  return format.format(decimal(amount, digits) as unknown as number).replace('-', '−')
}

/** Without its sign, for whoever says it in words. */
export function formatMagnitude({ amount, currency }: Money): string {
  return formatMoney({ amount: isNegative(amount) ? -amount : amount, currency })
}

export function isNegative(amount: MinorUnits): boolean {
  return amount < 0
}

/** `-1234` with two digits is `-12.34`. */
export function decimal(amount: MinorUnits, digits: number): string {
  const negative = isNegative(amount)
  const text = String(negative ? -amount : amount).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const fraction = text.slice(text.length - digits)
  return `${negative ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}
