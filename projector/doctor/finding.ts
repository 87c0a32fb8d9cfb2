/** What one check of `pt doctor` found, and what to change. */
import { FatalProjectorError, messageOf, sqlState } from '../errors.ts'

export interface Finding {
  /** What was looked at: a few words, the same every time. */
  check: string
  /** `fail`: it does not work so. `warn`: it works, and will hurt one day, or could not be looked at. */
  verdict: 'ok' | 'warn' | 'fail'
  detail: string
  /** The statement or setting that puts it right. */
  remedy: string | null
}

export const ok = (check: string, detail: string): Finding => ({
  check,
  verdict: 'ok',
  detail,
  remedy: null,
})
export const warn = (check: string, detail: string, remedy: string | null = null): Finding => ({
  check,
  verdict: 'warn',
  detail,
  remedy,
})
export const fail = (check: string, detail: string, remedy: string | null = null): Finding => ({
  check,
  verdict: 'fail',
  detail,
  remedy,
})

const INSUFFICIENT_PRIVILEGE = '42501'

/** Runs a check. One that the role may not make says so, and does not keep the others from being made. */
export async function attempt(
  check: string,
  look: () => Promise<Finding | Finding[]>,
): Promise<Finding[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    if (error instanceof FatalProjectorError) return [fail(check, error.message)]
    if (sqlState(error) === INSUFFICIENT_PRIVILEGE)
      return [warn(check, `can't be checked with this role: ${messageOf(error)}`)]
    throw error
  }
}

/** 1536 → `1.5 KiB`. */
export function describeBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  let size = bytes
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

/** 11000 → `3 h`; whole units, rounded down: never later than it will be. */
export function describeSeconds(seconds: number): string {
  for (const [unit, size] of [
    ['days', 172_800],
    ['h', 3_600],
    ['min', 60],
  ] as const)
    if (seconds >= size) return `${Math.floor(seconds / (unit === 'days' ? 86_400 : size))} ${unit}`
  return `${Math.floor(seconds)} s`
}
