/** A real redis-server of a test's own, in memory only, on a socket in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisClient } from 'bun'

export const hasRedis = Bun.which('redis-server') !== null

export interface RedisServer {
  url: string
  /** A connection for the test itself; another one after a restart. */
  readonly client: RedisClient
  /** Ends at once, with all that it held; nothing listens then. */
  kill(): Promise<void>
  /** Starts again, empty, where it was. */
  restart(): Promise<void>
  /** Takes connections, and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** @param port of 127.0.0.1 instead of the socket */
export async function startRedis(port?: number): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'pt-redis-'))
  const socket = join(directory, 'redis.sock')
  const url = port ? `redis://127.0.0.1:${port}` : `redis+unix://${socket}`
  const where = port ? ['--port', String(port)] : ['--port', '0', '--unixsocket', socket]
  const options = [...where, '--save', '', '--dir', directory]
  let server: Bun.Subprocess
  let client: RedisClient
  const start = async () => {
    server = Bun.spawn(['redis-server', ...options], { stdout: 'ignore', stderr: 'ignore' })
    client = await connected(url, server)
  }
  const end = () => server.kill('SIGKILL')
  const kill = async () => {
    client.close()
    end()
    await server.exited
  }
  process.once('exit', end)
  await start()
  return {
    url,
    get client() {
      return client
    },
    kill,
    restart: start,
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    async stop() {
      process.off('exit', end)
      await kill()
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
