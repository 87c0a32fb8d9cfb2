/**
 * Which commands go through the door. All clients share one connection to Redis, so what would block
 * it, or change what it means for the next one, stays outside; the categories are Redis's own.
 */
import type { RedisCommand } from './command.ts'
import { RedisReplyError } from './reply.ts'

/** What a Redis tells of its commands, by name, or by `name|subcommand`; all in lower case. */
export type CommandTable = ReadonlyMap<string, CommandTraits>

interface CommandTraits {
  flags: ReadonlySet<string>
  categories: ReadonlySet<string>
}

export type Access = 'full' | 'read-only'

/** Categories of ACL whose commands belong to one connection, or to the server's operator. */
const CLOSED_CATEGORIES = ['@admin', '@blocking', '@connection', '@transaction', '@pubsub']
const OPEN_EXCEPTIONS = new Set(['ping', 'echo', 'publish', 'spublish', 'pubsub', 'command'])
/** These block only when they are told to. */
const BLOCKING_ON_REQUEST = new Set(['xread', 'xreadgroup'])
/** Old servers put these into no category that tells, or don't list them at all. */
const CLOSED = new Set(['quit', 'reset', 'hello', 'wait', 'waitaof', 'watch', 'unwatch', 'migrate'])
/** Upstash keeps these from a read-only token, too: they go over all keys. */
const TOO_POWERFUL = new Set(['keys', 'scan'])
const OPEN_TO_READERS = new Set(['ping', 'echo'])

/**
 * @throws RedisReplyError in Upstash's words when the command may not go through. One that Redis does
 * not know may: Redis says so itself.
 */
export function assertAllowed(command: RedisCommand, access: Access, table: CommandTable): void {
  const name = command[0].toLowerCase()
  const second = command[1]?.toString().toLowerCase()
  const traits = [table.get(name), table.get(`${name}|${second}`)].filter((known) => !!known)
  const has = (category: string) => traits.some(({ categories }) => categories.has(category))

  const closed = CLOSED_CATEGORIES.some(has) && !OPEN_EXCEPTIONS.has(name)
  const blocks = BLOCKING_ON_REQUEST.has(name)
  const turnsDebuggerOn = name === 'script' && second === 'debug'
  if (CLOSED.has(name) || turnsDebuggerOn || (blocks ? asksToBlock(command) : closed)) {
    throw new RedisReplyError(
      `ERR Command is not available: '${name.toUpperCase()}'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`,
    )
  }
  if (access === 'full' || OPEN_TO_READERS.has(name)) return
  if (TOO_POWERFUL.has(name) || !traits.some(({ flags }) => flags.has('readonly')))
    throw new RedisReplyError(
      `NOPERM this user has no permissions to run the '${name}' command or its subcommand`,
    )
}

/** `XREAD … BLOCK ms STREAMS …`; behind STREAMS it may be a key's name. */
function asksToBlock(command: RedisCommand): boolean {
  const words = command.slice(1).map((word) => word.toString().toLowerCase())
  const streams = words.indexOf('streams')
  return words.slice(0, streams === -1 ? words.length : streams).includes('block')
}

/** From the answer to COMMAND, of Redis 6 and later. */
export function commandTable(answer: unknown): CommandTable {
  const table = new Map<string, CommandTraits>()
  const add = (entries: unknown) => {
    if (!Array.isArray(entries)) return
    for (const entry of entries) {
      if (!Array.isArray(entry)) continue
      const [name, , flags, , , , categories, , , subcommands] = entry
      table.set(String(name).toLowerCase(), { flags: words(flags), categories: words(categories) })
      add(subcommands)
    }
  }
  add(answer)
  return table
}

function words(list: unknown): Set<string> {
  return new Set(Array.isArray(list) ? list.map((word) => String(word).toLowerCase()) : [])
}
