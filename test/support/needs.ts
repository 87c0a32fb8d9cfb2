import { test } from 'bun:test'

/**
 * `test` for what needs a program that may be missing. Without it the test is skipped, and says so
 * loudly; where CI=true it fails: there everything can be installed, and must be.
 */
export function needs(program: string, available: boolean): typeof test {
  if (available || process.env.CI !== 'true') return allowed(program, available)
  const failing = (name: string) =>
    test(name, () => {
      throw new Error(`This test needs ${program}, which is not here`)
    })
  return failing as unknown as typeof test
}

/** `test` for what needs a right of the user (root's, for one). Without it: skipped, and said so. */
export function allowed(right: string, available: boolean): typeof test {
  if (available) return test
  const file = /[\w-]+\.test\.ts/.exec(new Error().stack ?? '')?.[0] ?? 'a file'
  console.warn(`SKIPPED for want of ${right}: some tests of ${file}`)
  return test.skip as typeof test
}
