/** What the connections have in common that speak to the source below the driver: stream and pages. */
import type { ClientConfig } from 'pg'
import { quoted } from './contract.ts'
import { APPLICATION_NAME } from './slot.ts'

/** Texts are UTC, ISO and exact, whatever the role's or the database's own settings are. */
export function clientConfig(url: string, schema?: string): ClientConfig {
  const settings = ['TimeZone=UTC', 'DateStyle=ISO', 'extra_float_digits=3']
  if (schema !== undefined) settings.push(`search_path=${quoted(schema).replaceAll(' ', '\\ ')}`)
  return {
    connectionString: url,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
  }
}
