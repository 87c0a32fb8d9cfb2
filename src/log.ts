/** Structured logging, injected. One JSON object a line; never personal data, tokens or SQL values. */

export type LogFields = Record<string, string | number | boolean | null | undefined>

export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export const silentLog: Log = { info() {}, warn() {}, error() {} }

/** Writes to stderr, so that stdout stays for a command's answer. */
export function jsonLog(component: string): Log {
  const write = (level: string) => (message: string, fields?: LogFields) =>
    console.error(
      JSON.stringify({ at: new Date().toISOString(), level, component, message, ...fields }),
    )
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
