/** What happens to the cache and to the projector while everybody asks. Each ends with all well again. */
import type { RedisServer } from '../cache/redis-server.ts'
import type { Fault, UpstashDoor } from '../cache/upstash-door.ts'

interface Struck {
  redis: RedisServer
  /** The way of one of the two APIs to the gateway. */
  door: UpstashDoor
  projector: {
    /** SIGKILL, and another one in its place. */
    replace(): Promise<void>
    /** SIGSTOP. */
    pause(): void
    resume(): void
  }
}

const FOR_MS = 300

const doored =
  (fault: Fault) =>
  async ({ door }: Struck) => {
    door.fault = fault
    await Bun.sleep(FOR_MS)
    door.fault = null
  }

async function keysOf({ client }: RedisServer): Promise<string[]> {
  return client.send('KEYS', ['pt:*'])
}

export const FAULTS: Record<string, (struck: Struck) => Promise<void>> = {
  'redis killed': async ({ redis }) => {
    await redis.kill()
    await Bun.sleep(FOR_MS)
    await redis.restart()
  },
  'redis flushed': async ({ redis }) => {
    await redis.client.send('FLUSHALL', [])
  },
  'redis hangs': async ({ redis }) => {
    redis.freeze()
    await Bun.sleep(FOR_MS)
    redis.thaw()
  },
  'redis full': async ({ redis }) => {
    await redis.client.send('CONFIG', ['SET', 'maxmemory', '1'])
    await Bun.sleep(FOR_MS)
    await redis.client.send('CONFIG', ['SET', 'maxmemory', '0'])
  },
  'redis evicts half of its keys': async ({ redis }) => {
    const keys = (await keysOf(redis)).filter((_key, n) => n % 2 === 0)
    if (keys.length > 0) await redis.client.send('DEL', keys)
  },
  'redis holds rubbish': async ({ redis }) => {
    for (const [n, key] of (await keysOf(redis)).entries())
      if (n % 2 === 0)
        await redis.client.send('SET', [key, ['', 'zzz', '{}', '0'.repeat(54)][n % 4]!])
  },
  'the gateway hangs': doored('hang'),
  'the gateway answers half': doored('half'),
  'the gateway answers rubbish': doored('garbage'),
  'the gateway answers another shape': doored('wrong-shape'),
  'the gateway answers errors': doored('oom'),
  'projector killed': ({ projector }) => projector.replace(),
  'projector stopped': async ({ projector }) => {
    projector.pause()
    await Bun.sleep(FOR_MS)
    projector.resume()
  },
}
