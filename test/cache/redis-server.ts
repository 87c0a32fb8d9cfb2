/** A real redis-server of a test's own, in memory only, on a socket in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisClient } from 'bun'

export const hasRedis = Bun.which('redis-server') !== null

export interface RedisServer {
  client: RedisClient
  stop(): Promise<void>
}

export async function startRedis(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'pt-redis-'))
  const socket = join(directory, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', directory]
  const server = Bun.spawn(['redis-server', ...options], { stdout: 'ignore', stderr: 'ignore' })
  const kill = () => server.kill('SIGKILL')
  process.once('exit', kill)
  const client = await connected(`redis+unix://${socket}`, server)
  return {
    client,
    async stop() {
      client.close()
      process.off('exit', kill)
      kill()
      await server.exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Resolves when the server answers; rejects when it has ended. */
async function connected(url: string, server: Bun.Subprocess): Promise<RedisClient> {
  while (server.exitCode === null) {
    const client = new RedisClient(url, { autoReconnect: false })
    try {
      await client.send('PING', [])
      return client
    } catch {
      client.close()
      await Bun.sleep(5)
    }
  }
  throw new Error(`redis-server ended with ${server.exitCode}`)
}
