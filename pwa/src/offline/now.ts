/** The time, which moves on by itself where it is shown how old something is; milliseconds since 1970. */
import { signal } from '@preact/signals'

const EVERY_MS = 30_000

const moving = signal(Date.now())
setInterval(() => {
  moving.value = Date.now()
}, EVERY_MS)

/** Never behind what has just happened. */
export function now(): number {
  return Math.max(moving.value, Date.now())
}
