/**
 * Polls until `look` gives something truthy; rejects with what `late` says after `ms`, which only ends what hangs: a
 * machine that does much else at once is slow.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  late: string,
  ms = 90_000,
): Promise<NonNullable<T>> {
  for (const end = performance.now() + ms; performance.now() < end; await Bun.sleep(10)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`Not within ${ms} ms: ${late}`)
}

/** Rejects when `work` takes longer than `ms`, as what hangs. */
export async function within<T>(work: Promise<T>, what: string, ms = 90_000): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`Not within ${ms} ms: ${what}`)), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
