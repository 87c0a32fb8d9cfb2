/** Every command of `pt`. Its module is loaded when it is called, so that `pt --help` is quick. */
import type { Command } from '../command.ts'

export interface CommandEntry {
  path: readonly string[]
  summary: string
  load(): Promise<Command>
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    path: ['up'],
    summary: 'Start everything: PostgreSQL, projector and API in one process',
    load: async () => (await import('./up.ts')).command,
  },
  {
    path: ['migrate'],
    summary: 'Bring the source and the read database to the schema of this code',
    load: async () => (await import('./migrate.ts')).command,
  },
  {
    path: ['import', 'online-retail'],
    summary: 'Import an Online Retail file into the source tables; again changes nothing',
    load: async () => (await import('./import.ts')).command,
  },
  {
    path: ['api'],
    summary: 'Run the API alone, on READ_DATABASE_URL or the read database of a stack',
    load: async () => (await import('./api.ts')).command,
  },
  {
    path: ['token'],
    summary: 'Print a token that opens the API for one business',
    load: async () => (await import('./token.ts')).command,
  },
]
