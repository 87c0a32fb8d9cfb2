/** `pt migrate` */
import type { Command } from '../command.ts'
import { CliError } from '../command.ts'
import { resolveConnections, resolveRead, resolveSource } from '../connections.ts'
import { type MigrationReport, type Model, migrateDatabase } from '../migrate/migrate-database.ts'

export const command: Command = {
  path: ['migrate'],
  summary: 'Bring the source and the read database to the schema of this code',
  usage: '[--source-only | --read-only]',
  options: {
    'source-only': { type: 'boolean', help: 'only the source' },
    'read-only': { type: 'boolean', help: 'only the read database' },
  },
  async run({ values, data, json }) {
    const report: Partial<Record<Model, MigrationReport>> = {}
    for (const [model, url] of await targets(data, values)) {
      report[model] = await migrateDatabase(url, model)
      if (!json) console.log(describe(model, report[model]))
    }
    if (json) console.log(JSON.stringify(report))
    return 0
  },
}

async function targets(
  data: string,
  only: Record<string, unknown>,
): Promise<(readonly [Model, string])[]> {
  if (only['source-only'] && only['read-only']) {
    throw new CliError('--source-only and --read-only exclude each other', 2)
  }
  if (only['source-only']) return [['source', await resolveSource(data)]]
  if (only['read-only']) return [['read', await resolveRead(data)]]
  const { sourceUrl, readUrl } = await resolveConnections(data)
  return [
    ['source', sourceUrl],
    ['read', readUrl],
  ]
}

function describe(model: Model, { applied, current }: MigrationReport): string {
  return applied.length === 0
    ? `${model}: nothing to do, it is at ${current}`
    : `${model}: applied ${applied.join(', ')}`
}
