/** The gateway as @upstash/redis sees it, over a real redis-server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Redis } from '@upstash/redis/cloudflare'
import { type Gateway, openGateway } from '../../cli/gateway/gateway.ts'
import { silentLog } from '../../src/log.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { until } from '../projector/support/until.ts'
import { needs } from '../support/needs.ts'

const withRedis = needs('redis-server', hasRedis)
let server: RedisServer
let gateway: Gateway

beforeAll(async () => {
  if (!hasRedis) return
  server = await startRedis()
  gateway = await openGateway({
    redisUrl: server.url,
    host: '127.0.0.1',
    port: 0,
    token: 'full',
    readOnlyToken: 'reader',
    log: silentLog,
    timeoutMs: 30_000,
  })
})
afterAll(async () => {
  await gateway?.stop()
  await server?.stop()
})
beforeEach(async () => {
  if (hasRedis) await server.client.send('FLUSHALL', [])
})

const client = (options: object = {}) =>
  new Redis({ url: gateway.url, token: 'full', retry: false, ...options })

/** As our cache uses it: exact texts, one request a call. */
const OURS = {
  automaticDeserialization: false,
  responseEncoding: false as const,
  enableAutoPipelining: false,
}

describe.each([
  ['as it comes, with auto-pipelining', {}],
  ['as the cache uses it', OURS],
])('a client %s', (_name, options) => {
  withRedis('stores and reads texts as they are, also one that spells a status', async () => {
    const redis = client({ ...options, automaticDeserialization: false })
    const texts = [
      'OK',
      'QUEUED',
      '',
      'Zoë 😀 \u202e \u0000 "\\',
      'T0s=',
      '9007199254740993',
      '1.10',
    ]

    for (const [n, text] of texts.entries()) expect(await redis.set(`k${n}`, text)).toBe('OK')

    const keys = texts.map((_text, n) => `k${n}`)
    expect(await Promise.all(keys.map((key) => redis.get<string>(key)))).toEqual(texts)
    expect(await redis.mget<(string | null)[]>(...keys, 'none')).toEqual([...texts, null])
  })

  withRedis('counts, keeps hashes and sorted sets, and goes through keys', async () => {
    const redis = client(options)

    expect(await redis.incr('n')).toBe(1)
    expect(await redis.hset('h', { a: 1, b: 'x' })).toBe(2)
    expect(await redis.zadd('z', { score: 1.5, member: 'm' }, { score: 2, member: 'n' })).toBe(2)
    expect(await redis.zrange<unknown[]>('z', 0, -1, { withScores: true })).toHaveLength(4)
    const [cursor, keys] = await redis.scan(0)
    expect([String(cursor), keys.sort()]).toEqual(['0', ['h', 'n', 'z']])
    expect(await redis.exists('h', 'none')).toBe(1)
  })

  withRedis('runs scripts, transactions and pipelines', async () => {
    const redis = client(options)

    expect(await redis.eval('return {1, ARGV[1], false}', [], ['ü'])).toEqual([1, 'ü', null])
    const [set, value, list] = await redis
      .multi()
      .set('k', 'OK')
      .get('k')
      .mget('k', 'none')
      .exec<[string, string, unknown[]]>()
    expect([set, value, list]).toEqual(['OK', 'OK', ['OK', null]])
    expect(await redis.pipeline().incr('n').get('k').exec<unknown[]>()).toEqual([1, 'OK'])
  })

  withRedis('is told what failed', async () => {
    const redis = client(options)
    await redis.lpush('list', 'x')

    await expect(redis.incr('list')).rejects.toThrow('WRONGTYPE')
    const partly = await redis
      .pipeline()
      .set('k', 'v')
      .incr('list')
      .get('k')
      .exec({ keepErrors: true })
    expect(partly.map(({ error }) => error?.slice(0, 9))).toEqual([
      undefined,
      'WRONGTYPE',
      undefined,
    ])
    await expect(redis.eval('return redis.nope()', [], [])).rejects.toThrow('ERR')
  })
})

withRedis('a thousand commands in one pipeline are answered in their order', async () => {
  const pipeline = client().pipeline()
  for (let n = 0; n < 1_000; n += 1) pipeline.set(`k${n}`, n)
  for (let n = 0; n < 1_000; n += 1) pipeline.get(`k${n}`)

  const answers = await pipeline.exec<unknown[]>()

  expect(answers.slice(0, 1_000).every((answer) => answer === 'OK')).toBeTrue()
  expect(answers.slice(1_000)).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
})

