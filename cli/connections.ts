/** Where a command finds its databases: the environment names them, or a running `pt up` does. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from './command.ts'

/** What `pt up` writes to `DIR/stack.json` while it runs. */
export interface StackFile {
  apiUrl: string
  sourceUrl: string
  readUrl: string
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
 * neither is set: the cache is then inside the process.
 */
export function environmentCache(): { url: string; token: string } | undefined {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = process.env
  if (url && token) return { url, token }
  if (!url && !token) return undefined
  throw new CliError('Set both UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or none')
}

/** The source alone, for commands that touch nothing else. */
export async function resolveSource(data: string): Promise<string> {
  return process.env.SOURCE_DATABASE_URL || (await runningStack(data)).sourceUrl
}

/** The read database alone, for commands that touch nothing else. */
export async function resolveRead(data: string): Promise<string> {
  return process.env.READ_DATABASE_URL || (await runningStack(data)).readUrl
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
