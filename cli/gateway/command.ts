/** What a request may be: from HTTP to Redis commands, in all the spellings that Upstash takes. */

/** A command's name and arguments; bytes where they came as bytes. */
export type RedisCommand = [name: string, ...args: (string | Buffer)[]]

/** The request can't be understood; the text is for the client. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

/** The body of `POST /`: one command. */
export function parseCommand(body: Buffer): RedisCommand {
  return commandOf(parseJson(body, 'command'), 'command')
}

/** The body of `/pipeline` and `/multi-exec`: a list of commands. */
export function parseCommands(body: Buffer, what: 'pipeline' | 'multi-exec'): RedisCommand[] {
  const list = parseJson(body, what)
  if (!Array.isArray(list)) throw new BadRequest(`ERR failed to parse ${what} request`)
  if (list.length === 0) throw new BadRequest(`ERR empty ${what} request`)
  return list.map((command) => commandOf(command, what))
}

/**
 * `/set/foo/bar?EX=100`: the segments, then the body as one argument, then the query's names and values.
 * Segments and body are bytes: `%FF` is the byte 255.
 */
export function parsePath(url: URL, body: Buffer): RedisCommand {
  const [name, ...args] = url.pathname.slice(1).split('/').map(percentDecoded)
  const command: RedisCommand = [name!.toString(), ...args]
  if (body.length > 0) command.push(body)
  for (const [key, value] of url.searchParams) {
    if (key === '_token') continue
    command.push(key)
    if (value !== '') command.push(value)
  }
  return command
}

/** Percent escapes stand for bytes, which need not be UTF-8; what is no escape stays as it is. */
export function percentDecoded(segment: string): Buffer {
  const bytes = segment.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

function commandOf(value: unknown, what: string): RedisCommand {
  if (!Array.isArray(value) || value.some((part) => typeof part !== 'string'))
    throw new BadRequest(`ERR failed to parse ${what} request`)
  if (!value[0]) throw new BadRequest('ERR empty command')
  return value as RedisCommand
}

// TypeScript's library doesn't know yet that a reviver is told a number's spelling.
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown
const { parse } = JSON as unknown as { parse(text: string, reviver: Reviver): unknown }

/** Numbers keep their digits: a double would round a big one. */
function parseJson(body: Buffer, what: string): unknown {
  try {
    return parse(body.toString(), (_key, value, { source }) =>
      typeof value === 'number'
        ? (source ?? String(value))
        : value === true || value === false
          ? String(value)
          : value,
    )
  } catch (cause) {
    throw new BadRequest(`ERR failed to parse ${what} request`, { cause })
  }
}
