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
    summary: 'Start everything: PostgreSQL, projector, API and staff app in one process',
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
    summary:
      'Run the API alone, on READ_API_DATABASE_URL, READ_DATABASE_URL or the read database of a stack',
    load: async () => (await import('./api.ts')).command,
  },
  {
    path: ['projector', 'run'],
    summary: 'Run the projector alone, until Ctrl-C',
    load: async () => (await import('./projector-run.ts')).command,
  },
  {
    path: ['projector', 'status'],
    summary: 'Say how far the read model is behind the source',
    load: async () => (await import('./projector-status.ts')).command,
  },
  {
    path: ['projector', 'verify'],
    summary: 'Prove that the read model equals the source; exit 1 and name the rows when not',
    load: async () => (await import('./projector-verify.ts')).command,
  },
  {
    path: ['projector', 'rebuild'],
    summary: 'Build the read model anew beside the one that serves, prove it, and switch to it',
    load: async () => (await import('./projector-rebuild.ts')).command,
  },
  {
    path: ['projector', 'dead-letters'],
    summary: 'List what could not be projected; show, retry or discard it',
    load: async () => (await import('./projector-dead-letters.ts')).command,
  },
  {
    path: ['projector', 'record'],
    summary: "Record the source's transactions to a file until Ctrl-C, for replay",
    load: async () => (await import('./projector-record.ts')).command,
  },
  {
    path: ['projector', 'redact'],
    summary: 'Replace the texts of a recording, so that it can be attached to a bug report',
    load: async () => (await import('./projector-redact.ts')).command,
  },
  {
    path: ['projector', 'replay'],
    summary: 'Fold a recording into an empty read database, and print the checksums of its tables',
    load: async () => (await import('./projector-replay.ts')).command,
  },
  {
    path: ['projector', 'prove'],
    summary: 'Show that tail, rebuild and two replays give equal tables',
    load: async () => (await import('./projector-prove.ts')).command,
  },
  {
    path: ['projector', 'reset'],
    summary: 'Forget the read model and drop the slot: the next start copies the source anew',
    load: async () => (await import('./projector-reset.ts')).command,
  },
  {
    path: ['region', 'follow'],
    summary: "Fill a region's read store from this one, and let it follow; again after a rebuild",
    load: async () => (await import('./region.ts')).follow,
  },
  {
    path: ['region', 'status'],
    summary: 'Say how far a region is behind',
    load: async () => (await import('./region.ts')).status,
  },
  {
    path: ['region', 'leave'],
    summary: 'End the following of a region, and let go of what is kept for it',
    load: async () => (await import('./region.ts')).leave,
  },
  {
    path: ['doctor'],
    summary:
      'Check a source and a read store, and say what to change; exit 1 when something must be',
    load: async () => (await import('./doctor.ts')).command,
  },
  {
    path: ['gateway'],
    summary: 'Open an Upstash-REST-compatible door to a Redis of your own',
    load: async () => (await import('./gateway.ts')).command,
  },
  {
    path: ['audit'],
    summary: 'List who looked at a customer, or whom an employee looked at',
    load: async () => (await import('./audit.ts')).command,
  },
  {
    path: ['token', 'revoke'],
    summary: 'Take back the tokens that a person, or a business, has been given until now',
    load: async () => (await import('./token-revoke.ts')).command,
  },
  {
    path: ['retention'],
    summary: 'Forget who has not bought for years; delete old audit rows and notes of keys',
    load: async () => (await import('./retention.ts')).command,
  },
  {
    path: ['token'],
    summary: 'Print a token that opens the API for one business',
    load: async () => (await import('./token.ts')).command,
  },
]
