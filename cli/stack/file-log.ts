import { createWriteStream, renameSync, statSync } from 'node:fs'
import type { Log } from '../../src/log.ts'

/** A larger log is moved aside at the next start. */
const MAX_BYTES = 10_000_000

export interface FileLog {
  for(component: string): Log
  /** Resolves when every line is written. */
  close(): Promise<void>
}

/** One JSON object a line, appended to a file: the terminal is for what the user should read. */
export function openFileLog(path: string): FileLog {
  rotate(path)
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  // A full disk must not end the process that waits for room on it.
  file.on('error', () => {})
  return {
    for(component) {
      const write = (level: string) => (message: string, fields?: object) => {
        const at = new Date().toISOString()
        file.write(`${JSON.stringify({ at, level, component, message, ...fields })}\n`)
      }
      return { info: write('info'), warn: write('warn'), error: write('error') }
    },
    close: () => new Promise((resolve) => file.end(() => resolve())),
  }
}

/** Moves a log that has grown too large to `PATH.1`. */
export function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > MAX_BYTES) renameSync(path, `${path}.1`)
}
