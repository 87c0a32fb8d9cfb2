const TELL_EVERY_MS = 2000

/**
 * Fills an empty source with demo data, or goes on with a demo that was interrupted. A source with
 * other data is left alone. What is said of it goes to `say`, a line at a time.
 */
export async function ensureDemoData(
  sourceUrl: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { seedDemo } = await import('../demo/index.ts')
  const started = performance.now()
  let toldAt = 0
  const { outcome, message, seconds } = await seedDemo({
    sourceUrl,
    signal,
    onlyIfEmpty: true,
    onProgress({ done, total }) {
      const now = performance.now()
      if (toldAt > 0 && now - toldAt < TELL_EVERY_MS) return
      if (toldAt === 0) say('Making demo data; --no-demo leaves the source empty')
      else {
        const left = Math.ceil((((total - done) / done) * (now - started)) / 1000)
        say(`  ${Math.floor((100 * done) / total)} %, ${left} s left`)
      }
      toldAt = now
    },
  })
  if (outcome === 'written' || outcome === 'resumed') say(`${message} (${seconds.toFixed(1)} s)`)
}
