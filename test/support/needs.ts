import { test } from 'bun:test'

/**
 * `test` for what needs a part of the machine that may be missing (a program, a right). Without it
 * the test is skipped, and says so loudly; where CI=true it fails: there every part must be.
 */
export function needs(part: string, available: boolean): typeof test {
  if (available) return test
  if (process.env.CI !== 'true') {
    console.warn(`SKIPPED for want of ${part}: some tests of ${callerFile()}`)
    return test.skip as typeof test
  }
  const failing = (name: string) =>
    test(name, () => {
      throw new Error(`This test needs ${part}, which is not here`)
    })
  return failing as unknown as typeof test
}

function callerFile(): string {
  return /[\w-]+\.test\.ts/.exec(new Error().stack ?? '')?.[0] ?? 'a file'
}
