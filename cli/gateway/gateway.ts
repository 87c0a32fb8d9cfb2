/** The door: the Upstash REST protocol over HTTP, in front of any Redis. docs/GATEWAY.md */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Log } from '../../src/log.ts'
import {
  BadRequest,
  parseCommand,
  parseCommands,
  parsePath,
  percentDecoded,
  type RedisCommand,
} from './command.ts'
import { Subscriptions } from './events.ts'
import { type Access, assertAllowed } from './policy.ts'
import { RedisLink, RedisUnavailable } from './redis-link.ts'
import { type Format, type RedisReply, RedisReplyError, replyObject, resp2 } from './reply.ts'

interface GatewayOptions {
  redisUrl: string
  host: string
  /** 0 takes a free one. */
  port: number
  /** Opens everything. */
  token: string
  /** Opens what reads. */
  readOnlyToken?: string | undefined
  log: Log
  /** How long a request waits for Redis. */
  timeoutMs?: number
}

export interface Gateway {
  url: string
  /** Resolves when running requests are answered, streams ended and connections closed. */
  stop(): Promise<void>
}

export const MAX_REQUEST_BYTES = 10 * 1024 * 1024
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT'])

/** Starts the door; Redis need not be there yet. Rejects when the port is taken or Redis refuses us. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { redisUrl, host, port, log, timeoutMs } = options
  const link = await RedisLink.open({ url: redisUrl, log, ...(timeoutMs && { timeoutMs }) })
  const subscriptions = new Subscriptions(link)
  const accessOf = tokenCheck(options.token, options.readOnlyToken)
  const handle = handler(link, subscriptions, accessOf)
  let server: Bun.Server<undefined>
  try {
    server = Bun.serve({
      hostname: host,
      port,
      maxRequestBodySize: MAX_REQUEST_BYTES,
      async fetch(request, server) {
        // A stream is quiet for as long as nobody publishes.
        server.timeout(request, 0)
        return handle(request).catch((error) => failure(error, log))
      },
    })
  } catch (error) {
    await link.close()
    throw error
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    async stop() {
      subscriptions.close()
      await server.stop()
      await link.close()
    },
  }
}

function handler(
  link: RedisLink,
  subscriptions: Subscriptions,
  accessOf: (request: Request, url: URL) => Access | null,
) {
  return async function answer(request: Request): Promise<Response> {
    if (!METHODS.has(request.method)) return errorResponse(405, 'ERR method not allowed')
    const url = new URL(request.url)
    const access = accessOf(request, url)
    if (!access) return errorResponse(401, 'WRONGPASS invalid or missing auth token')
    const format = formatOf(request)
    const stream = /^\/(p?subscribe)\/(.+)$/i.exec(url.pathname)
    if (stream) {
      const kind = stream[1]!.toLowerCase() as 'subscribe' | 'psubscribe'
      if (access !== 'full') throw noPermission(kind)
      return subscriptions.open(kind, percentDecoded(stream[2]!).toString())
    }
    const body = Buffer.from(await request.arrayBuffer())
    const { table } = link
    if (!table) throw new RedisUnavailable('ERR Redis can not be reached')
    const check = (command: RedisCommand) => assertAllowed(command, access, table)

    if (url.pathname === '/pipeline') {
      const replies = await pipeline(link, parseCommands(body, 'pipeline'), check)
      if (format === 'resp2') return resp2Response(replies)
      return jsonResponse(replies.map((reply) => replyObject(reply, format)))
    }
    if (url.pathname === '/multi-exec') {
      if (format === 'resp2') throw new BadRequest('ERR resp2 is not available for multi-exec')
      const commands = parseCommands(body, 'multi-exec')
      commands.forEach(check)
      const replies = await link.transaction(commands)
      return jsonResponse(replies.map((reply) => replyObject(reply, format)))
    }
    const command = url.pathname === '/' ? parseCommand(body) : parsePath(url, body)
    check(command)
    const [reply] = await link.send([command])
    const status = reply instanceof Error ? 400 : 200
    if (format === 'resp2') return resp2Response(reply!, status)
    return jsonResponse(replyObject(reply!, format), status)
  }
}

/** What may not go through is answered in its place, and the rest is carried out. */
async function pipeline(
  link: RedisLink,
  commands: RedisCommand[],
  check: (command: RedisCommand) => void,
): Promise<RedisReply[]> {
  const refusals = commands.map((command) => {
    try {
      check(command)
      return null
    } catch (error) {
      return error as RedisReplyError
    }
  })
  const allowed = await link.send(commands.filter((_command, i) => !refusals[i]))
  return refusals.map((refusal) => refusal ?? allowed.shift()!)
}

/** Compared as digests: a comparison's time then tells nothing of a token, not even its length. */
function tokenCheck(token: string, readOnlyToken: string | undefined) {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const full = digest(token)
  const readOnly = readOnlyToken ? digest(readOnlyToken) : null
  return function accessOf(request: Request, url: URL): Access | null {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    const given = digest(bearer ?? url.searchParams.get('_token') ?? '')
    const isFull = timingSafeEqual(given, full)
    const reads = readOnly !== null && timingSafeEqual(given, readOnly)
    return isFull ? 'full' : reads ? 'read-only' : null
  }
}

function formatOf({ headers }: Request): Format {
  const asked = headers.get('upstash-response-format') ?? 'json'
  const isBase64 = headers.get('upstash-encoding') === 'base64'
  if (asked !== 'json' && asked !== 'resp2')
    throw new BadRequest('ERR unknown Upstash-Response-Format: it is json or resp2')
  if (asked === 'resp2' && isBase64)
    throw new BadRequest('ERR Upstash-Encoding base64 is not available with resp2')
  return asked === 'resp2' ? 'resp2' : isBase64 ? 'base64' : 'json'
}

function noPermission(name: string): RedisReplyError {
  return new RedisReplyError(
    `NOPERM this user has no permissions to run the '${name}' command or its subcommand`,
  )
}

function jsonResponse(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } })
}

function resp2Response(reply: RedisReply, status = 200): Response {
  const headers = { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' }
  return new Response(new Uint8Array(resp2(reply)), { status, headers })
}

function errorResponse(status: number, error: string): Response {
  return jsonResponse({ error }, status)
}

function failure(error: unknown, log: Log): Response {
  if (error instanceof BadRequest || error instanceof RedisReplyError)
    return errorResponse(400, error.message)
  if (error instanceof RedisUnavailable) return errorResponse(503, error.message)
  log.error('request failed', { error: (error as Error).name })
  return errorResponse(500, 'ERR internal error')
}
