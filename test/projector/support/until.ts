/** Polls until `look` gives something truthy; rejects with what `late` says after `ms`. */
export async function until<T>(
  look: () => T | Promise<T>,
  late: string,
  ms = 30_000,
): Promise<NonNullable<T>> {
  for (const end = performance.now() + ms; performance.now() < end; await Bun.sleep(10)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`Not within ${ms} ms: ${late}`)
}

/** Rejects when `work` takes longer than `ms`. */
export function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  const late = Bun.sleep(ms).then(() => {
    throw new Error(`Not within ${ms} ms: ${what}`)
  })
  return Promise.race([work, late])
}
