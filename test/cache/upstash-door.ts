/**
 * The part of the Upstash REST protocol that @upstash/redis speaks, in front of a real Redis:
 * single commands, /pipeline, /multi-exec, base64 encoding, bearer auth. And faults, to order.
 */
import type { RedisClient } from 'bun'

export type Fault =
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head of an answer, and never its body. */
  | 'half'
  | 'html-500'
  | 'garbage'
  /** A Redis error, with the command in it. */
  | 'oom'
  /** Answers of a shape that the command does not have. */
  | 'wrong-shape'

export interface UpstashDoor {
  url: string
  token: string
  /** Null: works. */
  fault: Fault | null
  /** How many requests came in, faulty ones too. */
  requests: number
  stop(): Promise<void>
}

type Command = (string | number)[]
type Reply = { result: unknown } | { error: string }

export function openDoor(redis: RedisClient): UpstashDoor {
  const token = 'door-token'
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle, idleTimeout: 0 })

  async function handle(request: Request): Promise<Response> {
    door.requests += 1
    if (door.fault) return faulty(door.fault)
    if (request.headers.get('authorization') !== `Bearer ${token}`) {
      return Response.json({ error: 'WRONGPASS invalid or missing auth token' }, { status: 401 })
    }
    const encoded = request.headers.get('upstash-encoding') === 'base64'
    const shown = (result: unknown) => (encoded ? encode(result) : result)
    const reply = async (command: Command): Promise<Reply> => {
      try {
        const result = await redis.send(String(command[0]), command.slice(1).map(String))
        return { result: shown(result) }
      } catch (error) {
        return { error: (error as Error).message }
      }
    }
    const body: unknown = await request.json()
    const { pathname } = new URL(request.url)
    if (pathname === '/pipeline') {
      const replies: Reply[] = []
      for (const command of body as Command[]) replies.push(await reply(command))
      return Response.json(replies)
    }
    if (pathname === '/multi-exec')
      return Response.json(await transaction(redis, body as Command[], shown))
    const answer = await reply(body as Command)
    return Response.json(answer, { status: 'error' in answer ? 400 : 200 })
  }

  const door: UpstashDoor = {
    url: `http://127.0.0.1:${server.port}`,
    token,
    fault: null,
    requests: 0,
    stop: () => server.stop(true),
  }
  return door
}

/** The door's one connection runs a transaction's commands one after the other. */
async function transaction(
  redis: RedisClient,
  commands: Command[],
  shown: (result: unknown) => unknown,
): Promise<Reply[] | Reply> {
  await redis.send('MULTI', [])
  for (const [name, ...args] of commands) {
    try {
      await redis.send(String(name), args.map(String))
    } catch (error) {
      await redis.send('DISCARD', [])
      return { error: (error as Error).message }
    }
  }
  const results: unknown[] = await redis.send('EXEC', [])
  return results.map((result) => ({ result: shown(result) }))
}

/** Every string, at any depth, except the status OK. */
function encode(result: unknown): unknown {
  return result === 'OK' ? 'OK' : encodeDeep(result)
}

function encodeDeep(result: unknown): unknown {
  if (typeof result === 'string') return Buffer.from(result).toString('base64')
  return Array.isArray(result) ? result.map(encodeDeep) : result
}

function faulty(fault: Fault): Response | Promise<Response> {
  switch (fault) {
    case 'hang':
      return new Promise(() => {})
    case 'half':
      return new Response(
        new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode('{"re')) }),
      )
    case 'html-500':
      return new Response('<html>Bad gateway for cust:anna</html>', { status: 500 })
    case 'garbage':
      return new Response('\u0000\u0001{{{')
    case 'oom':
      return Response.json({ error: "OOM command not allowed for 'pt:secret'" }, { status: 400 })
    case 'wrong-shape':
      return Response.json({ result: { surprise: [1] } })
  }
}
