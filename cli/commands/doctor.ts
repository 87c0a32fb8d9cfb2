/** `pt doctor`: what is wrong with a source or a read store, or will be, and what to change. */
import { examine } from '../../projector/doctor/doctor.ts'
import { type Finding, fail } from '../../projector/doctor/finding.ts'
import { roleScript } from '../../projector/doctor/role-script.ts'
import { DEFAULT_PUBLICATION } from '../../projector/source/publication.ts'
import { connectSource } from '../../projector/source/slot.ts'
import { CliError, type Command } from '../command.ts'
import {
  type Connections,
  PROJECTION_OPTIONS,
  type Projection,
  projectionOptions,
  resolveConnections,
  resolveSource,
} from '../connections.ts'
import { pendingMigrations } from '../migrate/migrate-database.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['doctor'],
  summary: 'Check a source and a read store, and say what to change; exit 1 when something must be',
  usage:
    '[--source NAME] [--slot NAME] [--schema NAME] [--publication NAME] | --role-script [--role NAME]',
  options: {
    ...PROJECTION_OPTIONS,
    'role-script': { type: 'boolean', help: 'prints SQL for a role of the projector, instead' },
    role: {
      type: 'string',
      value: 'NAME',
      help: 'what the role is called (default purchase_timeline)',
    },
  },
  async run({ data, values, json }) {
    const projection = projectionOptions(values)
    if (values['role-script'])
      return printRoleScript(await resolveSource(data), projection, values.role)
    if (values.role !== undefined) throw new CliError('--role needs --role-script', 2)
    const checks = await examination(await resolveConnections(data), projection)
    const healthy = checks.every(({ verdict }) => verdict !== 'fail')
    console.log(json ? JSON.stringify({ healthy, checks }) : describe(checks))
    return healthy ? 0 : 1
  },
}

async function examination(connections: Connections, projection: Projection): Promise<Finding[]> {
  try {
    return await projecting(connections, async () =>
      examine({
        ...connections,
        ...projection,
        pendingMigrations: await pendingMigrations(connections.readUrl, 'read'),
      }),
    )
  } catch (error) {
    if (error instanceof CliError) return [fail('connection', error.message)]
    throw error
  }
}

async function printRoleScript(
  sourceUrl: string,
  { sourceSchema, publication = DEFAULT_PUBLICATION }: Projection,
  role: unknown,
): Promise<number> {
  const name = typeof role === 'string' && role !== '' ? role : 'purchase_timeline'
  const script = await projecting({ sourceUrl, readUrl: sourceUrl }, async () => {
    const sql = connectSource(sourceUrl, 1, sourceSchema)
    return roleScript(sql, name, publication).finally(() => sql.end({ timeout: 1 }))
  })
  process.stdout.write(script)
  return 0
}

function describe(checks: Finding[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length))
  return checks
    .flatMap(({ verdict, check, detail, remedy }) => [
      `${verdict.padEnd(4)}  ${check.padEnd(width)}  ${detail}`,
      ...(remedy ? [`      ${' '.repeat(width)}  → ${remedy}`] : []),
    ])
    .join('\n')
}
