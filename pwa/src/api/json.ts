/** Digits that a double may not hold. An engine without source text access rounds them, as JSON.parse does. */
const LONG_INTEGER = /-?\d{16,}/
const WHOLE = /^-?\d{16,}$/

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown

/** Parses JSON, keeping every digit of integers beyond 2^53 as a bigint. */
export function parseExact(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && WHOLE.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value
  return JSON.parse(text, revive as (this: unknown, key: string, value: unknown) => unknown)
}

/** As JSON; an integer beyond 2^53 as a text of its digits, which the API takes for one. */
export function exactJson(value: object): string {
  return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each))
}
