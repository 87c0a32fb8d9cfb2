/** What a test process has started for all of its files, stopped once after the last test. */

const stops: (() => Promise<void>)[] = []

export function atEnd(stop: () => Promise<void>): void {
  stops.push(stop)
}

/** Called once by the preload. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0)) await stop()
}
