/** Where a command finds its databases: the environment names them, or a running `pt up` does. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type RedisSetting,
  readHttpOptions,
  readRedis,
  SettingsError,
} from '../src/entry/settings.ts'
import type { HttpOptions } from '../src/http/deps.ts'
import { CliError, type CommandInput, type Options } from './command.ts'

/** What `pt up` writes to `DIR/stack.json` while it runs. */
export interface StackFile {
  apiUrl: string
  sourceUrl: string
  readUrl: string
  /** The read database as the API's role. */
  apiReadUrl: string
  pid: number
}

export interface Connections {
  sourceUrl: string
  readUrl: string
  /** Only when a running `pt up` was asked. */
  apiUrl?: string
}

/**
 * Both databases: SOURCE_DATABASE_URL and READ_DATABASE_URL, else the stack of the data directory.
 * @throws CliError when neither names them
 */
export async function resolveConnections(data: string): Promise<Connections> {
  return environmentConnections() ?? runningStack(data)
}

/** What the environment names; undefined when it names nothing. */
export function environmentConnections(): Connections | undefined {
  const { SOURCE_DATABASE_URL: sourceUrl, READ_DATABASE_URL: readUrl } = process.env
  if (sourceUrl && readUrl) return { sourceUrl, readUrl }
  if (!sourceUrl && !readUrl) return undefined
  // One of each would join a source to the read model of another.
  const [missing, set] = sourceUrl ? ['READ', 'SOURCE'] : ['SOURCE', 'READ']
  throw new CliError(
    `${missing}_DATABASE_URL is not set, and ${set}_DATABASE_URL is: set both or none`,
  )
}

/**
 * The Redis of the cache, from UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN; undefined when
 * neither is set.
 */
export function environmentCache(): RedisSetting | undefined {
  return asCliError(() => readRedis(process.env))
}

/** The operator's choices for the API, from the variables that docs/OPERATION.md lists. */
export function environmentHttp(): HttpOptions {
  return asCliError(() => readHttpOptions(process.env))
}

/** What the user can mend in the environment is told in one line. */
export function asCliError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof SettingsError ? new CliError(error.message) : error
  }
}

/** The source alone, for commands that touch nothing else. */
export async function resolveSource(data: string): Promise<string> {
  return process.env.SOURCE_DATABASE_URL || (await runningStack(data)).sourceUrl
}

/** The read database alone, for commands that touch nothing else. */
export async function resolveRead(data: string): Promise<string> {
  return process.env.READ_DATABASE_URL || (await runningStack(data)).readUrl
}

/**
 * The read database as the API reads it: READ_API_DATABASE_URL, which row security binds, else as the
 * projector does.
 */
export async function resolveApiRead(data: string): Promise<string> {
  const { READ_API_DATABASE_URL, READ_DATABASE_URL } = process.env
  return READ_API_DATABASE_URL || READ_DATABASE_URL || (await runningStack(data)).apiReadUrl
}

/**
 * Options of the commands about a projector: which of several sources, its slot, the schema of its
 * tables, and the publication that they come through.
 */
export const PROJECTION_OPTIONS = {
  source: {
    type: 'string',
    value: 'NAME',
    help: 'which of several sources that feed the read store (default main)',
  },
  slot: {
    type: 'string',
    value: 'NAME',
    help: 'the replication slot (default purchase_timeline)',
  },
  schema: {
    type: 'string',
    value: 'NAME',
    help: "where the source's tables are (default SOURCE_SCHEMA, else public)",
  },
  publication: {
    type: 'string',
    value: 'NAME',
    help: 'the publication (default SOURCE_PUBLICATION, else purchase_timeline, which is made)',
  },
} as const satisfies Options

/** Of the commands that make a slot. */
export const FAILOVER_OPTION = {
  'failover-slot': {
    type: 'boolean',
    help: 'a slot that is made is kept on the standby, too (PostgreSQL 17 and newer)',
  },
} as const satisfies Options

export interface Projection {
  sourceId?: string
  slotName?: string
  sourceSchema?: string
  publication?: string
  failoverSlot?: boolean
}

/**
 * What the options name, or SOURCE_SCHEMA and SOURCE_PUBLICATION do; what is not named is left out.
 * @throws CliError for a name that can't be one
 */
export function projectionOptions(values: CommandInput['values']): Projection {
  const { source, slot } = values
  const schema = values.schema ?? process.env.SOURCE_SCHEMA
  const publication = values.publication ?? process.env.SOURCE_PUBLICATION
  // Shown in metrics and logs, and part of a partition's bounds: plain, and short.
  if (typeof source === 'string' && !/^[a-z][a-z0-9_-]{0,39}$/.test(source))
    throw new CliError(
      `--source ${source}: small letters, digits, - and _, at most 40, a letter first`,
      2,
    )
  if (typeof slot === 'string' && !/^[a-z0-9_]{1,50}$/.test(slot))
    throw new CliError(`--slot ${slot}: small letters, digits and _, at most 50`, 2)
  if (schema === '' || publication === '')
    throw new CliError('--schema and --publication name one each, or are left out', 2)
  return {
    ...(typeof source === 'string' && { sourceId: source }),
    ...(typeof slot === 'string' && { slotName: slot }),
    ...(typeof schema === 'string' && { sourceSchema: schema }),
    ...(typeof publication === 'string' && { publication }),
    ...(values['failover-slot'] === true && { failoverSlot: true }),
  }
}

async function runningStack(data: string): Promise<StackFile> {
  const file = join(data, 'stack.json')
  let stack: StackFile
  try {
    stack = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new CliError(
      `No stack runs in ${data}: start one with \`npm start -- --data ${data}\`, or set SOURCE_DATABASE_URL and READ_DATABASE_URL`,
      1,
      { cause },
    )
  }
  if (isAlive(stack.pid)) return stack
  throw new CliError(
    `The stack of ${data} has died (process ${stack.pid}): start it again with \`npm start -- --data ${data}\``,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
