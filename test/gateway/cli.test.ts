import { expect } from 'bun:test'
import { Redis } from '@upstash/redis/cloudflare'
import { hasRedis, startRedis } from '../cache/redis-server.ts'
import { needs } from '../support/needs.ts'
import { ownPort } from '../support/ports.ts'
import { pt, startPt, temporaryDirectory, until } from '../support/pt.ts'

const withRedis = needs('redis-server', hasRedis)
const NO_TOKENS = { UPSTASH_REDIS_REST_TOKEN: '', UPSTASH_REDIS_REST_READONLY_TOKEN: '' }

withRedis(
  'pt gateway prints what a client needs, keeps its token, and ends when told',
  async () => {
    const data = await temporaryDirectory()
    const redis = await startRedis()
    const tokens: string[] = []
    for (let run = 0; run < 2; run += 1) {
      const port = String(await ownPort())
      const args = ['gateway', '--redis', redis.url, '--port', port, '--data', data.path, '--json']
      const gateway = startPt(args, NO_TOKENS)
      const printed = await until(() => gateway.output.stdout || undefined, 'it listens')
      const { url, token } = JSON.parse(printed) as { url: string; token: string }
      expect(await new Redis({ url, token, retry: false }).incr('runs')).toBe(run + 1)
      tokens.push(token)
      gateway.signal('SIGTERM')
      expect((await gateway.finished).code).toBe(0)
    }

    expect(tokens[0]).toBe(tokens[1]!)
    expect(tokens[0]!.length).toBeGreaterThan(40)
    await redis.stop()
    await data.remove()
  },
)

withRedis('pt gateway says in one line what is wrong with its Redis', async () => {
  const redis = await startRedis()
  await redis.client.send('CONFIG', ['SET', 'requirepass', 'secret'])
  const data = await temporaryDirectory()
  const gateway = async (url: string) =>
    pt(
      ['gateway', '--redis', url, '--port', String(await ownPort()), '--data', data.path],
      NO_TOKENS,
    )

  const { code, stderr } = await gateway(redis.url)
  expect([code, stderr]).toEqual([1, expect.stringContaining('NOAUTH')])
  const other = await gateway('http://127.0.0.1')
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('redis://')])
  await redis.stop()
  await data.remove()
})
