/** The gateway as the tests of the cache use it: with faults, to order, in front. */
import { openGateway } from '../../cli/gateway/gateway.ts'
import { silentLog } from '../../src/log.ts'
import type { RedisServer } from './redis-server.ts'

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

const TOKEN = 'door-token'

export async function openDoor(redis: Pick<RedisServer, 'url'>): Promise<UpstashDoor> {
  const gateway = await openGateway({
    redisUrl: redis.url,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    log: silentLog,
  })
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle, idleTimeout: 0 })

  async function handle(request: Request): Promise<Response> {
    door.requests += 1
    if (door.fault) return faulty(door.fault)
    const { pathname, search } = new URL(request.url)
    const { method, headers } = request
    const body = await request.arrayBuffer()
    return fetch(`${gateway.url}${pathname}${search}`, { method, headers, body })
  }

  const door: UpstashDoor = {
    url: `http://127.0.0.1:${server.port}`,
    token: TOKEN,
    fault: null,
    requests: 0,
    async stop() {
      await server.stop(true)
      await gateway.stop()
    },
  }
  return door
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
