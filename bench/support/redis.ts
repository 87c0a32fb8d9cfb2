/**
 * A real Redis behind our own Upstash-REST door, each a process: what the API and its peer both ask. It is
 * ready to store answers.
 */
import type { RedisClient } from 'bun'
import { freePort } from '../../cli/stack/port.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { hasRedis, startRedis } from '../../test/cache/redis-server.ts'

export interface OpenRedis {
  client: RedisClient
  /** The variables that name it. */
  env: { UPSTASH_REDIS_REST_URL: string; UPSTASH_REDIS_REST_TOKEN: string }
  stop(): Promise<void>
}

const TOKEN = 'bench-gateway-token'

export async function openRedis(): Promise<OpenRedis> {
  if (!hasRedis) throw new Error('this bench wants a redis-server on the path')
  const redis = await startRedis()
  const port = await freePort()
  const gateway = Bun.spawn(
    [process.execPath, 'cli/pt.ts', 'gateway', '--redis', redis.url, '--port', String(port)],
    {
      cwd: new URL('../..', import.meta.url).pathname,
      env: { ...process.env, UPSTASH_REDIS_REST_TOKEN: TOKEN },
      stdout: 'ignore',
      stderr: 'inherit',
    },
  )
  const url = `http://127.0.0.1:${port}`
  while (!(await fetch(url).catch(() => undefined))) {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended with ${gateway.exitCode}`)
    await Bun.sleep(20)
  }
  // As a projector would have: without it nothing is stored.
  await new UpstashStore({ url, token: TOKEN }).raise(parseLsn('0/1'), [])
  return {
    client: redis.client,
    env: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: TOKEN },
    async stop() {
      gateway.kill()
      await gateway.exited
      await redis.stop()
    },
  }
}
