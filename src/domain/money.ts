/** Money is an integer count of minor units (pence, cents, yen) beside a currency. Never a float. */

export interface Money {
  /** Minor units, signed. */
  amount: bigint
  /** ISO 4217. */
  currency: string
}

/** How many decimal digits the currency's minor unit has: 2 for GBP, 0 for JPY, 3 for BHD. */
export function minorDigits(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits ?? 2
  )
}

/** numerator ÷ denominator, rounded half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const quotient = (2n * n + d) / (2n * d)
  return negative ? -quotient : quotient
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/

/** An exact decimal: value × 10^−scale. Throws a RangeError that names a text that is none. */
export function parseDecimal(text: string): { value: bigint; scale: number } {
  const match = DECIMAL.exec(text)
  if (!match) throw new RangeError(`not a decimal number: ${JSON.stringify(text.slice(0, 40))}`)
  const fraction = match[3] ?? ''
  const value = BigInt(match[2] + fraction)
  return { value: match[1] === '-' ? -value : value, scale: fraction.length }
}

/**
 * quantity × unit price in minor units, rounded once, half away from zero. Both are decimal texts in
 * major units, so that a price of 0.125 and a quantity of 3 are exact until the last step.
 */
export function multiplyToMinor(quantity: string, unitPrice: string, digits: number): bigint {
  const q = parseDecimal(quantity)
  const p = parseDecimal(unitPrice)
  return divideRounded(q.value * p.value * 10n ** BigInt(digits), 10n ** BigInt(q.scale + p.scale))
}
