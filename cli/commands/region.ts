/** `pt region follow|status|leave`: a read store for a region, fed from the first by Postgres itself. */
import {
  followRegion,
  leaveRegion,
  type RegionStatus,
  regionStatus,
} from '../../projector/regions/region.ts'
import { CliError, type Command, type CommandInput } from '../command.ts'
import { resolveRead } from '../connections.ts'
import { migrateDatabase } from '../migrate/migrate-database.ts'
import { explaining } from '../projecting.ts'

const OPTIONS = {
  region: {
    type: 'string',
    value: 'URL',
    help: 'the read store of the region (default REGION_DATABASE_URL)',
  },
  name: { type: 'string', value: 'NAME', help: 'what the region is called' },
} as const

async function regionOf({ values, data }: CommandInput) {
  const regionUrl = (values.region as string | undefined) ?? process.env.REGION_DATABASE_URL
  if (!regionUrl) throw new CliError('--region URL is missing, or REGION_DATABASE_URL', 2)
  const name = values.name as string | undefined
  if (!name) throw new CliError('--name NAME is missing: what the region is called', 2)
  return { readUrl: await resolveRead(data), regionUrl, name }
}

export const follow: Command = {
  path: ['region', 'follow'],
  summary: "Fill a region's read store from this one, and let it follow; again after a rebuild",
  usage: "--region URL --name NAME [--connection 'host=… dbname=…']",
  options: {
    ...OPTIONS,
    connection: {
      type: 'string',
      value: 'TEXT',
      help: "how the region's server reaches the read store (default READ_DATABASE_URL)",
    },
  },
  async run(input) {
    const region = await regionOf(input)
    const connection = input.values.connection as string | undefined
    await explaining(async () => {
      await migrateDatabase(region.regionUrl, 'read')
      await followRegion({
        ...region,
        ...(connection && { connection }),
        onCopied: (table) => {
          if (!input.json) console.error(`copied ${table}`)
        },
      })
    })
    return told(await regionStatus(region), input.json)
  },
}

export const status: Command = {
  path: ['region', 'status'],
  summary: 'Say how far a region is behind',
  usage: '--region URL --name NAME',
  options: OPTIONS,
  async run(input) {
    const region = await regionOf(input)
    return told(await explaining(() => regionStatus(region)), input.json)
  },
}

export const leave: Command = {
  path: ['region', 'leave'],
  summary: 'End the following of a region, and let go of what is kept for it',
  usage: '--region URL --name NAME',
  options: OPTIONS,
  async run(input) {
    const region = await regionOf(input)
    await explaining(() => leaveRegion(region))
    console.log(input.json ? JSON.stringify({ left: true }) : 'The region follows no more.')
    return 0
  },
}

function told(found: RegionStatus, json: boolean): number {
  const { state, position, regionPosition, lagBytes } = found
  const lines = [
    `${state}: ${lagBytes} bytes of WAL behind`,
    `read store at ${position}, region at ${regionPosition ?? '-'}`,
  ]
  if (state === 'outdated')
    lines.push('The read model was built anew: run `pt region follow` again')
  console.log(json ? JSON.stringify(found) : lines.join('\n'))
  return 0
}