withRedis(
  'many clients at once get each its own answers, and transactions stay whole',
  async () => {
    const increments = Array.from({ length: 40 }, async (_, n) => {
      const redis = client()
      const [first, second] = await redis.multi().incr('shared').incr('shared').exec<number[]>()
      const own = await Promise.all([redis.set(`own${n}`, `v${n}`), redis.incr('alone')])
      return { gap: second! - first!, own: own[0], value: await redis.get<string>(`own${n}`), n }
    })

    for (const { gap, own, value, n } of await Promise.all(increments))
      expect([gap, own, value]).toEqual([1, 'OK', `v${n}`])
    expect(await client().mget<number[]>('shared', 'alone')).toEqual([80, 40])
  },
)

withRedis('a subscriber hears what is published, on a channel and by a pattern', async () => {
  const redis = client()
  const heard: unknown[] = []
  const channel = redis.subscribe<string>('news:1')
  channel.on('message', ({ channel, message }) => heard.push([channel, message]))
  const pattern = redis.psubscribe<string>('news:*')
  pattern.on('pmessage', ({ pattern, channel, message }) => heard.push([pattern, channel, message]))
  await until(async () => {
    const [, count] = (await server.client.send('PUBSUB', ['NUMSUB', 'news:1'])) as [string, number]
    return count === 1 && Number(await server.client.send('PUBSUB', ['NUMPAT'])) === 1
  }, 'both listen')

  // A pattern's listener is given JSON alone: the client drops what is none.
  expect(await redis.publish('news:1', ['a, b', '\n'])).toBe(2)
  await redis.publish('news:2', { ü: 1 })

  await until(() => heard.length === 3, 'all is heard')
  expect(heard).toContainEqual(['news:1', ['a, b', '\n']])
  expect(heard).toContainEqual(['news:*', 'news:1', ['a, b', '\n']])
  expect(heard).toContainEqual(['news:*', 'news:2', { ü: 1 }])
  await Promise.all([channel.unsubscribe(), pattern.unsubscribe()])
  await until(async () => {
    const [, count] = (await server.client.send('PUBSUB', ['NUMSUB', 'news:1'])) as [string, number]
    return count === 0
  }, 'nobody listens')
})

withRedis('a token that only reads reads, and does nothing else', async () => {
  const redis = client({ token: 'reader' })
  await client().set('k', 'v')

  expect(await redis.get<string>('k')).toBe('v')
  expect(await redis.ping()).toBe('PONG')
  const writes = [
    () => redis.set('k', 'w'),
    () => redis.del('k'),
    () => redis.eval('return 1', [], []),
    () => redis.publish('c', 'x'),
    () => redis.keys('*'),
    () => redis.scan(0),
    () => redis.flushall(),
    () => redis.multi().get('k').set('k', 'w').exec(),
  ]
  for (const write of writes) await expect(write()).rejects.toThrow('NOPERM')
  expect(await redis.get<string>('k')).toBe('v')
  await expect(client({ token: 'wrong' }).get('k')).rejects.toThrow('WRONGPASS')
})

withRedis(
  'a Redis that hangs, dies and comes back costs errors in time, and nothing else',
  async () => {
    const impatient = await openGateway({
      redisUrl: server.url,
      host: '127.0.0.1',
      port: 0,
      token: 'full',
      log: silentLog,
      timeoutMs: 300,
    })
    const redis = client({ url: impatient.url })
    await until(
      () =>
        redis.set('k', 'v').then(
          () => true,
          () => false,
        ),
      'it is set',
    )

    server.freeze()
    await expect(redis.get('k')).rejects.toThrow('does not answer in time')
    server.thaw()
    await until(
      () =>
        redis.get<string>('k').then(
          (v) => v === 'v',
          () => false,
        ),
      'it answers again',
    )

    await server.kill()
    await expect(redis.get('k')).rejects.toThrow('can not be reached')
    await expect(redis.multi().incr('n').exec()).rejects.toThrow('can not be reached')
    await server.restart()
    await until(
      () =>
        redis.set('k', 'w').then(
          () => true,
          () => false,
        ),
      'it is there again',
    )
    expect(await redis.mget<unknown[]>('k', 'n')).toEqual(['w', null])
    await impatient.stop()
  },
  180_000,
)

test('a client without a gateway fails; nothing here answers in its place', async () => {
  const redis = new Redis({ url: 'http://127.0.0.1:1', token: 'x', retry: false })

  await expect(redis.get('k')).rejects.toThrow()
})
