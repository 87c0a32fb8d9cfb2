/**
 * What Redis answers, and how it is said over HTTP. A bulk string is a Buffer here and a status is a
 * string: so a stored `OK` and the status OK stay two things.
 */

/** An integer comes as its digits, since a double may not hold them. */
export type RedisReply = null | Buffer | string | Error | RedisReply[]

/** An error that Redis answers, or that is answered in its place; the message is the answer. */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError'
}

export type Format = 'json' | 'base64' | 'resp2'

const INTEGER = /^[+-]?\d{1,20}$/
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** The body's object for one reply: `{"result": …}` or `{"error": …}`. Errors are never encoded. */
export function replyObject(
  reply: RedisReply,
  format: Format,
): { result: unknown } | { error: string } {
  if (reply instanceof Error) return { error: reply.message }
  // Clients look for a bare OK at the top alone, and decode whatever is inside of a list.
  if (reply === 'OK') return { result: 'OK' }
  return { result: plain(reply, format) }
}

function plain(reply: RedisReply, format: Format): unknown {
  if (reply === null) return null
  if (Array.isArray(reply)) return reply.map((part) => plain(part, format))
  if (typeof reply === 'string' && INTEGER.test(reply)) return rawJSON(reply.replace(/^\+/, ''))
  const bytes = reply instanceof Error ? Buffer.from(reply.message) : Buffer.from(reply as Buffer)
  // What is not UTF-8 is shown by U+FFFD, as Upstash does.
  return bytes.toString(format === 'base64' ? 'base64' : 'utf8')
}

/** The reply as a Redis of protocol 2 sends it. */
export function resp2(reply: RedisReply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n')
  if (Buffer.isBuffer(reply))
    return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')])
  if (Array.isArray(reply))
    return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(resp2)])
  const sign = reply instanceof Error ? '-' : INTEGER.test(reply) ? ':' : '+'
  return Buffer.from(`${sign}${reply instanceof Error ? reply.message : reply}\r\n`)
}
