/** What is done to the parts that the API stands on, and how it is mended. */
import type { RedisServer } from '../cache/redis-server.ts'
import type { ProjectorHandle } from '../faults/projector-handle.ts'
import type { TcpProxy } from '../projector/support/tcp-proxy.ts'

export interface Parts {
  redis: RedisServer
  /** Between the gateway and Redis. */
  redisProxy: TcpProxy
  /** Between the API and the read store. */
  readProxy: TcpProxy
  projector: ProjectorHandle
}

interface Scenario {
  name: string
  strike(parts: Parts): unknown
  mend(parts: Parts): unknown
}

const configure = (name: string, value: string) => (parts: Parts) =>
  parts.redis.client.send('CONFIG', ['SET', name, value])

export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing', strike() {}, mend() {} },
  {
    name: 'Redis killed',
    strike: ({ redis }) => redis.kill(),
    mend: ({ redis }) => redis.restart(),
  },
  {
    name: 'Redis killed and started again at once, empty',
    async strike({ redis }) {
      await redis.kill()
      await redis.restart()
    },
    mend() {},
  },
  {
    name: 'Redis frozen: it takes connections and answers nothing',
    strike: ({ redis }) => redis.freeze(),
    mend: ({ redis }) => redis.thaw(),
  },
  {
    name: 'Redis slow: 40 ms more for an answer',
    strike({ redisProxy }) {
      redisProxy.delayMs = 20
    },
    mend({ redisProxy }) {
      redisProxy.delayMs = 0
    },
  },
  {
    name: 'Redis very slow: 400 ms more for an answer',
    strike({ redisProxy }) {
      redisProxy.delayMs = 200
    },
    mend({ redisProxy }) {
      redisProxy.delayMs = 0
    },
  },
  {
    name: 'Redis full: it takes no write',
    strike: configure('maxmemory', '1'),
    mend: configure('maxmemory', '0'),
  },
  {
    name: 'Read store killed: connections are cut and refused',
    strike: ({ readProxy }) => readProxy.refuse(),
    mend: ({ readProxy }) => readProxy.accept(),
  },
  {
    name: 'Read store frozen: connections go dead, new ones are not answered',
    strike: ({ readProxy }) => readProxy.freeze(),
    mend({ readProxy }) {
      readProxy.thaw()
      readProxy.reset()
    },
  },
  {
    name: 'Projector stopped',
    strike: ({ projector }) => projector.signal('SIGSTOP'),
    mend: ({ projector }) => projector.signal('SIGCONT'),
  },
]
